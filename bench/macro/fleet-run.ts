// Sallyport over a fleet of Ingresses, for the measures that compare it with itself.
import { join } from 'node:path';
import { Fleet } from './manifests.ts';
import { type RunningSallyport, startSallyport } from './sallyport.ts';
import type { Workspace } from './workspace.ts';

export interface FleetRun {
  readonly proxy: RunningSallyport;
  readonly fleet: Fleet;
}

export interface FleetRunSpec {
  readonly ingresses: number;
  readonly pathsPerIngress: number;
  readonly sharesService: boolean;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Writes the fleet into `folder` and starts Sallyport over it. */
export async function startFleet(
  { cores, backend }: Workspace,
  folder: string,
  { ingresses, pathsPerIngress, sharesService, flags, environment }: FleetRunSpec,
): Promise<FleetRun> {
  const manifestFolder = join(folder, 'manifests');
  const fleet = new Fleet(manifestFolder, {
    ingresses,
    pathsPerIngress,
    sharesService,
    backendPort: backend.port,
  });
  fleet.write(backend.otherPort);
  const proxy = await startSallyport({
    folder,
    core: cores.proxy,
    manifestFolder,
    ...(flags === undefined ? {} : { flags }),
    ...(environment === undefined ? {} : { environment }),
  });
  return { proxy, fleet };
}

/** The same around `action`: Sallyport is stopped whatever happens. */
export async function withFleet<T>(
  workspace: Workspace,
  folder: string,
  spec: FleetRunSpec,
  action: (run: FleetRun) => Promise<T>,
): Promise<T> {
  const run = await startFleet(workspace, folder, spec);
  try {
    return await action(run);
  } finally {
    await run.proxy.program.stop();
  }
}
