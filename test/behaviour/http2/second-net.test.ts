// What the codec never lets through, given to a stream all the same: the exchange ends, and lets go of its upstream.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ClientSession } from '../../../src/proxy/http2/client-session.ts';
import type { Http2Stream } from '../../../src/proxy/http2/codec.ts';
import { turnUntil } from '../probe.ts';
import { upstreamId } from '../table.ts';
import { start } from './setup.ts';

/** A stream that takes everything, and counts how often it is broken off. */
class SilentStream implements Http2Stream {
  readonly id = 1;
  readonly mustWait = false;
  readonly queuedBytes = 0;
  readonly isSent = false;
  readonly isReceived = false;
  breaks = 0;
  sendInterim(): void {}
  sendHead(): void {}
  sendData(): boolean {
    return false;
  }
  expectBytes(): boolean {
    return true;
  }
  reset(): void {
    this.breaks += 1;
  }
  stopClient(): void {}
  pause(): void {}
  resume(): void {}
}

test('bytes behind a request without a body end its exchange and its upstream connection', async (t) => {
  const { proxy, upstream } = await start(t);
  const { core } = proxy.worker;
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const origin = {
    isTls: false,
    scheme: 'http',
    port: 80,
    serveHttp2: null,
    clientCertificate: null,
  } as const;
  const session = new ClientSession(core, socket, origin, '127.0.0.1');
  t.after(() => session.destroy());
  const stream = new SilentStream();
  const fields = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'a.test'];
  const events = session.onStream(stream, fields, true, false);
  const connection = await upstream(0);
  events?.onData(Buffer.from('behind'));
  await turnUntil(() => connection.isClosed, 'the end of the upstream connection');
  assert.equal(stream.breaks, 1);
  assert.equal(core.pool.lookupSet(upstreamId('web'))?.active, 0);
  assert.equal((await proxy.log())[0]?.['reason'], 'downstream-closed');
});
