// Refusals that only the REST layer speaks, in the API server's words (apimachinery pkg/api/errors, apiserver pkg/storage).
import { type FieldError, goQuote } from '../../kube/index.ts';
import { ApiError, failure, invalid } from '../api-error.ts';

export function requestTooLarge(maxBytes: number): ApiError {
  const message = `Request entity too large: limit is ${maxBytes}`;
  return failure(413, 'RequestEntityTooLarge', message);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure(415, 'UnsupportedMediaType', message);
}

export function expired(message: string): ApiError {
  return failure(410, 'Expired', message);
}

/** A resourceVersion that nothing has yet. */
export function revisionTooLarge(wanted: number, current: number): ApiError {
  const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' };
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return failure(504, 'Timeout', message, { causes: [cause], retryAfterSeconds: 1 });
}

/** What the API server says of a method that a path does not have. */
export function methodNotAllowed(): ApiError {
  const message = 'the server does not allow this method on the requested resource';
  return failure(405, 'MethodNotAllowed', message, {});
}

/** A value outside of an enumeration that is told in its own order, where most are sorted. */
export function notAmongError(field: string, value: string, supported: readonly string[]): FieldError {
  const detail = `supported values: ${supported.map(goQuote).join(', ')}`;
  return { type: 'NotSupported', field, value, detail };
}

/** 422 about what is no object of a kind. */
export function invalidWithoutKind(group: string, errors: readonly FieldError[]): ApiError {
  const { status } = invalid('', group, '', errors);
  const causes = status.details?.causes ?? [];
  return new ApiError({ ...status, details: { ...(group === '' ? {} : { group }), causes } });
}
