// What the errors of a watch mean: an ERROR frame as the refusal that it is, and which refusals ask for a new list.
import { ApiStatusError } from './api-client.ts';
import type { RawObject } from './held-objects.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The Status of an ERROR frame. */
export function faultOf(status: RawObject): ApiStatusError {
  const { code, reason, message } = status;
  return new ApiStatusError(
    typeof code === 'number' ? code : 0,
    typeof reason === 'string' ? reason : '',
    typeof message === 'string' ? message : 'the watch ended with an error',
    parseRetryAfter(undefined, status, 0),
  );
}

/** The version that was asked for is forgotten. */
export function isExpired(error: unknown): boolean {
  if (!(error instanceof ApiStatusError)) return false;
  return error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone';
}

/** Not allowed now, too many requests, or a server that is starting, stopping or behind. */
export function isBusy(status: number): boolean {
  return status === 401 || status === 403 || status === 429 || status === 503 || status === 504;
}
