// Bytes to requests, in batches: one for each piece that was read, so that whoever takes them slowly holds the file back.
import type { ListedRequest } from './listed-request.ts';
import { parseLine } from './parse-line.ts';
import { SkippingLines } from './skipping-lines.ts';

/** Longest line, bytes: a head of 8 KiB with every byte escaped, twice. */
const maxLineBytes = 64 * 1024;

/** What a list held; counted while it is read. */
export interface RequestTally {
  lines: number;
  requests: number;
  /** Lines that are no request in any form. */
  notUnderstood: number;
  tooLong: number;
  /** The first line of the two kinds above; 0: none. */
  firstLeftOut: number;
}

export function newTally(): RequestTally {
  return { lines: 0, requests: 0, notUnderstood: 0, tooLong: 0, firstLeftOut: 0 };
}

/** One phrase on what was left out; empty: nothing. */
export function renderTally({ notUnderstood, tooLong, firstLeftOut }: RequestTally): string {
  if (firstLeftOut === 0) return '';
  const parts = [
    ...(notUnderstood > 0 ? [`${notUnderstood} not understood`] : []),
    ...(tooLong > 0 ? [`${tooLong} longer than ${maxLineBytes} bytes`] : []),
  ];
  return `lines left out: ${parts.join(', ')}; the first is line ${firstLeftOut}`;
}

/** Batches are never empty. Counts go into `tally`. Rejects with what the stream fails with. */
export async function* readRequests(
  stream: AsyncIterable<Buffer | string>,
  tally: RequestTally,
): AsyncGenerator<readonly ListedRequest[]> {
  let batch: ListedRequest[] = [];
  const leaveOut = (kind: 'notUnderstood' | 'tooLong'): void => {
    tally[kind] += 1;
    if (tally.firstLeftOut === 0) tally.firstLeftOut = tally.lines;
  };
  const lines = new SkippingLines(maxLineBytes, {
    onLine: (text) => {
      tally.lines += 1;
      const request = parseLine(text, tally.lines);
      if (request === 'skip') return;
      if (request === null) return leaveOut('notUnderstood');
      tally.requests += 1;
      batch.push(request);
    },
    onTooLong: () => {
      tally.lines += 1;
      leaveOut('tooLong');
    },
  });
  for await (const chunk of stream) {
    lines.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  lines.end();
  if (batch.length > 0) yield batch;
}
