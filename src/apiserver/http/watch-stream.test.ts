import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { WatchFrame, WatchSink } from '../rest/api-request.ts';
import type { ApiLimits } from './limits.ts';
import { adminToken, noConnections, startListener, type TestListener } from './listener.fixture.ts';

const watchPath = '/api/v1/services?watch=true';

function frameOf(index: number, text = ''): WatchFrame {
  const metadata = { name: `s-${index}`, uid: String(index), resourceVersion: String(index) };
  return { type: 'ADDED', object: { apiVersion: 'v1', kind: 'Service', metadata, text } };
}

interface Watched {
  readonly api: TestListener;
  /** Of the newest watch. */
  readonly sink: () => WatchSink;
  /** Resolves when a watch was left. */
  readonly left: Promise<void>;
}

async function withWatch(
  begin: (sink: WatchSink) => void,
  use: (watched: Watched) => Promise<void>,
  limits: Partial<ApiLimits> = {},
): Promise<void> {
  let current: WatchSink | null = null;
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const api = await startListener(
    () => ({
      kind: 'watch',
      warnings: ['deprecated'],
      open: (sink) => {
        current = sink;
        begin(sink);
        return leave;
      },
    }),
    { limits },
  );
  const sink = (): WatchSink => {
    assert.ok(current !== null);
    return current;
  };
  try {
    await use({ api, sink, left });
  } finally {
    await api.stop();
  }
}

/** The next `count` lines, parsed. */
async function readLines(response: IncomingMessage, count: number): Promise<WatchFrame[]> {
  let text = '';
  while (text.split('\n').length <= count) {
    const [chunk] = (await once(response, 'data')) as [Buffer];
    text += chunk.toString();
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WatchFrame);
}

test('head at once, then a line for every frame as it comes', () =>
  withWatch(
    () => undefined,
    async ({ api, sink }) => {
      const response = await api.open(watchPath);
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.equal(response.headers['transfer-encoding'], 'chunked');
      assert.equal(response.headers['warning'], '299 - "deprecated"');
      for (let index = 0; index < 3; index += 1) {
        assert.equal(sink().frame(frameOf(index)), true);
        assert.deepEqual(await readLines(response, 1), [frameOf(index)]);
      }
      sink().end();
      await once(response, 'end');
      assert.equal(sink().frame(frameOf(9)), false);
    },
  ));

test('ten thousand frames at the start arrive in order, before those that come meanwhile', () =>
  withWatch(
    (sink) => {
      for (let index = 0; index < 10_000; index += 1) sink.frame(frameOf(index));
    },
    async ({ api, sink }) => {
      const response = await api.open(watchPath);
      sink().frame(frameOf(10_000));
      const frames = await readLines(response, 10_001);
      assert.deepEqual(
        frames.map(({ object }) => object['metadata']),
        Array.from({ length: 10_001 }, (_, index) => frameOf(index).object['metadata']),
      );
      response.destroy();
    },
  ));

test('a watch that is over when it opens: its frames and the end', () =>
  withWatch(
    (sink) => {
      sink.frame({ type: 'ERROR', object: { kind: 'Status', code: 410 } });
      sink.end();
    },
    async ({ api, left }) => {
      const { status, body } = await api.ask(watchPath);
      assert.equal(status, 200);
      assert.equal(body.toString(), '{"type":"ERROR","object":{"kind":"Status","code":410}}\n');
      await left;
    },
  ));

test('a reader that stays behind loses the watch, not the server its memory; what it has are whole lines', async () => {
  const limits = { maxWatchFrames: 50, maxWatchBytes: 1024 * 1024, stallMs: 60_000 };
  const text = 'x'.repeat(20_000);
  await withWatch(
    () => undefined,
    async ({ api, sink, left }) => {
      const response = await api.open(watchPath);
      response.pause();
      const ends = { isLeft: false };
      void left.then(() => {
        ends.isLeft = true;
      });
      // Until the buffers of both sockets are full, and then the queue.
      for (let index = 0; !ends.isLeft; index += 1) {
        sink().frame(frameOf(index, text));
        await new Promise((resolve) => setImmediate(resolve));
      }
      let received = '';
      for await (const chunk of response) received += String(chunk);
      assert.ok(response.complete, 'the answer ended properly');
      assert.ok(received.endsWith('}\n'));
      for (const line of received.trimEnd().split('\n')) JSON.parse(line);
    },
    limits,
  );
});

