// Bodies at a rate: over HTTP/1.1 and HTTP/2 on either side, compressed, to clients that leave; and what does not count. The clock is the test's:
// the worker's own sweeps are off.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { defaultTrafficSettings } from '../../src/model/index.ts';
import { getRequest, okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { startHttp2Upstream } from './http2-upstream.ts';
import { probeSockets, turns, turnUntil } from './probe.ts';
import { makePatch, type TableSpec } from './table.ts';

const pace = { bytesPerSecond: 4_096, fullSpeedBytes: 8_192 };
/** What goes at once. */
const atOnce = pace.fullSpeedBytes + pace.bytesPerSecond;
const body = Buffer.from(Uint8Array.from({ length: 40_000 }, (_, at) => 65 + ((at * 7_919) % 26)));
const text = body.toString('latin1');

interface Paced {
  readonly proxy: TestProxy;
  /** Seconds that the proxy has seen. */
  readonly seconds: () => number;
  /** A sweep, a quarter of a second later. */
  readonly tick: () => void;
}

async function startPaced(t: TestContext, port: number, part: Partial<TableSpec> = {}): Promise<Paced> {
  const policies = { 'limit-rate': pace, timeouts: { readTimeoutMs: 1_000 } };
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web', policies }] },
    upstreams: { web: [port] },
    ...part,
  });
  const { deadlines } = proxy.worker.core;
  deadlines.stop();
  // Whole milliseconds, so that no byte hangs on the last digit of a sum.
  const startMs = Math.ceil(deadlines.nowMs);
  deadlines.sweep(startMs);
  let ticks = 0;
  const tick = (): void => {
    ticks += 1;
    deadlines.sweep(startMs + ticks * 250);
  };
  return { proxy, tick, seconds: () => ticks / 4 };
}

/** Bytes that may have gone after so many seconds, and that have: the first quarter is the lag that the clock of the sweeps may have. */
function dueAfter(seconds: number, length: number): number {
  return Math.min(length, atOnce + Math.floor(pace.bytesPerSecond * Math.max(0, seconds - 0.25)));
}

/** Turns the clock until all has come; at each of its ticks what is there is what is due. */
async function followPace(paced: Paced, received: () => number, length: number): Promise<void> {
  for (;;) {
    const due = dueAfter(paced.seconds(), length);
    await turnUntil(() => received() >= due, `${due} bytes after ${paced.seconds()} s`);
    await turns(20);
    assert.equal(received(), due, `after ${paced.seconds()} s`);
    if (due === length) return;
    paced.tick();
  }
}

function bodyOf(received: string): string {
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? '' : received.slice(end + 4);
}

test('a body goes at its rate and arrives whole, though the read time-out is far shorter', async (t) => {
  const paced = await startPaced(t, await startAnswering(t, () => okResponse(text)));
  const client = await RawClient.open(t, paced.proxy.port);
  client.send(getRequest);
  await followPace(paced, () => bodyOf(client.received).length, body.length);
  assert.equal(bodyOf(client.received), text);
  client.send(getRequest);
  await client.until((all) => all.split('HTTP/1.1 200 ').length === 3);
  const [first] = await paced.proxy.log();
  assert.deepEqual([first?.['status'], first?.['body_bytes_sent']], [200, body.length]);
});

test('an answer that needs no second leaves at once, and a request behind a slow one waits its turn', async (t) => {
  const port = await startAnswering(t, (_request, index) => okResponse(index === 0 ? text : 'short'));
  const paced = await startPaced(t, port);
  const client = await RawClient.open(t, paced.proxy.port);
  client.send(getRequest + getRequest);
  await followPace(paced, () => Math.min(bodyOf(client.received).length, body.length), body.length);
  const all = await client.responses(2);
  assert.ok(all.endsWith('\r\n\r\nshort'));
});

test('what has no length goes in chunks, from a session of HTTP/2, too', async (t) => {
  const upstream = await startHttp2Upstream(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(body);
  });
  const paced = await startPaced(t, upstream.port, { protocols: { web: 'h2c' } });
  const client = await RawClient.open(t, paced.proxy.port);
  client.send(getRequest);
  const unchunked = (): string => {
    let rest = bodyOf(client.received);
    let whole = '';
    for (;;) {
      const line = rest.indexOf('\r\n');
      const size = line < 0 ? 0 : Number.parseInt(rest.slice(0, line), 16);
      if (size === 0 || rest.length < line + 2 + size) return whole;
      whole += rest.slice(line + 2, line + 2 + size);
      rest = rest.slice(line + 4 + size);
    }
  };
  await followPace(paced, () => unchunked().length, body.length);
  assert.equal(unchunked(), text);
  await client.until((all) => all.endsWith('\r\n0\r\n\r\n'));
});

