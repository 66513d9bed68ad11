// ProblemLog: tells what went wrong and what was put right since the last step, once each, with file and line.
import type { FileFailure } from '../sources/index.ts';
import type { Problem } from '../model/index.ts';
import {
  type Locate,
  type Report,
  renderLocation,
  renderReportBody,
  reportOfFailure,
  reportOfProblem,
} from './report.ts';

/** The part of a logger that the controller needs: fields, then the message. */
export interface ControllerLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

/** One step logs at most so many problems; a first load of thousands would drown everything else. */
const maxLines = 50;

export class ProblemLog {
  readonly #log: ControllerLog;
  readonly #locate: Locate;
  #failures = new Map<string, FileFailure>();
  #lines = 0;
  #suppressed = 0;

  constructor(log: ControllerLog, locate: Locate) {
    this.#log = log;
    this.#locate = locate;
  }

  /** File failures, the whole present list. */
  tellFailures(failures: readonly FileFailure[]): void {
    const present = new Map(failures.map((failure) => [keyOfFailure(failure), failure]));
    for (const [key, failure] of present) {
      if (!this.#failures.has(key)) this.#tell(() => reportOfFailure(failure));
    }
    for (const [key, failure] of this.#failures) {
      if (!present.has(key)) this.#tellSolved(() => reportOfFailure(failure));
    }
    this.#failures = present;
  }

  /** The problems of one object before and after a step. */
  tellProblems(before: readonly Problem[], after: readonly Problem[]): void {
    const known = new Set(before.map(keyOfProblem));
    const present = new Set(after.map(keyOfProblem));
    for (const problem of after) {
      if (!known.has(keyOfProblem(problem))) this.#tell(() => reportOfProblem(problem, this.#locate));
    }
    for (const problem of before) {
      if (!present.has(keyOfProblem(problem))) this.#tellSolved(() => reportOfProblem(problem, () => null));
    }
  }

  /** Ends a step: says how much was left out. */
  endStep(): void {
    if (this.#suppressed > 0) {
      this.#log.warn(
        { count: this.#suppressed },
        `${this.#suppressed} more problems; "sallyport check" lists all`,
      );
    }
    this.#lines = 0;
    this.#suppressed = 0;
  }

  #tell(makeReport: () => Report): void {
    this.#lines += 1;
    if (this.#lines > maxLines) {
      this.#suppressed += 1;
      return;
    }
    const report = makeReport();
    const place = renderLocation(report.location);
    const lastGood = report.lastGoodServes ? '; the last good version keeps serving' : '';
    const message = `${place === '' ? '' : `${place}: `}${renderReportBody(report)}${lastGood}`;
    if (report.severity === 'error') this.#log.error({ code: report.code }, message);
    else if (report.severity === 'warning') this.#log.warn({ code: report.code }, message);
    else this.#log.info({ code: report.code }, message);
  }

  #tellSolved(makeReport: () => Report): void {
    this.#lines += 1;
    if (this.#lines > maxLines) return;
    const report = makeReport();
    this.#log.info({ code: report.code }, `no longer: ${renderReportBody(report)}`);
  }
}

/** Without the line, which moves with every edit above it. */
function keyOfFailure({ file, code, object, field, message }: FileFailure): string {
  return JSON.stringify([file, code, object, field, message]);
}

function keyOfProblem({ code, severity, object, field, message }: Problem): string {
  return JSON.stringify([code, severity, object, field, message]);
}
