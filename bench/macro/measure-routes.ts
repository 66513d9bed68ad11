// 20,000 routes on 2,000 hosts against one route. All lead to one Service, and the load generator does the same work in both,
// so that nothing but the routing (and what is counted for each Ingress) differs.
import { type FleetRun, type FleetRunSpec, withFleet } from './fleet-run.ts';
import { type LoadSample, type LoadSpec, measureLoad } from './load.ts';
import { fleetHost } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { assertAnswer } from './probe.ts';
import { beginStep } from './progress.ts';
import type { LoadResult } from './results.ts';
import type { Workspace } from './workspace.ts';

const hostCount = 2_000;
const pathsPerHost = 10;
const connections = 64;

export const oneRoute = 'one route';
export const manyRoutes = '20,000 routes';
const tables = [
  { name: oneRoute, spread: 'one', ingresses: 1, pathsPerIngress: 1 },
  { name: manyRoutes, spread: 'many', ingresses: hostCount, pathsPerIngress: pathsPerHost },
] as const;

function fleetOf(table: (typeof tables)[number]): FleetRunSpec {
  return { ingresses: table.ingresses, pathsPerIngress: table.pathsPerIngress, sharesService: true };
}

async function loadOf(table: (typeof tables)[number], { proxy }: FleetRun): Promise<LoadSpec> {
  const url = `http://127.0.0.1:${proxy.httpPort}`;
  await assertAnswer(`${url}/p00`, fleetHost(table.ingresses - 1), 100);
  const words = [hostCount, pathsPerHost, hostCount * pathsPerHost, table.spread].map(String);
  return { url: `${url}/`, connections, host: null, spread: words };
}

export async function measureRoutes(workspace: Workspace, options: BenchOptions): Promise<LoadResult> {
  const samples = new Map<string, LoadSample[]>(tables.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const table of round % 2 === 1 ? tables : tables.toReversed()) {
      beginStep(`routes, round ${round}: ${table.name}`);
      const sample = await workspace.withFolder((folder) =>
        withFleet(workspace, folder, fleetOf(table), async (run) => {
          const load = await loadOf(table, run);
          return await measureLoad(run.proxy.program.pid, load, workspace.cores, options);
        }),
      );
      samples.get(table.name)?.push(sample);
    }
  }
  return { measure: 'routes', samples };
}
