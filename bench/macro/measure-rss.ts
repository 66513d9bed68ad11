// Memory of the worker at 5,000 Ingresses, each with a Service of its own, after traffic over all hosts.
import { withFleet } from './fleet-run.ts';
import type { BenchOptions } from './options.ts';
import { findWorker, readPeakRssMiB, readRssMiB, readTreeRssMiB } from './process-tree.ts';
import { beginStep } from './progress.ts';
import type { RssResult } from './results.ts';
import type { Workspace } from './workspace.ts';
import { wrkLoad } from './wrk.ts';

const fleet = { ingresses: 5_000, pathsPerIngress: 2, sharesService: false } as const;
const connections = 64;
const strings = 20_000;

export async function measureRss(workspace: Workspace, options: BenchOptions): Promise<RssResult> {
  const workerMiB: number[] = [];
  const workerPeakMiB: number[] = [];
  const treeMiB: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    beginStep(`rss, round ${round}: ${fleet.ingresses} Ingresses`);
    await workspace.withFolder((folder) =>
      withFleet(workspace, folder, fleet, async ({ proxy }) => {
        const spread = [fleet.ingresses, fleet.pathsPerIngress, strings, 'many'].map(String);
        const url = `http://127.0.0.1:${proxy.httpPort}/`;
        const seconds = options.warmUpSeconds + options.measureSeconds;
        await wrkLoad({ url, connections, host: null, spread }).run(seconds, workspace.cores.load);
        const { pid } = proxy.program;
        const worker = findWorker(pid);
        workerMiB.push(readRssMiB(worker));
        workerPeakMiB.push(readPeakRssMiB(worker));
        treeMiB.push(readTreeRssMiB(pid));
      }),
    );
  }
  return { ingresses: fleet.ingresses, workerMiB, workerPeakMiB, treeMiB };
}
