// AdmissionReview (admission.k8s.io/v1): what the API server asks and what it is answered, as JSON. The answer has the version and
// the uid of the question, or the API server takes it for none.
import { isJsonObject } from '../../kube/index.ts';
import { quoteText } from './quote-text.ts';

export const reviewVersion = 'admission.k8s.io/v1';

/** The part of `AdmissionRequest` that decisions are made of. Texts that are absent are empty. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource: string;
  readonly operation: string;
  readonly namespace: string;
  readonly name: string;
  /** As it came; null where there is none. */
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** `meta/v1 Status` of a refusal. */
export interface RefusalStatus {
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly code: number;
  readonly details?: {
    readonly name: string;
    readonly group: string;
    readonly kind: string;
    readonly causes: readonly RefusalCause[];
  };
}

export interface RefusalCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface Decision {
  /** Null: allowed. */
  readonly refusal: RefusalStatus | null;
  readonly warnings: readonly string[];
}

export type ReviewResult =
  | { readonly ok: true; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly message: string };

/** `bytes`: the body of the API server's call. */
export function parseReview(bytes: Uint8Array): ReviewResult {
  let review: unknown;
  try {
    review = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'no JSON' : 'no UTF-8';
    return { ok: false, message: `the body is ${reason}, wanted an AdmissionReview as JSON` };
  }
  if (!isJsonObject(review))
    return { ok: false, message: 'the body is no JSON object, wanted an AdmissionReview' };
  const { apiVersion, kind, request } = review;
  if (kind !== 'AdmissionReview' || apiVersion !== reviewVersion) {
    const actual = `kind ${quoteText(textOf(kind))} of ${quoteText(textOf(apiVersion))}`;
    return {
      ok: false,
      message: `the body is of ${actual}, wanted kind "AdmissionReview" of "${reviewVersion}"`,
    };
  }
  if (!isJsonObject(request)) return { ok: false, message: 'the AdmissionReview has no request' };
  const uid = textOf(request['uid']);
  if (uid === '') return { ok: false, message: 'the request of the AdmissionReview has no uid' };
  return { ok: true, request: readRequest(uid, request) };
}

function readRequest(uid: string, request: Readonly<Record<string, unknown>>): AdmissionRequest {
  const resource = isJsonObject(request['resource']) ? request['resource'] : {};
  return {
    uid,
    resource: {
      group: textOf(resource['group']),
      version: textOf(resource['version']),
      resource: textOf(resource['resource']),
    },
    subResource: textOf(request['subResource']),
    operation: textOf(request['operation']),
    namespace: textOf(request['namespace']),
    name: textOf(request['name']),
    object: request['object'] ?? null,
    oldObject: request['oldObject'] ?? null,
  };
}

export function renderReview(uid: string, { refusal, warnings }: Decision): string {
  return JSON.stringify({
    apiVersion: reviewVersion,
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: refusal === null,
      ...(refusal === null ? {} : { status: refusal }),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
