// What the errors of a watch mean: an ERROR frame as the refusal that it is, and which refusals ask for a new list.
import { ApiStatusError, ApiUnavailableError } from './api-client.ts';
import type { RawObject } from './held-objects.ts';
import { ApiTooLargeError } from './http-exchange.ts';
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

/**
 * What an error says of the version that was asked for. Errors of an absent or busy server say nothing; of others the version
 * may be the cause. What cannot be taken will not be taken when it is sent again. `wasOpened`: the watch had been accepted.
 */
export function doubtOf(error: unknown, wasOpened: boolean): 'fine' | 'doubtful' | 'wrong' {
  if (error instanceof ApiStatusError) {
    if (error.status === 404) return 'wrong';
    return isBusy(error.status) ? 'fine' : 'doubtful';
  }
  if (error instanceof ApiTooLargeError || !(error instanceof ApiUnavailableError)) return 'wrong';
  return wasOpened ? 'doubtful' : 'fine';
}

/** Not allowed now, too many requests, or a server that is starting, stopping or behind. */
function isBusy(status: number): boolean {
  return status === 401 || status === 403 || status === 429 || status === 503 || status === 504;
}
