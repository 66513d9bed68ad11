// Where the time goes when a bound is missed: Sallyport once more under V8's sampling profiler, with the load of that measure.
// Its figures are not used, only the shares of its functions.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { comparedMeasures, makeContext, trafficOf } from './compare.ts';
import { type TimeShares, readProfile, summariseProfile } from './cpu-profile.ts';
import { withFleet } from './fleet-run.ts';
import type { Load } from './load.ts';
import { annotatedRoute, routeLoad, startRoute } from './measure-annotations.ts';
import { routesFleet, routesLoad, routesTables } from './measure-routes.ts';
import { editFleet, runEdits } from './measure-edit.ts';
import { manyIngresses } from './measure-start.ts';
import { type BenchOptions, type MeasureName, windowsOf } from './options.ts';
import { findWorker } from './process-tree.ts';
import { beginStep } from './progress.ts';
import { projectRoot, startSallyportVariant } from './sallyport.ts';
import type { RunningProxy } from './variant.ts';
import type { Workspace } from './workspace.ts';

export interface ProfileSummary {
  readonly measure: MeasureName;
  readonly process: 'worker' | 'primary';
  readonly hot: TimeShares;
}

const functionsTold = 20;
const profiledEdits = 100;

/** The measures for which a profile says something. */
export const profiledMeasures: readonly MeasureName[] = [
  ...comparedMeasures,
  'routes',
  'annotations',
  'start',
  'edit',
];

function profilerEnvironment(folder: string): Readonly<Record<string, string>> {
  const profileFolder = join(folder, 'profiles');
  mkdirSync(profileFolder, { recursive: true });
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` };
}

function summarise(folder: string, pid: number, skipSeconds: number): TimeShares {
  const profile = readProfile(join(folder, 'profiles'), pid);
  return profile === null
    ? { functions: [], origins: [] }
    : summariseProfile(profile, projectRoot, skipSeconds * 1e6, functionsTold);
}

/** Longer than a window: the profiler needs many samples. */
function loadSeconds(options: BenchOptions): number {
  return options.warmUpSeconds + options.measureSeconds * windowsOf(options);
}

/** The worker of a proxy that is stopped afterwards. */
async function profileWorker(
  workspace: Workspace,
  options: BenchOptions,
  folder: string,
  proxy: RunningProxy,
  prepare: () => Promise<Load>,
): Promise<TimeShares> {
  let worker = 0;
  try {
    const load = await prepare();
    await load.run(loadSeconds(options), workspace.cores.load);
    worker = findWorker(proxy.program.pid);
  } finally {
    await proxy.program.stop();
  }
  return summarise(folder, worker, options.warmUpSeconds);
}

async function profileCompared(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
  folder: string,
): Promise<TimeShares> {
  const kind = trafficOf(measure);
  const context = await makeContext(workspace, kind, folder);
  const proxy = await startSallyportVariant(projectRoot, context, profilerEnvironment(folder));
  return await profileWorker(workspace, options, folder, proxy, () => kind.prepare(proxy, workspace));
}

async function profileAnnotations(
  workspace: Workspace,
  options: BenchOptions,
  folder: string,
): Promise<TimeShares> {
  const proxy = await startRoute(workspace, folder, annotatedRoute, profilerEnvironment(folder));
  return await profileWorker(workspace, options, folder, proxy, () => routeLoad(annotatedRoute, proxy));
}

async function profileRoutes(
  workspace: Workspace,
  options: BenchOptions,
  folder: string,
): Promise<TimeShares> {
  const table = routesTables[1];
  const environment = profilerEnvironment(folder);
  const worker = await withFleet(workspace, folder, { ...routesFleet(table), environment }, async (run) => {
    const load = await routesLoad(table, run);
    await load.run(loadSeconds(options), workspace.cores.load);
    return findWorker(run.proxy.program.pid);
  });
  return summarise(folder, worker, options.warmUpSeconds);
}

/** Of the primary: it loads, translates and publishes. */
async function profileChanges(
  workspace: Workspace,
  measure: MeasureName,
  folder: string,
): Promise<TimeShares> {
  const { ingresses } = manyIngresses;
  const environment = profilerEnvironment(folder);
  const isEdit = measure === 'edit';
  const spec = isEdit ? editFleet(ingresses) : manyIngresses;
  const { pid, skipSeconds } = await withFleet(workspace, folder, { ...spec, environment }, async (run) => {
    if (isEdit) await runEdits(run, ingresses, profiledEdits);
    return { pid: run.proxy.program.pid, skipSeconds: isEdit ? run.proxy.startSeconds : 0 };
  });
  return summarise(folder, pid, skipSeconds);
}

export async function profileMeasure(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
): Promise<ProfileSummary> {
  beginStep(`profile: ${measure}`);
  const isOfPrimary = measure === 'start' || measure === 'edit';
  const hot = await workspace.withFolder(async (folder) => {
    if (isOfPrimary) return await profileChanges(workspace, measure, folder);
    if (measure === 'annotations') return await profileAnnotations(workspace, options, folder);
    if (measure === 'routes') return await profileRoutes(workspace, options, folder);
    return await profileCompared(workspace, options, measure, folder);
  });
  return { measure, process: isOfPrimary ? 'primary' : 'worker', hot };
}
