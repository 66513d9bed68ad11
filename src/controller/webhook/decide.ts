// The decision about one review: of the review and of what the translator knows, of nothing else. Whatever is not an Ingress of ours
// that is created or changed is allowed.
import { type FieldError, type Ingress, renderFieldErrorBody } from '../../kube/index.ts';
import { objectKey } from '../../model/index.ts';
import type { IngressChange, TryOut } from '../../translate/index.ts';
import type { AdmissionRequest, Decision, RefusalStatus } from './admission-review.ts';
import { lineOf } from './quote-text.ts';
import { findBrokenRules, readIngress } from './read-ingress.ts';
import { type Finding, weighChange } from './weigh-change.ts';

/** The part of translate's Translator that is asked. */
export interface TryingTranslator {
  readonly tryOut: (change: IngressChange, nowMs: number) => TryOut;
}

export interface DecideParts {
  readonly translator: TryingTranslator;
  /** Whether the controller looks at the Ingresses of a namespace. */
  readonly isWatched: (namespace: string) => boolean;
  readonly nowMs: number;
  /** Told of what should not happen: a fault of this program. */
  readonly onFault: (error: unknown, request: AdmissionRequest) => void;
}

/** Those that API servers show: longer warnings are cut there, and more of them replaced by a shorter form. */
const maxWarningChars = 256;
const maxWarnings = 15;
const maxCauses = 50;
const maxMessageChars = 1_000;

const allowed: Decision = { refusal: null, warnings: [] };

/** Never throws. */
export function decide(request: AdmissionRequest, parts: DecideParts): Decision {
  try {
    return isOfIngress(request) ? decideIngress(request, parts) : allowed;
  } catch (error) {
    parts.onFault(error, request);
    return { refusal: faultStatus(error), warnings: [] };
  }
}

function isOfIngress({ resource, subResource, operation }: AdmissionRequest): boolean {
  const isResource =
    resource.group === 'networking.k8s.io' && resource.version === 'v1' && resource.resource === 'ingresses';
  return isResource && subResource === '' && (operation === 'CREATE' || operation === 'UPDATE');
}

function decideIngress(request: AdmissionRequest, parts: DecideParts): Decision {
  const { operation, namespace, name } = request;
  if (!parts.isWatched(namespace)) return allowed;
  const read = readIngress(request.object, namespace, name);
  if (!read.ok) return refuse(name, [{ field: '', message: read.message, reason: 'FieldValueInvalid' }], []);
  const after = read.ingress;
  const { deletionTimestamp } = after.metadata;
  if (deletionTimestamp !== undefined && deletionTimestamp !== null) return allowed;
  const isCreate = operation === 'CREATE';
  const old = isCreate ? null : readIngress(request.oldObject, namespace, name);
  const before = old?.ok === true ? old.ingress : null;
  return judge(after, before, isCreate, parts);
}

function judge(after: Ingress, before: Ingress | null, isCreate: boolean, parts: DecideParts): Decision {
  const { namespace = '', name } = after.metadata;
  const tried = parts.translator.tryOut({ before, after }, parts.nowMs);
  const { ownership, own } = tried.after;
  if (!ownership.owned && own.length === 0) return allowed;
  const { refusals, warnings } = weighChange(tried, objectKey(namespace, name), isCreate);
  const broken = findBrokenRules(after, before).map(findingOfRule);
  const all = [...broken, ...refusals];
  return all.length === 0
    ? { refusal: null, warnings: renderWarnings(warnings) }
    : refuse(name, all, warnings);
}

function findingOfRule(error: FieldError): Finding {
  return { field: error.field, message: renderFieldErrorBody(error), reason: `FieldValue${error.type}` };
}

function refuse(name: string, findings: readonly Finding[], warnings: readonly Finding[]): Decision {
  const causes = findings.slice(0, maxCauses).map(({ field, message, reason }) => ({
    reason,
    message: lineOf(message, maxMessageChars),
    field: lineOf(field, maxWarningChars),
  }));
  const texts = [...new Set(causes.map(({ field, message }) => joinParts(field, message)))];
  const more = findings.length - causes.length;
  const list = more > 0 ? [...texts, `and ${more} more`] : texts;
  const refusal: RefusalStatus = {
    status: 'Failure',
    message: `Sallyport would not serve it: ${list.join('; ')}`,
    reason: 'Invalid',
    code: 422,
    details: { name, group: 'networking.k8s.io', kind: 'Ingress', causes },
  };
  return { refusal, warnings: renderWarnings(warnings) };
}

function faultStatus(error: unknown): RefusalStatus {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    status: 'Failure',
    message: lineOf(
      `Sallyport could not judge the object, which is a fault of that program and not of the object: ${reason}; it is refused because nobody knows what it would do`,
      maxMessageChars,
    ),
    reason: 'InternalError',
    code: 500,
  };
}

function renderWarnings(warnings: readonly Finding[]): string[] {
  const texts = [
    ...new Set(warnings.map(({ field, message }) => lineOf(joinParts(field, message), maxWarningChars))),
  ];
  if (texts.length <= maxWarnings) return texts;
  return [...texts.slice(0, maxWarnings), `and ${texts.length - maxWarnings} more warnings of Sallyport`];
}

function joinParts(field: string, message: string): string {
  return field === '' ? message : `${field}: ${message}`;
}
