// Many changes while requests are counted: none of them may fail.
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { Poller } from '../macro/poller.ts';
import { startCompanion } from './companion.ts';
import type { ConvergenceFleet } from './fleet.ts';
import type { LoadResult, LoadTypes } from './load-process.ts';
import { changeOnce } from './measure-change.ts';
import type { ChangeSample, LoadedResult } from './results.ts';
import type { Subject } from './subject.ts';

/** One of so many changes moves an endpoint, the others edit an Ingress. */
const endpointEvery = 5;
const pauseMs = 15;

export async function measureLoad(
  subject: Subject,
  fleet: ConvergenceFleet,
  core: number,
  count: number,
): Promise<LoadedResult> {
  const input = { httpPort: subject.httpPort, ingresses: fleet.size };
  const path = join(import.meta.dirname, 'load-process.ts');
  const load = await startCompanion<LoadTypes>(core, path, input);
  const poller = await Poller.open(subject.httpPort);
  const changes: ChangeSample[] = [];
  let result: LoadResult | null = null;
  try {
    for (let step = 0; step < count; step += 1) {
      const index = Math.floor(Math.random() * fleet.size);
      const isMove = step % endpointEvery === endpointEvery - 1;
      changes.push(await changeOnce(poller, isMove ? fleet.moveEndpoint(index) : fleet.editIngress(index)));
      await pause(pauseMs);
    }
    result = await load.stop();
  } finally {
    poller.close();
    if (result === null) await load.stop().catch(() => undefined);
  }
  return { ...result, setting: subject.setting, ingresses: fleet.size, changes };
}
