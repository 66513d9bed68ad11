// What h2load prints in the end, and what of it makes a figure worthless.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseH2load } from '../../bench/macro/h2load.ts';

function print(requests: string, statuses: string): string {
  return `starting benchmark...
Main benchmark duration is over for thread #0. Stopping all clients.

finished in 2.00s, 21060.00 req/s, 6.18MB/s
requests: ${requests}
status codes: ${statuses}
traffic: 12.37MB (12970036) total, 1.25MB (1306116) headers (space savings 85.24%), 4.02MB (4212000) data
`;
}

const good = '42120 total, 42376 started, 42120 done, 42120 succeeded, 0 failed, 0 errored, 0 timeout';
const all2xx = '42133 2xx, 0 3xx, 0 4xx, 0 5xx';

test('counts what succeeded over the time that was asked for', () => {
  const { requests, durationUs } = parseH2load('x', print(good, all2xx), 2);
  assert.deepEqual({ requests, durationUs }, { requests: 42_120, durationUs: 2_000_000 });
});

for (const [what, requests, statuses] of [
  ['a failure', good.replace('0 failed', '1 failed'), all2xx],
  ['an error', good.replace('0 errored', '3 errored'), all2xx],
  ['a time-out', good.replace('0 timeout', '1 timeout'), all2xx],
  ['an answer other than 2xx', good, '42119 2xx, 0 3xx, 0 4xx, 1 5xx'],
  ['a redirect', good, '0 2xx, 42120 3xx, 0 4xx, 0 5xx'],
  ['no request', good.replace('42120 succeeded', '0 succeeded'), '0 2xx, 0 3xx, 0 4xx, 0 5xx'],
] as const) {
  test(`throws for ${what}`, () => {
    assert.throws(() => parseH2load('x', print(requests, statuses), 2), /requests failed/);
  });
}

test('throws with the output when there is no result', () => {
  assert.throws(() => parseH2load('h2load URL', 'Could not resolve host', 2), /h2load URL.*\n.*resolve/);
});
