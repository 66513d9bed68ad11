// `npm start`: two sample applications and `sallyport up -f examples`, then the curl lines to try. Words behind `--` go to
// `sallyport up`. Ports that are taken are replaced by free ones, and it says so; `--free-ports` takes free ones from the start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createEchoApp } from '../examples/apps/echo.ts';
import { renderAuthority } from '../src/cli/start-failure.ts';
import { UsageError, parseUpConfig, readSurroundings } from '../src/config/index.ts';
import type { Config } from '../src/config/index.ts';

const root = resolve(import.meta.dirname, '..');
const examples = relative(process.cwd(), join(root, 'examples')) || '.';
/** The endpoints of examples/10-apps.yaml. */
const samples = [
  { name: 'app-one', port: 9081 },
  { name: 'app-two', port: 9082 },
];

/** A port that nobody listens on: `wanted`, or any if that is taken or 0. */
async function findFreePort(wanted: number, address = '127.0.0.1'): Promise<number> {
  const probe = createServer().listen({ port: wanted, host: address, exclusive: true });
  try {
    await once(probe, 'listening');
  } catch (error) {
    const isTaken = ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!isTaken || wanted === 0) throw error;
    return await findFreePort(0, address);
  }
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function startApps(useAnyPort: boolean): Promise<{ servers: Server[]; ports: number[] }> {
  const servers: Server[] = [];
  const ports: number[] = [];
  for (const { name, port } of samples) {
    const chosen = await findFreePort(useAnyPort ? 0 : port);
    if (!useAnyPort && chosen !== port) console.log(`Port ${port} is in use: ${name} listens on ${chosen}.`);
    const server = createEchoApp(name).listen(chosen, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    ports.push(chosen);
  }
  return { servers, ports };
}

/** The examples folder itself, or a copy that names the ports on which the applications really listen. */
function prepareManifests(ports: readonly number[]): { folder: string; remove: () => void } {
  if (ports.every((port, index) => port === samples[index]?.port))
    return { folder: examples, remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-examples-'));
  cpSync(examples, folder, { recursive: true });
  const file = join(folder, '10-apps.yaml');
  let text = readFileSync(file, 'utf8');
  for (const [index, { port }] of samples.entries())
    text = text.replaceAll(String(port), String(ports[index]));
  writeFileSync(file, text);
  console.log(`The examples are served from a copy with these ports: ${folder}`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function isGiven(words: readonly string[], flag: string): boolean {
  return words.some((word) => word === flag || word.startsWith(`${flag}=`) || word === '--config');
}

/** The demo's objects are nobody's: unless the user names a folder, they end with it. */
function prepareState(words: readonly string[]): { flags: string[]; remove: () => void } {
  if (isGiven(words, '--data-dir')) return { flags: [], remove: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
  return { flags: ['--data-dir', folder], remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Flags for the listeners whose ports are taken, unless the user chose them. */
async function replaceTakenPorts(
  words: readonly string[],
  config: Config,
  useAnyPort: boolean,
): Promise<string[]> {
  const { address, httpPort, httpsPort } = config.proxy.listen;
  const listeners = [
    { flag: '--http-port', port: httpPort, host: address },
    { flag: '--https-port', port: httpsPort, host: address },
    { flag: '--admin-port', port: config.adminPort, host: config.adminAddress },
    { flag: '--api-port', port: config.api.port, host: config.api.address },
  ];
  const flags: string[] = [];
  for (const { flag, port, host } of listeners) {
    if (isGiven(words, flag)) continue;
    const chosen = await findFreePort(useAnyPort ? 0 : port, host);
    if (!useAnyPort && chosen !== port)
      console.log(`Port ${port} is in use: ${flag} ${chosen} is taken instead.`);
    if (chosen !== port) flags.push(flag, String(chosen));
  }
  return flags;
}

/** Waits for /readyz, or as long as the process lives where there is no admin port. */
async function waitUntilReady(config: Config, hasEnded: () => boolean): Promise<boolean> {
  const url = `http://${renderAuthority(config.adminAddress, config.adminPort)}/readyz`;
  while (!hasEnded()) {
    const isReady = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady || config.adminPort === 0) return !hasEnded();
    await pause(25);
  }
  return false;
}

/** What to try: a sentence that names the answering application, and the line that gets the answer. */
function renderRequests({ proxy }: Config): string[] {
  const { httpPort, httpsPort } = proxy.listen;
  const isAny = ['0.0.0.0', '::'].includes(proxy.listen.address);
  const address = isAny ? '127.0.0.1' : proxy.listen.address;
  const resolved = address.includes(':') ? `[${address}]` : address;
  const certificate = join(examples, 'tls/https-example.foo.com.crt');
  const plain = `http://${renderAuthority(address, httpPort)}`;
  const secure = (host: string, path: string, trust: string): string =>
    `curl -s ${trust} --resolve ${host}:${httpsPort}:${resolved} https://${host}:${httpsPort}${path}`;
  const ask = (host: string, path: string): string =>
    httpPort === 0 ? secure(host, path, '-k') : `curl -s -H 'Host: ${host}' ${plain}${path}`;
  const requests = [
    ['Fan-out, /foo: app-one', ask('foo.bar.com', '/foo')],
    ['Fan-out, /bar: app-two', ask('foo.bar.com', '/bar')],
    ['Name-based host: app-two', ask('bar.foo.com', '/')],
    ['Wildcard host *.foo.com: app-two', ask('any.foo.com', '/foo/1')],
    ['Default backend, for whatever no rule takes: app-two', ask('nobody.example', '/anything')],
  ];
  if (httpsPort !== 0) {
    const trust = `--cacert ${certificate}`;
    requests.push([
      'TLS with the certificate of a Secret: app-one',
      secure('https-example.foo.com', '/', trust),
    ]);
    if (httpPort !== 0) {
      const redirected = `curl -s -i -H 'Host: https-example.foo.com' ${plain}/`;
      requests.push(['Plain HTTP to a host with TLS: 308', redirected]);
    }
  }
  return requests.flatMap(([what, line]) => ['', `# ${what}`, `${line}`]);
}

async function run(words: readonly string[]): Promise<number> {
  const useAnyPort = words.includes('--free-ports');
  const passed = words.filter((word) => word !== '--free-ports');
  const wanted = parseUpConfig(['-f', examples, ...passed], readSurroundings());
  const { servers, ports } = await startApps(useAnyPort);
  const manifests = prepareManifests(ports);
  const flags = wanted === null ? [] : await replaceTakenPorts(passed, wanted, useAnyPort);
  const state = prepareState(passed);
  const upWords = ['-f', manifests.folder, ...passed, ...flags, ...state.flags];
  console.log(`$ sallyport up ${upWords.join(' ')}`);
  const entry = join(root, 'bin/sallyport.js');
  const child = spawn(process.execPath, [entry, 'up', ...upWords], { stdio: 'inherit' });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const shell = process.ppid;
  // SIGTERM to npm ends the shell between it and this process, and goes no further.
  const watch = setInterval(() => process.ppid === shell || child.kill('SIGTERM'), 250);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const config = parseUpConfig(upWords, readSurroundings());
  if (config !== null && (await waitUntilReady(config, hasEnded))) {
    const lines = [
      '',
      'Try (Ctrl-C ends everything):',
      ...renderRequests(config),
      '',
      '# The same objects with kubectl',
      `KUBECONFIG=${join(config.dataDir, 'kubeconfig')} kubectl get ingress`,
      '',
    ];
    console.log(lines.join('\n'));
  }
  const [code] = await ended;
  clearInterval(watch);
  for (const server of servers) server.close().closeAllConnections();
  manifests.remove();
  state.remove();
  return code ?? 1;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
