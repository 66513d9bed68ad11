// Sends every safe request of a list to both endpoints, a bounded number at once and no faster than asked.
import { setTimeout as wait } from 'node:timers/promises';
import type { ListedRequest } from '../request-list/index.ts';
import type { Differences } from './differences.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

export interface ComparisonOptions {
  readonly batches: AsyncIterable<readonly ListedRequest[]>;
  readonly before: LiveEndpoint;
  readonly after: LiveEndpoint;
  readonly differences: Differences;
  /** Host of a request that names none. */
  readonly defaultHost: string;
  readonly concurrency: number;
  /** Requests; 0: as fast as it goes. */
  readonly perSecond: number;
  /** 0: all. */
  readonly maxRequests: number;
  readonly onProgress: (sent: number) => void;
}

export interface ComparisonCounts {
  sent: number;
  /** Methods that may change something. */
  unsafe: number;
}

/** Rejects when the list cannot be read any further. */
export async function runComparison(options: ComparisonOptions): Promise<ComparisonCounts> {
  const { before, after, differences, defaultHost, concurrency, perSecond, onProgress } = options;
  const counts: ComparisonCounts = { sent: 0, unsafe: 0 };
  const requests = chooseSafe(options, counts);
  const pace = makePace(perSecond);
  const work = async (): Promise<void> => {
    for (let next = await requests.next(); next.done !== true; next = await requests.next()) {
      await pace();
      const asked = next.value;
      const host = asked.host === '' ? defaultHost : asked.host;
      const [old, now] = await Promise.all([before.send(asked, host), after.send(asked, host)]);
      differences.add(asked, host, old, now);
      onProgress(counts.sent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return counts;
}

/** One list for all who take from it: calls of `next` wait for each other. */
async function* chooseSafe(
  { batches, maxRequests }: ComparisonOptions,
  counts: ComparisonCounts,
): AsyncGenerator<ListedRequest, void> {
  for await (const batch of batches) {
    for (const asked of batch) {
      if (asked.method !== 'GET' && asked.method !== 'HEAD') {
        counts.unsafe += 1;
        continue;
      }
      if (maxRequests !== 0 && counts.sent >= maxRequests) return;
      counts.sent += 1;
      yield asked;
    }
  }
}

/** Resolves when the next request may go. */
function makePace(perSecond: number): () => Promise<void> {
  if (perSecond === 0) return () => Promise.resolve();
  let nextMs = performance.now();
  return async () => {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, nextMs);
    nextMs = atMs + 1_000 / perSecond;
    if (atMs > nowMs) await wait(atMs - nowMs);
  };
}
