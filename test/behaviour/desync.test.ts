// The desync oracle: whatever an attacker sends, upstreams see whole well-formed requests with the proxy's stamp, no more of them than a strict
// reader finds in the input, and another client gets its own answer. Each input runs whole, in halves and byte by byte, with one outcome.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Attack } from './desync-attack.ts';
import { attacks } from './desync-corpus.ts';
import { okResponse, RawClient, startProxy, startUpstream, type TestProxy } from './harness.ts';
import { type Reading, readRequests } from './strict-requests.ts';

/** An upstream that records every connection and answers each whole request with its method, host and target. */
class Recorder {
  readonly connections: RawClient[] = [];
  port = 0;

  async start(t: TestContext): Promise<void> {
    this.port = await startUpstream(t, (client) => {
      this.connections.push(client);
      this.#serve(client).catch(() => {});
    });
  }

  async #serve(client: RawClient): Promise<void> {
    for (let served = 0; ; served += 1) {
      await client.until(
        (text) => readRequests(text, 'proxy').requests.length > served || isEarly(text, served),
      );
      const request = readRequests(client.received, 'proxy').requests[served];
      const host = request?.fields.find(([name]) => name === 'host')?.[1] ?? '';
      client.send(
        okResponse(request === undefined ? 'early' : `${request.method} ${host} ${request.target}`),
      );
    }
  }

  readings(): Reading[] {
    return this.connections.map(({ received }) => readRequests(received, 'proxy'));
  }
}

/** The gadget of 0.CL attacks: an answer before the body. */
function isEarly(text: string, served: number): boolean {
  const { requests, rest } = readRequests(text, 'proxy');
  return requests.length === served && rest.startsWith('POST /early ') && rest.includes('\r\n\r\n');
}

const redirect = { 'ssl-redirect': { mode: 'always', preservesTrailingSlash: false } };

async function start(t: TestContext): Promise<{ proxy: TestProxy; recorder: Recorder; secret: Recorder }> {
  const recorder = new Recorder();
  const secret = new Recorder();
  await recorder.start(t);
  await secret.start(t);
  const proxy = await startProxy(t, {
    hosts: {
      'a.test': [
        { path: '/gone', status: 404 },
        { path: '/redirect', upstream: 'open', policies: redirect },
        { path: '/small', upstream: 'open', policies: { 'body-size': { maxBodyBytes: 10 } } },
        { path: '/', upstream: 'open' },
      ],
      'secret.test': [{ upstream: 'secret' }],
    },
    upstreams: { open: [recorder.port], secret: [secret.port] },
  });
  return { proxy, recorder, secret };
}

async function sendCut(client: RawClient, input: string, cut: 'whole' | 'halves' | 'bytes'): Promise<void> {
  if (cut === 'whole') {
    client.send(input);
    return;
  }
  const size = cut === 'bytes' ? 1 : Math.ceil(input.length / 2);
  for (let at = 0; at < input.length && !client.isClosed; at += size) {
    client.send(input.slice(at, at + size));
    await new Promise(setImmediate);
  }
}

function statusesOf(text: string): string {
  return (text.match(/HTTP\/1\.1 \d{3}/g) ?? []).map((line) => line.slice(-3)).join(' ');
}

async function askVictim(victim: RawClient, nonce: string): Promise<void> {
  const before = victim.received.length;
  victim.send(`GET /victim/${nonce} HTTP/1.1\r\nHost: a.test\r\n\r\n`);
  const text = await victim.until((received) => received.slice(before).includes('/victim/'));
  assert.ok(text.endsWith(`\r\n\r\nGET a.test /victim/${nonce}`), text.slice(before));
}

async function run(t: TestContext, attack: Attack, cut: 'whole' | 'halves' | 'bytes'): Promise<void> {
  const { proxy, recorder, secret } = await start(t);
  const victim = await RawClient.open(t, proxy.port);
  await askVictim(victim, 'before');
  const attacker = await RawClient.open(t, proxy.port);
  await sendCut(attacker, attack.input, cut);
  const wanted = new RegExp(`^${attack.statuses.replaceAll('x', '\\d')}$`);
  await attacker.until((text) => wanted.test(statusesOf(text)));
  await askVictim(victim, 'between');
  attacker.socket.end();
  await attacker.untilClosed();
  await askVictim(victim, 'after');
  assert.match(statusesOf(attacker.received), wanted);
  judge(attack, [...recorder.readings(), ...secret.readings()], recorder.connections);
  assert.ok(!attacker.received.includes('/victim/'), 'the attacker got an answer of the victim');
  assert.deepEqual(secret.readings(), [], 'the host that nobody asked for was asked');
  assert.equal(proxy.worker.core.counters.bugs, 0);
}

function judge(attack: Attack, readings: readonly Reading[], connections: readonly RawClient[]): void {
  const seen = readings.flatMap(({ requests }) => requests).filter((each) => !isVictims(each.target));
  assert.deepEqual(
    seen.map(({ method, target }) => `${method} ${target}`),
    attack.reaches,
  );
  const possible = readRequests(attack.input, 'client').requests.length;
  assert.ok(seen.length <= possible, `${seen.length} requests came out of ${possible}`);
  for (const [index, { fault, rest }] of readings.entries()) {
    assert.equal(fault, '', `an upstream saw ${JSON.stringify(rest)}`);
    // An unfinished message is never followed by another: its connection is gone.
    if (rest !== '') assert.equal(connections[index]?.isClosed, true, `left open behind ${rest}`);
  }
}

function isVictims(target: string): boolean {
  return target.startsWith('/victim/');
}

describe('desync', () => {
  for (const attack of attacks) {
    for (const cut of ['whole', 'halves', 'bytes'] as const) {
      if (cut === 'bytes' && attack.input.length > 1_500) continue;
      test(`${attack.name}, ${cut}`, { timeout: 10_000 }, (t) => run(t, attack, cut));
    }
  }
});
