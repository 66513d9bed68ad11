// Requests on keep-alive connections to the stable paths of Ingresses all over the cluster, while others change them: every answer
// that is not 200 and every connection that ends is counted.
import { setTimeout as pause } from 'node:timers/promises';
import { fleetHost } from '../macro/manifests.ts';
import { Poller } from '../macro/poller.ts';
import { percentile } from '../macro/statistics.ts';
import { serveCompanion } from './companion.ts';
import { stablePath } from './objects.ts';

export interface LoadInput {
  readonly httpPort: number;
  /** Numbers of the Ingresses that are asked for. */
  readonly indices: readonly number[];
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  /** What the first failure was. */
  readonly failure: string | null;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How the benchmark speaks to this program. */
export interface LoadTypes {
  readonly input: LoadInput;
  readonly ready: null;
  readonly result: LoadResult;
}

const connections = 16;
/** Of each connection between two requests: the load must not be what the changes wait for. */
const thinkMs = 4;
const reconnectMs = 50;

class Load {
  readonly #input: LoadInput;
  readonly #startedMs = performance.now();
  readonly #latenciesMs: number[] = [];
  readonly #clients: Promise<void>[];
  #failures = 0;
  #failure: string | null = null;
  #isStopping = false;

  constructor(input: LoadInput) {
    this.#input = input;
    this.#clients = Array.from({ length: connections }, (_, seed) => this.#keepAsking(seed));
  }

  async stop(): Promise<LoadResult> {
    this.#isStopping = true;
    await Promise.all(this.#clients);
    const latencies = this.#latenciesMs;
    return {
      requests: latencies.length + this.#failures,
      failures: this.#failures,
      failure: this.#failure,
      seconds: (performance.now() - this.#startedMs) / 1_000,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      maxMs: percentile(latencies, 1),
    };
  }

  async #keepAsking(seed: number): Promise<void> {
    for (let round = seed; !this.#isStopping; ) {
      try {
        round = await this.#askUntilEnd(round);
      } catch (error) {
        this.#fail(error instanceof Error ? error.message : String(error));
        await pause(reconnectMs);
      }
    }
  }

  /** On one connection. */
  async #askUntilEnd(first: number): Promise<number> {
    const { httpPort, indices } = this.#input;
    const poller = await Poller.open(httpPort);
    let round = first;
    try {
      for (; !this.#isStopping; round += connections) {
        const host = fleetHost(indices[round % indices.length] ?? 0);
        const askedMs = performance.now();
        const { status } = await poller.exchange(host, stablePath);
        if (status === 200) this.#latenciesMs.push(performance.now() - askedMs);
        else this.#fail(`${host}${stablePath}: ${status}`);
        await pause(thinkMs);
      }
    } finally {
      poller.close();
    }
    return round;
  }

  #fail(reason: string): void {
    this.#failures += 1;
    this.#failure ??= reason;
  }
}

serveCompanion<LoadTypes>((input) => {
  const load = new Load(input);
  return Promise.resolve({ ready: null, stop: () => load.stop() });
});
