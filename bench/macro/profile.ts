// Where the time goes when a bound is missed: Sallyport once more under V8's sampling profiler, with the load of that measure.
// Its figures are not used, only the shares of its functions.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { comparedMeasures, prepareLoad } from './compare.ts';
import { type HotFunction, readProfile, summariseProfile } from './cpu-profile.ts';
import { withFleet } from './fleet-run.ts';
import { runWrk } from './load.ts';
import { writeVariantManifests } from './manifests.ts';
import { editFleet, runEdits } from './measure-edit.ts';
import { startFleet } from './measure-start.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import { findWorker } from './process-tree.ts';
import { beginStep } from './progress.ts';
import { projectRoot, startSallyport } from './sallyport.ts';
import type { Workspace } from './workspace.ts';

export interface ProfileSummary {
  readonly measure: MeasureName;
  readonly process: 'worker' | 'primary';
  readonly hot: readonly HotFunction[];
}

const functionsTold = 20;
const profiledEdits = 60;

/** The measures for which a profile says something. */
export const profiledMeasures: readonly MeasureName[] = [...comparedMeasures, 'start', 'edit'];

function profilerEnvironment(folder: string): Readonly<Record<string, string>> {
  const profileFolder = join(folder, 'profiles');
  mkdirSync(profileFolder, { recursive: true });
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` };
}

function summarise(folder: string, pid: number): HotFunction[] {
  const profile = readProfile(join(folder, 'profiles'), pid);
  return profile === null ? [] : summariseProfile(profile, projectRoot, functionsTold);
}

async function profileLoad(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
  folder: string,
): Promise<HotFunction[]> {
  const { cores, backend, certificatePath, keyPath } = workspace;
  const manifestFolder = join(folder, 'manifests');
  const environment = profilerEnvironment(folder);
  const core = cores.proxy;
  writeVariantManifests(manifestFolder, {
    folder,
    core,
    backendPort: backend.port,
    certificatePath,
    keyPath,
  });
  const proxy = await startSallyport({ folder, core, manifestFolder, environment });
  let worker = 0;
  try {
    const load = await prepareLoad(measure, proxy);
    await runWrk(load, options.measureSeconds, cores.load);
    worker = findWorker(proxy.program.pid);
  } finally {
    await proxy.program.stop();
  }
  return summarise(folder, worker);
}

async function profileFleet(
  workspace: Workspace,
  measure: MeasureName,
  folder: string,
): Promise<HotFunction[]> {
  const { ingresses } = startFleet;
  const environment = profilerEnvironment(folder);
  const fleet = measure === 'start' ? startFleet : editFleet(ingresses);
  const pid = await withFleet(workspace, folder, { ...fleet, environment }, async (run) => {
    if (measure === 'edit') await runEdits(run, ingresses, profiledEdits);
    return run.proxy.program.pid;
  });
  return summarise(folder, pid);
}

export async function profileMeasure(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
): Promise<ProfileSummary> {
  beginStep(`profile: ${measure}`);
  const isLoad = comparedMeasures.includes(measure);
  const hot = await workspace.withFolder((folder) =>
    isLoad ? profileLoad(workspace, options, measure, folder) : profileFleet(workspace, measure, folder),
  );
  return { measure, process: isLoad ? 'worker' : 'primary', hot };
}
