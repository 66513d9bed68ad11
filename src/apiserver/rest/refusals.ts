// Refusals that only the REST layer speaks, in the API server's words (apimachinery pkg/api/errors, apiserver pkg/storage).
import { type ApiError, failure } from '../api-error.ts';

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
  const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' };
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return failure(504, 'Timeout', message, { causes: [cause], retryAfterSeconds: 1 });
}
