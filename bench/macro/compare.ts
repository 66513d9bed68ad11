// The proxies side by side, with the same kinds of traffic.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, alternate } from './alternate.ts';
import type { LoadSpec } from './load.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import { startCaddy } from './peers/caddy.ts';
import { startHaproxy } from './peers/haproxy.ts';
import { startNginx, startNginxDefaultBuffers } from './peers/nginx.ts';
import { assertAnswer } from './probe.ts';
import type { LoadResult } from './results.ts';
import { startSallyportVariant } from './sallyport.ts';
import { type RunningProxy, type Variant, hosts } from './variant.ts';
import type { Workspace } from './workspace.ts';

const variants: readonly Variant[] = [
  { name: 'nginx', start: startNginx },
  { name: 'nginx, default buffers', start: startNginxDefaultBuffers, isForLargeBodies: true },
  { name: 'HAProxy', start: startHaproxy },
  { name: 'Caddy', start: startCaddy },
  { name: 'Sallyport', start: startSallyportVariant },
];

interface Traffic {
  readonly isTls: boolean;
  readonly path: string;
  readonly bodyBytes: number;
  readonly connections: number;
}

const traffic: ReadonlyMap<MeasureName, Traffic> = new Map([
  ['plain', { isTls: false, path: '/', bodyBytes: 100, connections: 64 }],
  ['tls', { isTls: true, path: '/', bodyBytes: 100, connections: 64 }],
  ['16k', { isTls: false, path: '/16k', bodyBytes: 16_384, connections: 64 }],
  ['1m', { isTls: false, path: '/1m', bodyBytes: 1_048_576, connections: 16 }],
]);

/** A warm-up alone logs far more. */
const leastLogBytes = 10_000;

export const comparedMeasures: readonly MeasureName[] = [...traffic.keys()];

/** The load of a compared measure, after one request has shown that the proxy answers rightly. */
export async function prepareLoad(measure: MeasureName, proxy: RunningProxy): Promise<LoadSpec> {
  const kind = traffic.get(measure);
  if (kind === undefined) throw new Error(`"${measure}" does not compare proxies`);
  const authority = kind.isTls ? `${hosts.tls}:${proxy.httpsPort}` : `127.0.0.1:${proxy.httpPort}`;
  const host = kind.isTls ? null : hosts.plain;
  const url = `${kind.isTls ? 'https' : 'http'}://${authority}${kind.path}`;
  await assertAnswer(url, host, kind.bodyBytes);
  return { url, connections: kind.connections, host, spread: null };
}

async function startContestant(
  workspace: Workspace,
  measure: MeasureName,
  variant: Variant,
): Promise<Contestant> {
  const { cores, backend, certificatePath, keyPath } = workspace;
  const folder = workspace.makeFolder();
  const proxy = await variant.start({
    folder,
    core: cores.proxy,
    backendPort: backend.port,
    certificatePath,
    keyPath,
  });
  const load = await prepareLoad(measure, proxy);
  const { program } = proxy;
  const stop = async (): Promise<void> => {
    await program.stop();
    const logBytes = statSync(join(folder, 'access.log')).size;
    rmSync(folder, { recursive: true, force: true });
    if (logBytes < leastLogBytes)
      throw new Error(`${variant.name} did not log its requests: ${logBytes} bytes in its access log`);
  };
  return { pid: program.pid, load, stop };
}

export async function compareProxies(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
): Promise<LoadResult> {
  const hasLargeBody = (traffic.get(measure)?.bodyBytes ?? 0) > 1_000;
  const specs = variants
    .filter(({ isForLargeBodies }) => isForLargeBodies !== true || hasLargeBody)
    .map((variant) => ({
      name: variant.name,
      start: async () => await startContestant(workspace, measure, variant),
    }));
  return { measure, samples: await alternate(measure, specs, workspace.cores, options) };
}
