// ResponseCoder: what it holds back while the client does not read, and what it gives back when nobody wants the response any more.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Exchange } from '../exchange.ts';
import { mayCode, ResponseCoder } from './response-coder.ts';

/** A client whose patience the test sets; `sent` is told for every piece. */
function makeClient() {
  const events = new EventEmitter();
  const pieces: Buffer[] = [];
  const client = {
    events,
    pieces,
    bytesSent: 0,
    sends: 0,
    bugs: 0,
    get response() {
      return client.connection.response;
    },
    connection: {
      response: {
        mustWait: false,
        sendBody(_owner: null, bytes: Buffer, start: number, end: number) {
          pieces.push(Buffer.from(bytes.subarray(start, end)));
          events.emit('sent');
          return false;
        },
      },
      awaitSend: () => {
        client.sends += 1;
      },
      onBug: () => {
        client.bugs += 1;
      },
    },
  };
  // The members that a coder uses; the whole of an exchange needs a worker.
  return { client, exchange: client as unknown as Exchange };
}

const gzip = { name: 'gzip', level: 1 } as const;
let state = 1;
/** Cannot be compressed. */
const noise = Buffer.from(
  Uint8Array.from({ length: 262_144 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  }),
);

describe('a response that is coded', () => {
  it('waits for its client, makes its sender wait, and goes on', async () => {
    const { client, exchange } = makeClient();
    const coder = new ResponseCoder(exchange, gzip, -1, () => {});
    client.connection.response.mustWait = true;
    const first = once(client.events, 'sent');
    coder.write(noise, 0, noise.length, null);
    assert.equal(coder.mustWait, true);
    await first;
    assert.equal(client.sends, 1, 'the deadline is that of a client that does not read');
    const held = client.pieces.length;
    coder.write(noise, 0, noise.length, '');
    client.connection.response.mustWait = false;
    const ended = new Promise<void>((resolve) => coder.whenEnded(resolve));
    assert.equal(client.pieces.length, held, 'nothing goes to a client that does not read');
    coder.resume();
    await ended;
    assert.ok(gunzipSync(Buffer.concat(client.pieces)).equals(Buffer.concat([noise, noise])));
    assert.equal(client.bytesSent, Buffer.concat(client.pieces).length);
    assert.equal(client.bugs, 0);
  });

  it('leaves in one piece when it is short', async () => {
    const { client, exchange } = makeClient();
    const coder = new ResponseCoder(exchange, gzip, 5, () => {});
    coder.write(Buffer.from('hello'), 0, 5, '');
    await new Promise<void>((resolve) => coder.whenEnded(resolve));
    assert.equal(client.pieces.length, 1);
    assert.equal(gunzipSync(client.pieces[0] ?? Buffer.alloc(0)).toString(), 'hello');
  });

  it('has room for so many at once, and those that ended make room', () => {
    const { client, exchange } = makeClient();
    const coders: ResponseCoder[] = [];
    while (mayCode()) coders.push(new ResponseCoder(exchange, gzip, 1_000, () => {}));
    assert.equal(coders.length, 128);
    coders[0]?.destroy();
    coders[0]?.destroy();
    assert.equal(mayCode(), true);
    coders.push(new ResponseCoder(exchange, gzip, 1_000, () => {}));
    assert.equal(mayCode(), false);
    for (const coder of coders) coder.destroy();
    coders[1]?.write(noise, 0, 10, '');
    assert.equal(mayCode(), true);
    assert.equal(client.pieces.length, 0);
  });
});
