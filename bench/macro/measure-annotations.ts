// One Ingress with ten common annotations against the same route without. Requests, application and answers are the same: what
// differs is what the annotations do.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, alternate } from './alternate.ts';
import type { Load } from './load.ts';
import { renderIngress, renderService } from './manifests.ts';
import type { BenchOptions } from './options.ts';
import { ask, assertAnswer } from './probe.ts';
import { orStop } from './processes.ts';
import type { LoadResult } from './results.ts';
import { startSallyport } from './sallyport.ts';
import { type RunningProxy, hosts } from './variant.ts';
import type { Workspace } from './workspace.ts';
import { wrkLoad } from './wrk.ts';

const connections = 64;
const prefix = '/shop';
const target = `${prefix}/cart/items?n=1`;
const cookieName = 'INGRESSCOOKIE';
/** Of a session of Sallyport: endpoint, `|`, family of endpoints. */
const sessionLength = 41;
const origin = `https://${hosts.plain}`;

/** With `use-regex`, without which `rewrite-target` has no captures. */
const annotations: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'use-regex': 'true',
    'rewrite-target': '/$2',
    'x-forwarded-prefix': prefix,
    'enable-cors': 'true',
    'cors-allow-origin': origin,
    'proxy-body-size': '8m',
    'proxy-read-timeout': '120',
    'limit-rps': '1000000',
    'whitelist-source-range': '0.0.0.0/0',
    'upstream-vhost': 'shop.internal.example',
    'proxy-cookie-path': `/ ${prefix}/`,
    affinity: 'cookie',
  }).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
);

export const bareRoute = 'no annotations';
export const annotatedRoute = 'ten annotations';
const routes = [bareRoute, annotatedRoute] as const;
type RouteName = (typeof routes)[number];

function renderRoute(name: RouteName, backendPort: number): string {
  const common = { namespace: 'default', name: 'shop', host: hosts.plain, service: 'web' };
  const ingress =
    name === bareRoute
      ? renderIngress({ ...common, paths: [prefix] })
      : renderIngress({
          ...common,
          paths: [`${prefix}(/|$)(.*)`],
          pathType: 'ImplementationSpecific',
          annotations,
        });
  return renderService('default', 'web', backendPort) + ingress;
}

/** For profiles too. */
export async function startRoute(
  { cores, backend }: Workspace,
  folder: string,
  name: RouteName,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningProxy> {
  const manifestFolder = join(folder, 'manifests');
  mkdirSync(manifestFolder, { recursive: true });
  writeFileSync(join(manifestFolder, 'shop.yaml'), renderRoute(name, backend.port));
  return await startSallyport({ folder, core: cores.proxy, manifestFolder, environment });
}

/** Requests of a client that has its session. Both routes get the same, with a cookie of the same length. */
export async function routeLoad(name: RouteName, { httpPort }: RunningProxy): Promise<Load> {
  const url = `http://127.0.0.1:${httpPort}${target}`;
  const { fields } = await ask(url, hosts.plain, { origin });
  const session = /^[^;]*/.exec(fields['set-cookie']?.[0] ?? '')?.[0] ?? '';
  const isAnnotated = name === annotatedRoute;
  const hasAll = session.startsWith(`${cookieName}=`) && fields['access-control-allow-origin'] === origin;
  if (hasAll !== isAnnotated)
    throw new Error(`${url}, ${name}: session and CORS are ${isAnnotated ? 'wanted' : 'not wanted'}`);
  await assertAnswer(url, hosts.plain, 100);
  const cookie = isAnnotated ? session : `${cookieName}=${'0'.repeat(sessionLength)}`;
  if (cookie.length !== cookieName.length + 1 + sessionLength)
    throw new Error(`${url}, ${name}: a session of ${sessionLength} characters is wanted, got "${session}"`);
  return wrkLoad({
    url,
    connections,
    host: hosts.plain,
    fields: [`Cookie: ${cookie}`, `Origin: ${origin}`],
    spread: null,
  });
}

async function startContestant(workspace: Workspace, name: RouteName): Promise<Contestant> {
  const folder = workspace.makeFolder();
  const proxy = await startRoute(workspace, folder, name);
  const { program } = proxy;
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { pid: program.pid, load: await orStop(program, () => routeLoad(name, proxy)), stop };
}

export async function measureAnnotations(workspace: Workspace, options: BenchOptions): Promise<LoadResult> {
  const specs = routes.map((name) => ({
    name,
    start: async () => await startContestant(workspace, name),
  }));
  return { measure: 'annotations', samples: await alternate('annotations', specs, workspace.cores, options) };
}
