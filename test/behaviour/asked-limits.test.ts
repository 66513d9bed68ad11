// A request whose limits the primary counts: it waits for the verdict, and gives back what it does not need any more. The test is the primary.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { ClientLimits } from '../../src/features/index.ts';
import type { LimitQuestions } from '../../src/proxy/limit-asker.ts';
import { getRequest, okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';

const timeout = 60_000;
const limits: ClientLimits = { perSecond: 0, perMinute: 9, atOnce: 2, burstMultiplier: 5, exempt: [] };

/** Bounded by the time of the test alone. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

interface Asked {
  readonly proxy: TestProxy;
  readonly questions: readonly LimitQuestions[];
  /** Requests that the upstream got. */
  readonly requests: readonly string[];
}

async function start(t: TestContext): Promise<Asked> {
  const questions: LimitQuestions[] = [];
  const requests: string[] = [];
  const port = await startAnswering(t, (request) => {
    requests.push(request);
    return okResponse('ok');
  });
  const hosts = { 'a.test': [{ upstream: 'web', policies: { limits } }] };
  const table = { hosts, upstreams: { web: [port] } };
  const proxy = await startProxy(t, table, { workers: 2 }, (asked) => questions.push(asked));
  return { proxy, questions, requests };
}

test('a request waits for the verdict and is let in, or refused with its reason', { timeout }, async (t) => {
  const { proxy, questions, requests } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest);
  await until(() => questions.length === 1);
  assert.equal(requests.length, 0);
  const [first] = questions;
  assert.deepEqual(first?.asks[0]?.rates, { perSecond: 0, perMinute: 9, atOnce: 2, burstMultiplier: 5 });
  proxy.worker.onLimitAnswers(first.batch, [{ decision: 'held', waitMs: 0 }]);
  await client.until((text) => text.endsWith('ok'));
  await until(() => questions.at(-1)?.released.length === 1);
  client.send(getRequest);
  await until(() => questions.at(-1)?.asks.length === 1);
  proxy.worker.onLimitAnswers(questions.at(-1)?.batch ?? 0, [{ decision: 'limit-requests', waitMs: 60_000 }]);
  await client.until((text) => text.includes('HTTP/1.1 503'));
  const { length } = questions;
  const other = await RawClient.open(t, proxy.port);
  other.send(getRequest);
  await other.until((text) => text.includes('HTTP/1.1 503'));
  assert.equal(questions.length, length, 'what was refused for a minute was asked again');
  assert.deepEqual(
    (await proxy.log())
      .map((entry) => entry['reason'])
      .filter((reason) => reason !== '' && reason !== undefined),
    ['limit-requests', 'limit-requests'],
  );
});

test('what a client that has gone is granted is given back, and reaches no upstream', {
  timeout,
}, async (t) => {
  const { proxy, questions, requests } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest);
  await until(() => questions.length === 1);
  client.socket.destroy();
  await once(client.socket, 'close');
  await until(() => proxy.worker.core.counters.active === 0);
  proxy.worker.onLimitAnswers(questions[0]?.batch ?? 0, [{ decision: 'held', waitMs: 0 }]);
  await until(() => questions.length === 2);
  assert.deepEqual(questions[1]?.released, [questions[0]?.asks[0]?.key]);
  assert.equal(requests.length, 0);
});

test('without a primary the worker decides by its own part', { timeout }, async (t) => {
  const { proxy, questions, requests } = await start(t);
  const client = await RawClient.open(t, proxy.port);
  client.send(getRequest);
  await until(() => questions.length === 1);
  proxy.worker.onPrimaryGone();
  await client.until((text) => text.endsWith('ok'));
  client.send(getRequest);
  await client.until((text) => text.split('HTTP/1.1 200').length === 3);
  assert.equal(requests.length, 2);
  assert.equal(questions.flatMap(({ asks }) => asks).length, 1);
});
