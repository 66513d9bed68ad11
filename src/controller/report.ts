// Report: a problem or file failure with the place where its owner wrote it; the one form in which logs and `check` show both.
import { type ObjectRef, type Problem, type ProblemSeverity, renderObjectRef } from '../model/index.ts';
import { escapeUnprintable } from '../std/printable.ts';
import type { FileFailure, FileLocation } from '../sources/index.ts';
import { compareText } from '../std/compare-text.ts';

export interface Report {
  /** Null: no source knows where the object is written. */
  readonly location: FileLocation | null;
  readonly severity: ProblemSeverity;
  /** A ProblemCode or a FileFailureCode. */
  readonly code: string;
  readonly object: ObjectRef | null;
  readonly field: string;
  readonly message: string;
  /** True: an earlier, good version is still in force. */
  readonly lastGoodServes: boolean;
}

/** Where a field of an object is written. */
export type Locate = (ref: ObjectRef, field: string) => FileLocation | null;

export function reportOfFailure(failure: FileFailure): Report {
  const { file, line, severity, code, object, field, message, lastGoodServes } = failure;
  return { location: { file, line }, severity, code, object, field, message, lastGoodServes };
}

export function reportOfProblem(problem: Problem, locate: Locate): Report {
  const { severity, code, object, field, message } = problem;
  return { location: locate(object, field), severity, code, object, field, message, lastGoodServes: false };
}

/** `file:line: severity: Kind ns/name: field: message [Code]`, one printable line; parts that are not known are left out. */
export function renderReport(report: Report): string {
  const place = renderLocation(report.location);
  return escapeUnprintable(
    `${place === '' ? '' : `${place}: `}${report.severity}: ${renderReportBody(report)}`,
  );
}

/** The report without place and severity, for logs that have fields for these. */
export function renderReportBody({ object, field, message, code }: Report): string {
  const parts = [object === null ? '' : renderObjectRef(object), field, message].filter(
    (part) => part !== '',
  );
  return `${parts.join(': ')} [${code}]`;
}

/** `file:line`, or the file alone when no line is known; empty for no place. */
export function renderLocation(location: FileLocation | null): string {
  if (location === null) return '';
  return location.line === 0 ? location.file : `${location.file}:${location.line}`;
}

/** By file, line, object, field, message; what has no place comes last. */
export function compareReports(a: Report, b: Report): number {
  return (
    compareText(a.location?.file ?? '\uffff', b.location?.file ?? '\uffff') ||
    (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
    compareText(textOf(a), textOf(b))
  );
}

function textOf({ object, field, message }: Report): string {
  return `${object === null ? '' : renderObjectRef(object)}\0${field}\0${message}`;
}
