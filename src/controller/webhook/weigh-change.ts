// What of a try-out speaks against the change, and what is only worth saying: the change is refused for what its new version
// causes and the old one did not, never for an object that is missing, since the order of an apply is free.
import { refKey, splitObjectKey, renderObjectRef, type Problem } from '../../model/index.ts';
import type { PathConflict, TryOut } from '../../translate/index.ts';
import { notIn } from './not-in.ts';
import { quoteText } from './quote-text.ts';

export interface Finding {
  readonly field: string;
  readonly message: string;
  /** Of a Status cause. */
  readonly reason: string;
}

export interface Weighed {
  readonly refusals: readonly Finding[];
  /** Most serious first. */
  readonly warnings: readonly Finding[];
}

type Key = PathConflict['winner']['ingress'];

/** `key`: of the Ingress that changes. */
export function weighChange({ before, after }: TryOut, key: Key, isCreate: boolean): Weighed {
  const newConflicts = notIn(after.conflicts, before.conflicts, conflictKey);
  // Errors of paths are told as conflicts, by the name of the Ingress rather than of the route.
  const ofPaths = ({ code, severity }: Problem): boolean =>
    code === 'HostPathConflict' && severity === 'error';
  const own = after.own.filter((problem) => !ofPaths(problem));
  const errors = own.filter(speaksAgainst);
  const newErrors = notIn(errors, before.own.filter(speaksAgainst), problemKey);
  const taken = notIn(after.neighbours, before.neighbours, problemKey);
  const [freshErrors, freshConflicts] = [new Set(newErrors), new Set(newConflicts)];
  const oldErrors = errors.filter((each) => !freshErrors.has(each));
  const lost = after.conflicts.filter((each) => each.loser.ingress === key && !freshConflicts.has(each));
  const rest = [...own.filter((each) => !speaksAgainst(each)), ...after.references].sort(bySeverity);
  return {
    refusals: [
      ...newConflicts.map((conflict) => findingOfConflict(conflict, key, '')),
      ...newErrors.map(findingOf),
      ...taken.map(findingOfNeighbour),
    ],
    warnings: [
      ...lost.map((conflict) => findingOfConflict(conflict, key, '; this path has no effect')),
      ...oldErrors.map(findingOf),
      ...rest.filter((problem) => !isToldByServer(problem, isCreate)).map(findingOf),
    ],
  };
}

/**
 * A host shared by namespaces, each with a `tls` entry and a copy of the certificate, is common where ingress-nginx was: its paths are
 * served, by the certificate of the oldest.
 */
function speaksAgainst({ severity, code }: Problem): boolean {
  return severity === 'error' && code !== 'TlsHostConflict';
}

const ranks: Readonly<Record<Problem['severity'], number>> = { error: 0, warning: 1, info: 2 };

function bySeverity(a: Problem, b: Problem): number {
  return ranks[a.severity] - ranks[b.severity];
}

/** Without the field: a rule that moves within its object is no new one. */
function problemKey({ object, code, message }: Problem): string {
  return `${refKey(object)}\0${code}\0${message}`;
}

/** Whose path it is and where, whichever rule of the object says so. */
function conflictKey({ host, winner, loser }: PathConflict): string {
  const { kind, path } = loser.route.match;
  return [host, kind, path, winner.ingress, loser.ingress].join('\0');
}

function findingOfConflict({ host, winner, loser }: PathConflict, key: Key, effect: string): Finding {
  const [own, other] = loser.ingress === key ? [loser, winner] : [winner, loser];
  const { namespace, name } = splitObjectKey(other.ingress);
  const place = host === '' ? 'without host' : `host ${quoteText(host)}`;
  const message = `${place} path ${quoteText(own.route.match.path)} is already served by Ingress ${namespace}/${name}${effect}`;
  return { field: `${own.field}.path`, message, reason: 'FieldValueDuplicate' };
}

function findingOf({ code, field, message }: Problem): Finding {
  return { field, message: reword(code, message), reason: 'FieldValueInvalid' };
}

/** What this object would do to another one. */
function findingOfNeighbour({ object, field, message }: Problem): Finding {
  return {
    field: 'spec',
    message: `it would take from ${renderObjectRef(object)}, at ${field}: ${message}`,
    reason: 'FieldValueDuplicate',
  };
}

/** A controller that may not list Secrets reads them when an Ingress names them, and not before. */
function reword(code: Problem['code'], message: string): string {
  return code === 'SecretNotFound'
    ? message.replace(' does not exist; ', ' is not known to the controller so far; until it is, ')
    : message;
}

/** The API server warns of the annotation itself when an object is created. */
function isToldByServer({ code }: Problem, isCreate: boolean): boolean {
  return isCreate && code === 'DeprecatedClassAnnotation';
}
