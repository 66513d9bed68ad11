// A reflector over real HTTP connections that are cut at any byte, stall, repeat frames, carry garbage, refuse and expire: what
// it knows ends up as what the server has, and nothing that lives is ever dropped. Time runs 200 times as fast.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { ApiClient } from './api-client.ts';
import { FakeApiHttp } from './fake-api-http.fixture.ts';
import { FakeApiServer, type FakeObject } from './fake-api-server.fixture.ts';
import { KubeHttpClient } from './http-client.ts';
import { plainConnection } from './http-server.fixture.ts';
import { Reflector } from './reflector.ts';
import { systemTiming, type Timing } from './timing.ts';

const things = '/apis/test/v1/things';
const speed = 200;
const fastTiming: Timing = {
  nowMs: () => systemTiming.nowMs() * speed,
  random: Math.random,
  wait: (timeMs, signal) => systemTiming.wait(timeMs / speed, signal),
};

/** Numbers that are the same in every run of a seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * below);
  };
}

/** One way of answering a request badly. */
const refusals: readonly ((response: ServerResponse) => void)[] = [
  (response) => response.writeHead(500).end('{"kind":"Status","code":500,"reason":"InternalError"}'),
  (response) => response.writeHead(429, { 'retry-after': '1' }).end('{}'),
  (response) => response.writeHead(502).end('<html>bad gateway</html>'),
  (response) => response.writeHead(410).end('{"kind":"Status","code":410,"reason":"Expired"}'),
  (response) => response.writeHead(200).end('{"kind":"Thing'),
  (response) => response.destroy(),
  // A connection that is open, and silent for ever.
  () => undefined,
];

/** Breaks about one answer in three, one frame in five. */
class Chaos {
  readonly #random: (below: number) => number;
  readonly #silent = new WeakSet<ServerResponse>();
  isOn = true;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  interfere(_request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.isOn || this.#random(3) > 0) return false;
    refusals[this.#random(refusals.length)]?.(response);
    return true;
  }

  write(response: ServerResponse, line: string): void {
    if (this.#silent.has(response) || response.destroyed) return;
    const bytes = Buffer.from(line, 'utf8');
    const cut = this.#random(bytes.length);
    const fate = this.isOn ? this.#random(20) : -1;
    if (fate === 0) this.#silent.add(response);
    else if (fate === 1) response.write(bytes.subarray(0, cut), () => response.destroy());
    else if (fate === 2) response.end('garbage\n');
    else {
      response.write(bytes.subarray(0, cut));
      response.write(bytes.subarray(cut));
      if (fate === 3) response.write(bytes);
    }
  }
}

class ChaosBench {
  readonly api = new FakeApiServer([things]);
  readonly known = new Map<string, FakeObject>();
  readonly faults: string[] = [];
  #onChange: () => void = () => undefined;

  reflect(client: ApiClient): Reflector {
    return new Reflector({
      client,
      timing: fastTiming,
      path: things,
      isOptional: false,
      sink: {
        set: (key, object) => this.#note(() => this.known.set(key, object as unknown as FakeObject)),
        removed: (key) => this.#note(() => this.#remove(key)),
        listed: () => this.#note(() => undefined),
        refused: () => undefined,
        trouble: () => undefined,
      },
    });
  }

  #note(change: () => void): void {
    change();
    this.#onChange();
  }

  #remove(key: string): void {
    const uid = this.known.get(key)?.metadata.uid;
    if (this.api.get(things, key)?.metadata.uid === uid) this.faults.push(`"${key}" lives and was removed`);
    this.known.delete(key);
  }

  render(objects: ReadonlyMap<string, FakeObject>): string {
    return [...objects]
      .map(([key, { metadata }]) => `${key} ${JSON.stringify(metadata)}`)
      .sort()
      .join();
  }

  async converged(): Promise<void> {
    while (this.render(this.known) !== this.render(this.api.all(things))) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onChange = resolve;
      await promise;
    }
  }
}

/** Changes things for a while of real time, in which connections fail and are made anew, with the server forgetting and ending watches now and then. */
async function live(api: FakeApiServer, random: (below: number) => number): Promise<void> {
  for (let step = 0; step < 400; step += 1) {
    const key = `n/größe-${random(6)}`;
    if (random(3) === 0) api.delete(things, key);
    else api.put(things, key, { text: '🦊'.repeat(random(50)) });
    if (random(40) === 0) api.compact();
    if (random(40) === 0) api.endWatches();
    if (random(20) === 0) api.bookmark();
    if (random(4) === 0) await systemTiming.wait(random(12), new AbortController().signal);
    else await nextTurn();
  }
}

describe('Reflector over connections that fail', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`ends up with what the server has (seed ${seed})`, async (test) => {
      const bench = new ChaosBench();
      const chaos = new Chaos(seed);
      const http = new FakeApiHttp(bench.api);
      http.interfere = (request, response) => chaos.interfere(request, response);
      http.write = (response, text) => chaos.write(response, text);
      const client = new KubeHttpClient({ connection: plainConnection(await http.listen()) });
      const fast = (timeMs: number | undefined): number => (timeMs ?? 30_000) / speed;
      const reflector = bench.reflect({
        call: (call) => client.call({ ...call, timeoutMs: fast(call.timeoutMs) }),
        watch: (call, onFrame, onOpen) =>
          client.watch({ ...call, timeoutMs: fast(call.timeoutMs) }, onFrame, onOpen),
      });
      test.after(async () => {
        await reflector.stop();
        client.close();
        http.stop();
      });
      reflector.start();
      await live(bench.api, randomOf(seed));
      chaos.isOn = false;
      await bench.converged();
      assert.deepEqual(bench.faults, []);
      const { listErrors, watchErrors } = reflector.state();
      assert.ok(listErrors + watchErrors > 0, 'the connections were too good to show anything');
    });
  }
});
