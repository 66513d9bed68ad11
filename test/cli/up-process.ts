// Starts `sallyport up` as a user does, on free ports, and waits for what it says; for the tests beside.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export interface Running {
  readonly child: ChildProcess;
  /** Everything on standard output and error so far. */
  readonly output: () => string;
  /** Resolves once the output matches; rejects when the process ends before. */
  readonly waitFor: (pattern: RegExp) => Promise<RegExpMatchArray>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

export interface RunOptions {
  readonly stdin?: string | undefined;
  /** Default: the runtime of this test. */
  readonly node?: string | undefined;
  /** Besides those of this test. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child whose output is collected, first of a process group of its own, as under a shell. The caller ends it. */
export function runProcess(
  file: string,
  words: readonly string[],
  { stdin, node, env }: RunOptions = {},
): Running {
  const child = spawn(node ?? process.execPath, [file, ...words], {
    cwd: root,
    env: { ...process.env, ...env },
    detached: true,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(stdin);
  let output = '';
  const checks = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const check of checks) check();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const waitFor = (pattern: RegExp): Promise<RegExpMatchArray> =>
    new Promise((done, fail) => {
      const check = (): void => {
        const match = pattern.exec(output);
        if (match === null) return;
        checks.delete(check);
        done(match);
      };
      checks.add(check);
      check();
      void ended.then((code) => fail(new Error(`ended with ${code} before ${String(pattern)}:\n${output}`)));
    });
  return { child, output: () => output, waitFor, ended };
}

export interface UpProcess extends Running {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly adminPort: number;
  readonly folder: string;
  /** Ends it if it still runs, and removes its folder. */
  readonly remove: () => Promise<void>;
}

export interface UpOptions {
  /** File name to text, written to the manifest folder before the start. */
  readonly manifests?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly stdin?: string;
  readonly node?: string;
}

/** `sallyport up` over a folder of its own, with one worker; not yet ready. */
export async function startUp({ manifests = {}, flags = [], stdin, node }: UpOptions): Promise<UpProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-up-'));
  for (const [name, text] of Object.entries(manifests)) writeFileSync(join(folder, name), text);
  const [httpPort, httpsPort, adminPort, apiPort] = await Promise.all([
    findFreePort(),
    findFreePort(),
    findFreePort(),
    findFreePort(),
  ]);
  const ports = ['--http-port', httpPort, '--https-port', httpsPort, '--admin-port', adminPort];
  const words = ['up', ...(stdin === undefined ? ['-f', folder] : ['-f', '-']), '--workers', '1'];
  if (!flags.includes('--api-port')) ports.push('--api-port', apiPort);
  const kept = ['--data-dir', join(folder, 'data'), '--log-format', 'text'];
  const running = runProcess(
    join(root, 'bin/sallyport.js'),
    [...words, ...ports.map(String), ...kept, ...flags],
    {
      stdin,
      node,
    },
  );
  const remove = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...running, httpPort, httpsPort, adminPort, folder, remove };
}

/** An application on a free port, for manifests to point at. */
export async function startApp(onRequest: RequestListener) {
  const server = createHttpServer(onRequest).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port, close };
}

/** An Ingress on one host, with its Service and EndpointSlice on 127.0.0.1. */
export function renderManifest(name: string, host: string, port: number): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec:
  rules:
    - host: ${host}
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: ${name}, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { ports: [{ port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: ['127.0.0.1'] }]
ports: [{ port: ${port} }]
`;
}

/** A page of the admin listener, asked for with the token of the data folder. */
export async function askAdmin(port: number, dataDir: string, path: string): Promise<Answer> {
  const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  return await ask(port, 'localhost', path, { authorization: `Bearer ${token}` });
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** GET over a connection of its own. */
export async function ask(
  port: number,
  host: string,
  path = '/',
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const sent = request({ port, host: '127.0.0.1', path, headers: { host, ...fields }, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}
