// 10,000 Ingresses from files: from the start of the process until /readyz is 200.
import { withFleet } from './fleet-run.ts';
import { fleetHost } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { assertAnswer } from './probe.ts';
import { beginStep } from './progress.ts';
import type { StartResult } from './results.ts';
import type { RunningSallyport } from './sallyport.ts';
import type { Workspace } from './workspace.ts';

export const manyIngresses = { ingresses: 10_000, pathsPerIngress: 2, sharesService: false } as const;
/** Service, EndpointSlice, Ingress. */
const objectsPerIngress = 3;

export async function measureStart(workspace: Workspace, options: BenchOptions): Promise<StartResult> {
  const { ingresses } = manyIngresses;
  const runs: RunningSallyport[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    beginStep(`start, round ${round}: ${ingresses} Ingresses`);
    const run = await workspace.withFolder((folder) =>
      withFleet(workspace, folder, manyIngresses, async ({ proxy }) => {
        await assertAnswer(`http://127.0.0.1:${proxy.httpPort}/p01`, fleetHost(ingresses - 1), 100);
        return proxy;
      }),
    );
    runs.push(run);
  }
  return {
    ingresses,
    objects: ingresses * objectsPerIngress,
    seconds: runs.map(({ startSeconds }) => startSeconds),
    cpuSeconds: runs.map(({ startCpuSeconds }) => startCpuSeconds),
    shares: runs.map(({ startShares }) => startShares),
  };
}
