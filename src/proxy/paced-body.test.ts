// PacedBody: whatever the rate, the pieces and the sweeps are, no byte goes early, none is lost, and time that passes is used.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from './deadlines.ts';
import type { Exchange } from './exchange.ts';
import { PacedBody } from './paced-body.ts';

interface Client {
  readonly deadlines: Deadlines;
  readonly exchange: Exchange;
  mustWait: boolean;
  received: Buffer;
  trailers: string | null;
  /** What the exchange was asked for, in order. */
  readonly events: string[];
}

function makeClient(): Client {
  const deadlines = new Deadlines();
  deadlines.nowMs = 1_000;
  const client = {
    deadlines,
    mustWait: false,
    received: Buffer.alloc(0),
    trailers: null as string | null,
    events: [] as string[],
  };
  const response = {
    get mustWait() {
      return client.mustWait;
    },
    sendBody(_owner: null, bytes: Buffer, start: number, end: number, trailers: string | null) {
      assert.equal(client.trailers, null, 'nothing follows the end');
      client.received = Buffer.concat([client.received, bytes.subarray(start, end)]);
      client.trailers = trailers;
      return false;
    },
  };
  const connection = {
    response,
    awaitSend: () => client.events.push('send'),
    awaitNothing: () => client.events.push('nothing'),
    onBug: (error: unknown) => {
      throw error;
    },
  };
  const onDownstreamDrain = () => client.events.push('more');
  // The members that pacing uses; the whole of an exchange needs a worker.
  const exchange = { core: { deadlines }, connection, onDownstreamDrain } as unknown as Exchange;
  return Object.assign(client, { exchange });
}

const start = 1_000;

function send(paced: PacedBody, text: string, trailers: string | null = null): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return paced.sendBody(null, bytes, 0, bytes.length, trailers);
}

describe('a body at a rate', () => {
  it('goes by the clock, whole, and with its trailers at the end', () => {
    const rate = fc.integer({ min: 1, max: 5_000 });
    const after = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 }));
    const pieces = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 6 });
    const steps = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rate, after, pieces, steps, (bytesPerSecond, fullSpeedBytes, sizes, sweeps) => {
        const client = makeClient();
        const paced = new PacedBody(client.exchange, { bytesPerSecond, fullSpeedBytes });
        const body = Buffer.from(
          Uint8Array.from({ length: sizes.reduce((a, b) => a + b, 0) }, (_, at) => at),
        );
        let at = 0;
        for (const [index, size] of sizes.entries()) {
          paced.sendBody(null, body, at, at + size, index === sizes.length - 1 ? 'X: y\r\n' : null);
          at += size;
        }
        if (paced.isHolding) paced.whenOut(() => client.events.push('out'));
        let nowMs = start;
        // The last steps are as long as the body needs.
        for (let step = 0; paced.isHolding; step += 1) {
          nowMs += sweeps[step] ?? 1_000;
          client.deadlines.sweep(nowMs);
          const seconds = (nowMs - start) / 1_000;
          const sent = client.received.length;
          assert.ok(sent <= fullSpeedBytes + bytesPerSecond * (seconds + 1) + 1e-6, 'early');
          const due = Math.min(body.length, fullSpeedBytes + bytesPerSecond * (seconds + 0.75) - 1);
          assert.ok(sent >= Math.floor(due - 1e-6), `late: ${sent} of ${due}`);
        }
        assert.ok(client.received.equals(body));
        assert.equal(client.trailers, 'X: y\r\n');
        assert.equal(client.deadlines.size, 0, 'nothing is swept behind the end');
      }),
      { numRuns: 150 },
    );
  });

  it('does not save more than a second of silence up', () => {
    const client = makeClient();
    const paced = new PacedBody(client.exchange, { bytesPerSecond: 4, fullSpeedBytes: 0 });
    send(paced, 'abcd');
    client.deadlines.sweep(start + 60_000);
    send(paced, 'efghijkl');
    assert.equal(client.received.toString(), 'abcdefgh');
    assert.equal(paced.mustWait, true);
  });

  it('asks for more when what was held is out', () => {
    const client = makeClient();
    const paced = new PacedBody(client.exchange, { bytesPerSecond: 4, fullSpeedBytes: 0 });
    send(paced, 'abcdefgh');
    client.deadlines.sweep(start + 750);
    assert.equal(client.received.toString(), 'abcdef');
    assert.deepEqual(client.events, ['nothing'], 'nobody but the clock is waited for');
    client.deadlines.sweep(start + 1_250);
    assert.equal(client.received.toString(), 'abcdefgh');
    assert.deepEqual(client.events.splice(0), ['nothing', 'more']);
    client.deadlines.sweep(start + 2_000);
    assert.deepEqual(client.events, [], 'asked once');
  });

  it('waits for a client that is slower than the rate, with the deadline of the client', () => {
    const client = makeClient();
    const paced = new PacedBody(client.exchange, { bytesPerSecond: 4, fullSpeedBytes: 0 });
    send(paced, 'abcdefgh');
    client.mustWait = true;
    client.deadlines.sweep(start + 5_000);
    assert.equal(client.received.toString(), 'abcd');
    assert.deepEqual(client.events.splice(0), ['send']);
    client.mustWait = false;
    assert.equal(paced.resume(), true);
    assert.equal(client.received.toString(), 'abcdefgh');
  });

  it('goes backwards with no clock, and ends when nobody wants it', () => {
    const client = makeClient();
    const paced = new PacedBody(client.exchange, { bytesPerSecond: 4, fullSpeedBytes: 2 });
    send(paced, 'abcdefghijkl', '');
    client.deadlines.sweep(start + 500);
    client.deadlines.sweep(start);
    client.deadlines.sweep(start + 500);
    assert.equal(client.received.toString(), 'abcdefg');
    assert.equal(paced.destroy(), 5);
    client.deadlines.sweep(start + 60_000);
    assert.deepEqual([client.received.toString(), client.deadlines.size], ['abcdefg', 0]);
  });
});
