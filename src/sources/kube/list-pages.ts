// A complete list, page by page. Pages become smaller when one is too large to take, and where the server has forgotten the
// state that the first page showed, the list is asked for once more, in one piece.
import { type ApiClient, ApiStatusError, ApiUnavailableError, expectOk } from './api-client.ts';
import { isRawObject, type RawObject, versionOf } from './held-objects.ts';
import { ApiTooLargeError } from './http-exchange.ts';

export interface ListCall {
  readonly client: ApiClient;
  readonly path: string;
  /** Selectors. */
  readonly query: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const firstPageSize = 500;
/** Large pages over slow lines. */
const pageTimeoutMs = 60_000;

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Empty: the last page. */
  readonly next: string;
}

/** How large pages may be; kept from list to list. */
export class PageSize {
  #items = firstPageSize;

  get items(): number {
    return this.#items;
  }

  /** False: one object a page is already too large. */
  shrink(): boolean {
    if (this.#items === 1) return false;
    this.#items = Math.max(1, Math.floor(this.#items / 4));
    return true;
  }
}

/**
 * Hands over each object as its page comes; resolves with the version of the whole list. `onRestart`: it begins again, and what
 * was handed over may be there no more. @throws {ApiStatusError | ApiUnavailableError}
 */
export async function listAll(
  call: ListCall,
  pageSize: PageSize,
  onItem: (item: RawObject) => void,
  onRestart: () => void,
): Promise<string> {
  let isWhole = false;
  for (;;) {
    try {
      return await listOnce(call, isWhole ? null : pageSize.items, onItem);
    } catch (error) {
      const hasShrunk = error instanceof ApiTooLargeError && pageSize.shrink();
      const hasExpired: boolean = !isWhole && error instanceof PagesExpiredError;
      if (!hasShrunk && !hasExpired) throw error;
      isWhole = hasExpired;
      onRestart();
    }
  }
}

/** A page other than the first: the state that it belongs to is forgotten. */
class PagesExpiredError extends ApiStatusError {}

async function listOnce(
  { client, path, query, signal }: ListCall,
  limit: number | null,
  onItem: (item: RawObject) => void,
): Promise<string> {
  const fixed = limit === null ? query : { ...query, limit: String(limit) };
  let version = '';
  let next = '';
  do {
    const pageQuery = next === '' ? fixed : { ...fixed, continue: next };
    const reply = await client.call({
      method: 'GET',
      path,
      query: pageQuery,
      signal,
      timeoutMs: pageTimeoutMs,
    });
    if (reply.status === 410 && next !== '') throw new PagesExpiredError(410, 'Expired', 'the list expired');
    const page = readPage(expectOk(reply));
    for (const item of page.items) if (isRawObject(item)) onItem(item);
    if (page.next !== '' && page.next === next) {
      throw new ApiUnavailableError('the list gives the same page again and again');
    }
    if (version === '') version = page.resourceVersion;
    next = page.next;
  } while (next !== '');
  return version;
}

function readPage(value: unknown): Page {
  if (!isRawObject(value)) throw new ApiUnavailableError('the answer is no list');
  // Go writes an empty list of some kinds as null.
  const items = value['items'] ?? [];
  const resourceVersion = versionOf(value);
  if (!Array.isArray(items) || resourceVersion === '') throw new ApiUnavailableError('the answer is no list');
  const { metadata } = value;
  const next = isRawObject(metadata) ? metadata['continue'] : undefined;
  return { items, resourceVersion, next: typeof next === 'string' ? next : '' };
}
