// The proxies side by side, with the same kinds of traffic. Another checkout of Sallyport can be one of them.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, alternate } from './alternate.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import { peers } from './peers/index.ts';
import { orStop } from './processes.ts';
import { type LoadResult, sallyport, sallyportBeside } from './results.ts';
import { projectRoot, startSallyportVariant } from './sallyport.ts';
import { type Traffic, traffic } from './traffic.ts';
import type { Variant, VariantContext } from './variant.ts';
import type { Workspace } from './workspace.ts';

/** A warm-up alone logs far more. */
const leastLogBytes = 10_000;

export const comparedMeasures: readonly MeasureName[] = [...traffic.keys()];

export function trafficOf(measure: MeasureName): Traffic {
  const kind = traffic.get(measure);
  if (kind === undefined) throw new Error(`"${measure}" does not compare proxies`);
  return kind;
}

/** What a proxy is started with. */
export async function makeContext(
  workspace: Workspace,
  { service }: Traffic,
  folder: string,
): Promise<VariantContext> {
  const { cores, backend, certificatePath, keyPath } = workspace;
  const ports = {
    http: () => backend.port,
    grpc: () => backend.grpcPort,
    websocket: async () => await workspace.echoPort(),
  } as const;
  const backendPort = await ports[service.application]();
  return { folder, core: cores.proxy, backendPort, certificatePath, keyPath, service };
}

async function startContestant(workspace: Workspace, kind: Traffic, variant: Variant): Promise<Contestant> {
  const folder = workspace.makeFolder();
  const proxy = await variant.start(await makeContext(workspace, kind, folder));
  const { program } = proxy;
  const load = await orStop(program, () => kind.prepare(proxy, workspace));
  const stop = async (wasMeasured: boolean): Promise<void> => {
    await program.stop();
    const logBytes = statSync(join(folder, 'access.log')).size;
    rmSync(folder, { recursive: true, force: true });
    if (wasMeasured && kind.isLogged && logBytes < leastLogBytes)
      throw new Error(`${variant.name} did not log its requests: ${logBytes} bytes in its access log`);
  };
  return { pid: program.pid, load, stop };
}

function variantsOf(kind: Traffic, { beside, isAlone }: BenchOptions): Variant[] {
  const others = isAlone ? [] : kind.peers.map((name) => ({ name, start: peers[name] }));
  const here: Variant = {
    name: sallyport,
    start: async (context) => await startSallyportVariant(projectRoot, context),
  };
  if (beside === null) return [...others, here];
  const there: Variant = {
    name: sallyportBeside,
    start: async (context) => await startSallyportVariant(beside, context),
  };
  // Neighbours: it is between these two that the smallest difference matters.
  return [...others, there, here];
}

export async function compareProxies(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
): Promise<LoadResult> {
  const kind = trafficOf(measure);
  const specs = variantsOf(kind, options).map((variant) => ({
    name: variant.name,
    start: async () => await startContestant(workspace, kind, variant),
  }));
  const samples = await alternate(measure, specs, workspace.cores, options, kind.windows);
  return { measure, samples };
}
