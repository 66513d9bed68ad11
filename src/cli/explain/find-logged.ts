// One request of an access log, by its id. The whole log is read, for the last line of an id is the one that counts.
import type { ByteStream } from '../manifest-input.ts';
import {
  type ListedRequest,
  newTally,
  openRequestFile,
  readRequests,
  renderTally,
  RequestFileError,
} from '../request-list/index.ts';

/** Or a sentence on why there is none. */
export async function findLogged(
  path: string,
  id: string,
  stdin: ByteStream,
): Promise<ListedRequest | string> {
  const tally = newTally();
  let found: ListedRequest | null = null;
  try {
    for await (const batch of readRequests(openRequestFile(path, stdin).bytes, tally)) {
      found = batch.findLast(({ requestId }) => requestId === id) ?? found;
    }
  } catch (error) {
    if (error instanceof RequestFileError) return error.message;
    throw error;
  }
  if (found !== null) return found;
  const rest = renderTally(tally);
  return `no request of "${path}" has the id "${id}", of ${tally.requests}${rest === '' ? '' : ` (${rest})`}`;
}