test('streams of one session each have their rate', async (t) => {
  const paced = await startPaced(t, await startAnswering(t, () => okResponse(text)));
  const session = connectHttp2(`http://127.0.0.1:${paced.proxy.port}`);
  t.after(() => session.destroy());
  const streams = [0, 1].map(() => {
    const stream = session.request({ ':path': '/', ':authority': 'a.test' });
    const got = { stream, text: '', ended: once(stream, 'end') };
    stream.on('data', (chunk: Buffer) => (got.text += chunk.toString('latin1')));
    return got;
  });
  for (const got of streams) {
    const due = () => Math.min(got.text.length, body.length);
    await turnUntil(() => due() === atOnce, 'what goes at once');
  }
  await followPace(paced, () => Math.min(...streams.map((got) => got.text.length)), body.length);
  for (const got of streams) {
    await got.ended;
    assert.equal(got.text, text);
  }
});

test('a client that leaves ends it: the endpoint is let go, and the log says what was sent', async (t) => {
  const port = await startAnswering(t, () => okResponse(text.repeat(100)));
  const paced = await startPaced(t, port);
  const sockets = probeSockets(t, paced.proxy, [port]);
  const { deadlines } = paced.proxy.worker.core;
  const before = deadlines.size;
  const client = await RawClient.open(t, paced.proxy.port);
  client.send(getRequest);
  await client.until((all) => bodyOf(all).length >= atOnce);
  await turnUntil(() => sockets.upstream[0]?.isPaused() === true, 'an endpoint that waits');
  client.socket.destroy();
  await turnUntil(() => sockets.upstream[0]?.destroyed === true, 'an endpoint that is let go');
  await turnUntil(() => deadlines.size === before, 'nothing that is swept');
  const [line] = await paced.proxy.log();
  assert.deepEqual([line?.['body_bytes_sent'], line?.['reason']], [atOnce, 'downstream-closed']);
});

test('an endpoint that falls silent while it is awaited is not spared', async (t) => {
  const silent = `HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n${text}`;
  const paced = await startPaced(t, await startAnswering(t, () => silent));
  const client = await RawClient.open(t, paced.proxy.port);
  client.send(getRequest);
  await followPace(paced, () => bodyOf(client.received).length, body.length);
  for (let tick = 0; tick < 8; tick += 1) paced.tick();
  assert.equal(bodyOf(await client.untilClosed()), text);
  const [line] = await paced.proxy.log();
  assert.equal(line?.['reason'], 'upstream-read-timeout');
});

test('what is compressed counts as it is sent', async (t) => {
  let state = 1;
  const random = Buffer.from(
    Uint8Array.from({ length: 30_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
  const plain = random.toString('hex');
  const fields = 'Content-Type: text/plain\r\n';
  const paced = await startPaced(t, await startAnswering(t, () => okResponse(plain, fields)));
  const compression = {
    gzip: { level: 1, minBytes: 1, types: ['text/plain'], disabledFor: [] },
    brotli: null,
  };
  const patch = { ...makePatch({ hosts: {} }, 2), hosts: { set: [], removed: [] } };
  paced.proxy.worker.apply({ ...patch, traffic: { ...defaultTrafficSettings, compression } });
  const session = connectHttp2(`http://127.0.0.1:${paced.proxy.port}`);
  t.after(() => session.destroy());
  const request = { ':path': '/', ':authority': 'a.test', [constants.HTTP2_HEADER_ACCEPT_ENCODING]: 'gzip' };
  const stream = session.request(request);
  let coded = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => (coded = Buffer.concat([coded, chunk])));
  while (!stream.readableEnded) {
    const due = dueAfter(paced.seconds(), Number.POSITIVE_INFINITY);
    // The coder's threads take the time that they take.
    while (!stream.readableEnded && coded.length < due) {
      const waiting = new AbortController();
      const options = { signal: waiting.signal };
      await Promise.race([once(stream, 'data', options), once(stream, 'end', options)]);
      waiting.abort();
    }
    assert.ok(coded.length <= due, `${coded.length} of ${due}`);
    paced.tick();
  }
  assert.ok(paced.seconds() > 3);
  assert.equal(gunzipSync(coded).toString(), plain);
});

test('a tunnel has no rate', async (t) => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const paced = await startPaced(t, await startAnswering(t, () => answer + text));
  const client = await RawClient.open(t, paced.proxy.port);
  const fields = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  client.send(`GET / HTTP/1.1\r\nHost: a.test\r\n${fields}${key}\r\n`);
  assert.equal(bodyOf(await client.until((all) => bodyOf(all).length === body.length)), text);
});