test('readers that stay behind are bounded together; one who reads keeps its watch', async () => {
  const sinks: WatchSink[] = [];
  const gone = { count: 0 };
  const api = await startListener(
    () => ({
      kind: 'watch',
      warnings: [],
      open: (sink) => {
        sinks.push(sink);
        return () => {
          gone.count += 1;
        };
      },
    }),
    { limits: { maxAllWatchBytes: 1024 * 1024, maxWatchFrames: 100_000 } },
  );
  try {
    const responses: IncomingMessage[] = [];
    for (let count = 0; count < 4; count += 1) responses.push(await api.open(watchPath));
    const [reader, ...sleepers] = responses;
    assert.ok(reader !== undefined);
    for (const sleeper of sleepers) sleeper.pause().on('error', () => undefined);
    reader.resume();
    const text = 'x'.repeat(20_000);
    // Each of them could have 8 MiB waiting, were it alone.
    let sent = 0;
    for (; gone.count < 3; sent += 1) {
      assert.ok(sent < 2000);
      for (const sink of sinks) sink.frame(frameOf(sent, text));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(gone.count, 3);
    assert.equal(sinks[0]?.frame(frameOf(0)), true);
    for (const response of responses) response.destroy();
  } finally {
    await api.stop();
  }
});

test('frames of the start are bounded over all watches, and what was read counts no more', () => {
  let frames = 1000;
  return withWatch(
    (sink) => {
      for (let index = 0; index < frames; index += 1) sink.frame(frameOf(index));
    },
    async ({ api, sink }) => {
      for (let round = 0; round < 5; round += 1) {
        const response = await api.open(watchPath);
        assert.equal((await readLines(response, 1000)).length, 1000);
        sink().end();
        await once(response, 'end');
      }
      frames = 1001;
      const { status, body } = await api.ask(watchPath);
      assert.deepEqual([status, body.length], [200, 0]);
    },
    { maxAllFirstFrames: 1000 },
  );
});

test('a reader that takes nothing at all is cut off', () =>
  withWatch(
    () => undefined,
    async ({ api, sink, left }) => {
      const response = await api.open(watchPath);
      response.pause();
      response.on('error', () => undefined);
      while (sink().frame(frameOf(1, 'x'.repeat(100_000))))
        await new Promise((resolve) => setImmediate(resolve));
      await left;
      await noConnections(api);
      response.destroy();
    },
    { stallMs: 200 },
  ));

test('a client that leaves ends its watch', () =>
  withWatch(
    () => undefined,
    async ({ api, left }) => {
      const response = await api.open(watchPath);
      response.destroy();
      await left;
    },
  ));

test('a quiet watch outlives the time for silent connections', () =>
  withWatch(
    () => undefined,
    async ({ api, sink }) => {
      const response = await api.open(watchPath);
      const other = await api.tls();
      // Both are silent; the one that watches nothing goes first.
      other.write(`GET /healthz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`);
      other.resume();
      await once(other, 'close');
      sink().frame(frameOf(1));
      assert.deepEqual(await readLines(response, 1), [frameOf(1)]);
      response.destroy();
    },
    { stallMs: 200, idleMs: 300, headMs: 300 },
  ));

test('the server stops: watches end properly, and it has no connections', () =>
  withWatch(
    () => undefined,
    async ({ api, left }) => {
      const response = await api.open(watchPath);
      response.resume();
      const ended = once(response, 'end');
      await api.stop();
      await ended;
      assert.ok(response.complete);
      await left;
      await noConnections(api);
      await assert.rejects(api.ask('/healthz'), { code: 'ECONNREFUSED' });
    },
  ));

test('a watch in YAML alone: 406', () =>
  withWatch(
    () => assert.fail('opened'),
    async ({ api }) => {
      const answer = await api.ask(watchPath, { headers: { Accept: 'application/yaml' } });
      assert.equal(answer.status, 406);
    },
  ));
