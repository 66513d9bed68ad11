// 20,000 routes on 2,000 hosts against one route. All lead to one Service, and the load generator does the same work in both,
// so that nothing but the routing (and what is counted for each Ingress) differs.
import { rmSync } from 'node:fs';
import { type Contestant, alternate } from './alternate.ts';
import { type FleetRun, type FleetRunSpec, startFleet } from './fleet-run.ts';
import type { Load } from './load.ts';
import { fleetHost } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { assertAnswer } from './probe.ts';
import { orStop } from './processes.ts';
import type { LoadResult } from './results.ts';
import type { Workspace } from './workspace.ts';
import { wrkLoad } from './wrk.ts';

const hostCount = 2_000;
const pathsPerHost = 10;
const connections = 64;

export const oneRoute = 'one route';
export const manyRoutes = '20,000 routes';
export const routesTables = [
  { name: oneRoute, spread: 'one', ingresses: 1, pathsPerIngress: 1 },
  { name: manyRoutes, spread: 'many', ingresses: hostCount, pathsPerIngress: pathsPerHost },
] as const;
type RoutesTable = (typeof routesTables)[number];

/** For profiles too. */
export function routesFleet(table: RoutesTable): FleetRunSpec {
  return { ingresses: table.ingresses, pathsPerIngress: table.pathsPerIngress, sharesService: true };
}

/** The load of a table, after one request has shown that its last host is served. */
export async function routesLoad(table: RoutesTable, { proxy }: FleetRun): Promise<Load> {
  const url = `http://127.0.0.1:${proxy.httpPort}`;
  await assertAnswer(`${url}/p00`, fleetHost(table.ingresses - 1), 100);
  const words = [hostCount, pathsPerHost, hostCount * pathsPerHost, table.spread].map(String);
  return wrkLoad({ url: `${url}/`, connections, host: null, spread: words });
}

async function startContestant(workspace: Workspace, table: RoutesTable): Promise<Contestant> {
  const folder = workspace.makeFolder();
  const run = await startFleet(workspace, folder, routesFleet(table));
  const { program } = run.proxy;
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid: program.pid, load: await orStop(program, () => routesLoad(table, run)), stop };
}

export async function measureRoutes(workspace: Workspace, options: BenchOptions): Promise<LoadResult> {
  const specs = routesTables.map((table) => ({
    name: table.name,
    start: async () => await startContestant(workspace, table),
  }));
  return { measure: 'routes', samples: await alternate('routes', specs, workspace.cores, options) };
}
