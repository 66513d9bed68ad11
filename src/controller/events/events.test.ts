import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { problemCodes } from '../../model/index.ts';
import type { ApiCall, ApiClient } from '../../sources/kube/api-client.ts';
import { createEvent, eventMessage, type EventTarget, type EventText } from './event-object.ts';
import { EventRecorder } from './event-recorder.ts';
import { eventReasons, reasonOf } from './reasons.ts';
import { RecentMap, SpamFilter } from './spam-filter.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const target: EventTarget = {
  ref: { kind: 'Ingress', namespace: 'shop', name: 'web' },
  apiVersion: 'networking.k8s.io/v1',
  uid: 'u-1',
  resourceVersion: '42',
};

test('reasonOf: every problem has a reason of the list', () => {
  for (const code of problemCodes) {
    const reason = reasonOf({ code, severity: 'error' });
    assert.ok(reason !== null && eventReasons.includes(reason), code);
  }
});

test('createEvent: as the API server takes it', () => {
  const text: EventText = { type: 'Normal', reason: 'Sync', message: 'generation 1 served after 3 ms' };
  assert.deepEqual(createEvent(target, text, Date.UTC(2026, 0, 2, 3, 4, 5, 678), 1, 'pod-1'), {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'web.1886caf244ffa781', namespace: 'shop' },
    involvedObject: {
      kind: 'Ingress',
      namespace: 'shop',
      name: 'web',
      uid: 'u-1',
      apiVersion: 'networking.k8s.io/v1',
      resourceVersion: '42',
    },
    reason: 'Sync',
    message: 'generation 1 served after 3 ms',
    source: { component: 'sallyport-ingress-controller' },
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    count: 1,
    type: 'Normal',
    reportingComponent: 'sallyport-ingress-controller',
    reportingInstance: 'pod-1',
  });
  assert.ok(Buffer.byteLength(eventMessage('é'.repeat(2_000))) <= 1_024);
  assert.equal(eventMessage('a\r\nb\u0000'), 'a b ');
});

/** An API server that keeps Events, and answers as a test wants. */
class EventServer {
  readonly events = new Map<string, Record<string, unknown>>();
  readonly answers: number[] = [];
  readonly client: ApiClient = {
    call: async (call: ApiCall) => {
      const status = this.answers.shift() ?? 200;
      if (status === 0) throw new Error('connection refused');
      if (status >= 300) return { status, value: { message: `answered ${status}` }, retryAfterMs: null };
      const body = call.body as Record<string, unknown>;
      if (call.method === 'POST') {
        const { name } = body['metadata'] as { name: string };
        assert.ok(!this.events.has(name), 'names are unique');
        this.events.set(name, body);
      } else {
        const name = call.path.split('/').at(-1) ?? '';
        this.events.set(name, { ...this.events.get(name), ...body });
      }
      return { status, value: {}, retryAfterMs: null };
    },
    watch: async () => assert.fail('no watch is wanted'),
  };

  texts(): string[] {
    return [...this.events.values()].map(({ count, message }) => `${String(count)} ${String(message)}`);
  }
}

function recorderOf(server: EventServer, isLeading = () => true, maxWaiting = 1_000): EventRecorder {
  const schedule = (run: () => void): (() => void) => {
    setImmediate(run);
    return () => {};
  };
  return new EventRecorder({
    client: server.client,
    isLeading,
    identity: 'pod-1',
    log: silent,
    schedule,
    maxWaiting,
  });
}

const sync: EventText = { type: 'Normal', reason: 'Sync', message: 'same' };

test('EventRecorder: repeats count up, and an Event that is gone is written anew', async () => {
  const server = new EventServer();
  const recorder = recorderOf(server);
  for (let index = 0; index < 3; index += 1) recorder.record(target, sync);
  await recorder.idle();
  assert.deepEqual(server.texts(), ['3 same']);
  server.events.clear();
  server.answers.push(404);
  recorder.record(target, sync);
  await recorder.idle();
  assert.deepEqual(server.texts(), ['1 same']);
  assert.deepEqual(recorder.counts(), { written: 4, dropped: 0, failed: 0 });
});

test('EventRecorder: a lost connection is tried again, a refusal is not', async () => {
  const server = new EventServer();
  const recorder = recorderOf(server);
  server.answers.push(0, 500, 0, 201);
  recorder.record(target, sync);
  await recorder.idle();
  assert.deepEqual(server.texts(), ['1 same']);
  server.answers.push(403);
  recorder.record(target, { ...sync, message: 'other' });
  await recorder.idle();
  assert.deepEqual(recorder.counts(), { written: 1, dropped: 0, failed: 1 });
});

test('EventRecorder: writes nothing without leading, and drops the oldest of too many', async () => {
  const server = new EventServer();
  let isLeading = false;
  const recorder = recorderOf(server, () => isLeading, 2);
  recorder.record(target, sync);
  await recorder.idle();
  assert.equal(server.events.size, 0);
  isLeading = true;
  for (let index = 0; index < 8; index += 1) recorder.record(target, { ...sync, message: `m${index}` });
  await recorder.idle();
  const { written, dropped } = recorder.counts();
  assert.equal(written + dropped, 8);
  assert.ok(dropped >= 5);
});

test('SpamFilter: many similar ones are combined, and one object causes only so many', () => {
  const filter = new SpamFilter();
  const texts: (string | null)[] = [];
  for (let index = 0; index < 40; index += 1) {
    texts.push(filter.admit(target, { ...sync, message: `m${index}` }, 0)?.message ?? null);
  }
  assert.equal(texts[9], 'm9');
  assert.equal(texts[10], '(combined from similar events): m10');
  assert.equal(texts.filter((text) => text !== null).length, 25);
  assert.notEqual(filter.admit(target, sync, 300_000), null, 'one more after five minutes');
  assert.equal(filter.admit(target, sync, 300_000), null);
});

test('RecentMap: never holds more than its bound, and keeps what was used last', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 200 }), (keys) => {
      const map = new RecentMap<number>(8);
      for (const key of keys) map.set(String(key), key);
      assert.ok(map.size <= 8);
      const last = [...new Set(keys.toReversed())].slice(0, 8);
      for (const key of last) assert.equal(map.get(String(key)), key);
    }),
  );
});
