// Many changes while requests are counted: none of them may fail.
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { Poller } from '../macro/poller.ts';
import { startCompanion } from './companion.ts';
import type { Change, ConvergenceFleet } from './fleet.ts';
import type { LoadResult, LoadTypes } from './load-process.ts';
import { changeOnce } from './measure-change.ts';
import type { ChangeSample, LoadedResult } from './results.ts';
import type { Subject } from './subject.ts';

/** One of so many changes moves an endpoint, the others edit an Ingress. */
const endpointEvery = 5;
const pauseMs = 15;
/**
 * So many Ingresses are asked for all the time, and every other change is one of theirs. Fewer than the proxy keeps idle connections
 * to endpoints: all endpoints here are the same port, and with a new connection for each request its 28,000 partners would run out.
 */
const loadedIngresses = 200;

/** The changes one after the other; a request of theirs that is answered wrongly is a failure like those of the load. */
class LoadedChanges {
  readonly samples: ChangeSample[] = [];
  failures = 0;
  failure: string | null = null;
  readonly #fleet: ConvergenceFleet;
  readonly #httpPort: number;
  readonly #loaded: readonly number[];

  constructor(fleet: ConvergenceFleet, httpPort: number, loaded: readonly number[]) {
    this.#fleet = fleet;
    this.#httpPort = httpPort;
    this.#loaded = loaded;
  }

  async run(count: number): Promise<void> {
    let poller = await Poller.open(this.#httpPort);
    for (let step = 0; step < count; step += 1) {
      try {
        this.samples.push(await changeOnce(poller, this.#choose(step)));
      } catch (error) {
        this.failures += 1;
        this.failure ??= error instanceof Error ? error.message : String(error);
        poller.close();
        poller = await Poller.open(this.#httpPort);
      }
      await pause(pauseMs);
    }
    poller.close();
  }

  #choose(step: number): Change {
    const random = Math.random();
    const anywhere = Math.floor(random * this.#fleet.size);
    const loaded = this.#loaded[Math.floor(random * this.#loaded.length)] ?? anywhere;
    const index = step % 2 === 0 ? loaded : anywhere;
    const isMove = step % endpointEvery === endpointEvery - 1;
    return isMove ? this.#fleet.moveEndpoint(index) : this.#fleet.editIngress(index);
  }
}

export async function measureLoad(
  subject: Subject,
  fleet: ConvergenceFleet,
  core: number,
  count: number,
): Promise<LoadedResult> {
  const { httpPort, setting } = subject;
  const loadedCount = Math.min(loadedIngresses, fleet.size);
  const indices = Array.from({ length: loadedCount }, (_, each) =>
    Math.floor((each * fleet.size) / loadedCount),
  );
  const path = join(import.meta.dirname, 'load-process.ts');
  const load = await startCompanion<LoadTypes>(core, path, { httpPort, indices });
  const changes = new LoadedChanges(fleet, httpPort, indices);
  let result: LoadResult | null = null;
  try {
    await changes.run(count);
    result = await load.stop();
  } finally {
    if (result === null) await load.stop().catch(() => undefined);
  }
  return {
    ...result,
    failures: result.failures + changes.failures,
    failure: result.failure ?? changes.failure,
    setting,
    ingresses: fleet.size,
    changes: changes.samples,
  };
}
