// The proxies side by side: in every round each of them once, in a fresh process, the order reversed from round to round, so
// that what changes on the machine over time falls on all alike.
import { type LoadSample, type LoadSpec, measureLoad } from './load.ts';
import type { BenchOptions, MeasureName } from './options.ts';
import { startCaddy } from './peers/caddy.ts';
import { startHaproxy } from './peers/haproxy.ts';
import { startNginx } from './peers/nginx.ts';
import { assertAnswer } from './probe.ts';
import { beginStep } from './progress.ts';
import type { LoadResult } from './results.ts';
import { startSallyportVariant } from './sallyport.ts';
import { type RunningProxy, type Variant, hosts } from './variant.ts';
import type { Workspace } from './workspace.ts';

export const variants: readonly Variant[] = [
  { name: 'nginx', start: startNginx },
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

async function measureVariant(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
  variant: Variant,
): Promise<LoadSample> {
  const { cores, backend, certificatePath, keyPath } = workspace;
  return await workspace.withFolder(async (folder) => {
    const proxy = await variant.start({
      folder,
      core: cores.proxy,
      backendPort: backend.port,
      certificatePath,
      keyPath,
    });
    try {
      return await measureLoad(proxy.program.pid, await prepareLoad(measure, proxy), cores, options);
    } finally {
      await proxy.program.stop();
    }
  });
}

export async function compareProxies(
  workspace: Workspace,
  options: BenchOptions,
  measure: MeasureName,
): Promise<LoadResult> {
  const samples = new Map<string, LoadSample[]>(variants.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const variant of round % 2 === 1 ? variants : variants.toReversed()) {
      beginStep(`${measure}, round ${round}: ${variant.name}`);
      samples.get(variant.name)?.push(await measureVariant(workspace, options, measure, variant));
    }
  }
  return { measure, samples };
}
