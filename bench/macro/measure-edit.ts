// One edited Ingress among many: from the moment its file is saved until the first answer by the new rule has arrived. The
// poller keeps one connection all the while, so a change that closed connections would fail the measure.
import { setTimeout as pause } from 'node:timers/promises';
import { type FleetRun, type FleetRunSpec, withFleet } from './fleet-run.ts';
import { fleetHost } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { Poller } from './poller.ts';
import { beginStep } from './progress.ts';
import type { EditResult } from './results.ts';
import type { Workspace } from './workspace.ts';

/** Edits at the beginning that are not counted: the code is not compiled yet. */
const warmUpEdits = 20;
/** Longer than edits are gathered, so that each is a change of its own. */
const pauseBetweenMs = 50;
const giveUpMs = 10_000;
const path = '/p00';

/** For profiles too. */
export function editFleet(ingresses: number): FleetRunSpec {
  const flags = ['--keep-alive-requests', '10000000'];
  return { ingresses, pathsPerIngress: 2, sharesService: false, flags };
}

async function editOnce(
  { fleet }: FleetRun,
  poller: Poller,
  index: number,
  usesOther: boolean,
): Promise<number> {
  const host = fleetHost(index);
  const wanted = usesOther ? 'b' : 'a';
  const before = await poller.ask(host, path);
  if (before.startsWith(wanted)) throw new Error(`${host} answered "${wanted}" before the edit`);
  fleet.edit(index, usesOther);
  const savedMs = performance.now();
  while (!(await poller.ask(host, path)).startsWith(wanted)) {
    if (performance.now() - savedMs > giveUpMs)
      throw new Error(`The edit of ${host} did not show within ${giveUpMs / 1_000} s`);
  }
  return performance.now() - savedMs;
}

/** Edits Ingresses all over the fleet, one after the other; milliseconds of each, without the warm-up. */
export async function runEdits(run: FleetRun, ingresses: number, count: number): Promise<number[]> {
  const poller = await Poller.open(run.proxy.httpPort);
  const isEdited = new Set<number>();
  const latenciesMs: number[] = [];
  try {
    for (let edit = 0; edit < warmUpEdits + count; edit += 1) {
      const index = (edit * 7_919) % ingresses;
      const usesOther = !isEdited.has(index);
      const latencyMs = await editOnce(run, poller, index, usesOther);
      if (usesOther) isEdited.add(index);
      else isEdited.delete(index);
      if (edit >= warmUpEdits) latenciesMs.push(latencyMs);
      await pause(pauseBetweenMs);
    }
  } finally {
    poller.close();
  }
  return latenciesMs;
}

export async function measureEdits(workspace: Workspace, options: BenchOptions): Promise<EditResult[]> {
  const results: EditResult[] = [];
  for (const ingresses of options.editSizes) {
    beginStep(`edit: ${options.editsPerSize} edits among ${ingresses} Ingresses`);
    const latenciesMs = await workspace.withFolder((folder) =>
      withFleet(workspace, folder, editFleet(ingresses), (run) =>
        runEdits(run, ingresses, options.editsPerSize),
      ),
    );
    results.push({ ingresses, latenciesMs });
  }
  return results;
}
