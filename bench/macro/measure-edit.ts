// One edited Ingress among many: from the moment its file is saved until the first answer by the new rule has arrived. The
// poller keeps one connection all the while, so a change that closed connections would fail the measure.
import { setTimeout as pause } from 'node:timers/promises';
import { CoreWatch } from './core-watch.ts';
import { type FleetRun, type FleetRunSpec, withFleet } from './fleet-run.ts';
import { fleetHost } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { Poller } from './poller.ts';
import { readTreeCpuSeconds } from './process-tree.ts';
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

async function measureFleet(
  run: FleetRun,
  ingresses: number,
  count: number,
  core: number,
): Promise<EditResult> {
  const { pid } = run.proxy.program;
  const watch = new CoreWatch(core);
  const cpuBefore = readTreeCpuSeconds(pid);
  const latenciesMs = await runEdits(run, ingresses, count);
  return { ingresses, latenciesMs, shares: watch.end(readTreeCpuSeconds(pid) - cpuBefore) };
}

export async function measureEdits(workspace: Workspace, options: BenchOptions): Promise<EditResult[]> {
  const { editSizes, editsPerSize } = options;
  const results: EditResult[] = [];
  for (const ingresses of editSizes) {
    beginStep(`edit: ${editsPerSize} edits among ${ingresses} Ingresses`);
    const result = await workspace.withFolder((folder) =>
      withFleet(workspace, folder, editFleet(ingresses), (run) =>
        measureFleet(run, ingresses, editsPerSize, workspace.cores.proxy),
      ),
    );
    results.push(result);
  }
  return results;
}
