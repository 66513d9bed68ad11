// PatchError: a patch that cannot be applied, in Go's words, and the Status that the client gets for it.
import { type ApiError, badRequest, failure } from '../api-error.ts';

/**
 * `malformed`: the patch is no patch (400). `too-many`: more operations than allowed (413). `failed`: an operation or a test
 * fails (422). `internal`: the API server has no Status for it and answers 500 with the bare text.
 */
export type PatchFault = 'malformed' | 'too-many' | 'failed' | 'internal';

export class PatchError extends Error {
  readonly kind: PatchFault;

  constructor(kind: PatchFault, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the client gets. The text of a failed operation is not told, as the API server does not tell it. */
export function refusedPatch(error: PatchError): ApiError {
  if (error.kind === 'malformed') return badRequest(error.message);
  if (error.kind === 'internal') return failure(500, '', error.message);
  if (error.kind === 'too-many') {
    return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${error.message}`);
  }
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}
