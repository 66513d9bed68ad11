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

/** Writes the fleet into `folder`, starts Sallyport over it, runs `action`, and stops Sallyport whatever happens. */
export async function withFleet<T>(
  workspace: Workspace,
  folder: string,
  spec: FleetRunSpec,
  action: (run: FleetRun) => Promise<T>,
): Promise<T> {
  const { ingresses, pathsPerIngress, sharesService, flags, environment } = spec;
  const { cores, backend } = workspace;
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
  try {
    return await action({ proxy, fleet });
  } finally {
    await proxy.program.stop();
  }
}
