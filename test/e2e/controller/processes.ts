// Starts the processes of these tests: an API server (`sallyport up`), controllers, and an application that they lead to; each with
// ports and folders of its own, ended and removed with the test.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ask, askAdmin, findFreePort, root, runProcess, type Running } from '../../cli/up-process.ts';
import { Api, readAccess } from './api.ts';
import type { Endpoint } from './objects.ts';
import { ownAddress } from './own-address.ts';
import { waitFor } from './waiting.ts';

const program = join(root, 'bin/sallyport.js');

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-controller-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Ends it, with its workers, if it still runs. */
async function endProcess({ child, ended }: Running): Promise<void> {
  // One that was stopped would never hear of anything else.
  child.kill('SIGKILL');
  await ended;
}

export interface ApiProcess {
  readonly api: Api;
  readonly kubeconfigPath: string;
  readonly running: () => Running;
  /** As a power cut: resolves when the process has ended. */
  readonly kill: () => Promise<void>;
  /** On the same port, with the same state. */
  readonly start: () => Promise<void>;
}

/** An API server that fulfils nothing itself: no Ingress is its own. Without a test context the caller ends it. */
export async function startApi(t: TestContext): Promise<ApiProcess> {
  const folder = makeFolder(t);
  const [apiPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const words = ['up', '--workers', '1', '--data-dir', folder, '--log-format', 'text', '--admin-port', '0'];
  const ports = ['--api-port', apiPort, '--http-port', 0, '--https-port', httpsPort].map(String);
  const none = ['--controller-class', 'example.com/none', '--ingress-class', 'none'];
  const start = async (): Promise<Running> => {
    const started = runProcess(program, [...words, ...ports, ...none, '--watch-ingress-without-class=false']);
    t.after(() => endProcess(started));
    await started.waitFor(/is ready/);
    return started;
  };
  let running = await start();
  const kubeconfigPath = join(folder, 'kubeconfig');
  const api = new Api(readAccess(kubeconfigPath));
  t.after(() => api.close());
  return {
    api,
    kubeconfigPath,
    running: () => running,
    kill: () => endProcess(running),
    start: async () => {
      running = await start();
    },
  };
}

export interface ControllerProcess extends Running {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly adminPort: number;
  /** Text of a page of the admin listener. */
  readonly page: (path: string) => Promise<string>;
  /** Value of a metric without labels, or with exactly these. */
  readonly metric: (name: string) => Promise<number>;
  readonly isReady: () => Promise<boolean>;
  readonly isLeading: () => Promise<boolean>;
}

export interface ControllerOptions {
  readonly flags?: readonly string[];
  /** The pod that it shall take itself for. */
  readonly pod?: string;
}

/** The address that every controller of these tests writes into the status. */
export const publishedAddress = '203.0.113.1';

/** `sallyport controller` with one worker; not yet ready. */
export async function startController(
  t: TestContext,
  kubeconfigPath: string,
  { flags = [], pod }: ControllerOptions = {},
): Promise<ControllerProcess> {
  const [httpPort, httpsPort, adminPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const words = ['controller', '--kubeconfig', kubeconfigPath, '--workers', '1', '--log-format', 'text'];
  const ports = ['--http-port', httpPort, '--https-port', httpsPort, '--healthz-port', adminPort].map(String);
  const binds = ['--bind', '127.0.0.1', '--healthz-host', '127.0.0.1', '--access-log', 'off'];
  const dataDir = makeFolder(t);
  const kept = ['--data-dir', dataDir, '--publish-status-address', publishedAddress];
  const running = runProcess(program, [...words, ...ports, ...binds, ...kept, ...flags], {
    env: pod === undefined ? {} : { POD_NAME: pod, POD_NAMESPACE: 'default' },
  });
  t.after(() => endProcess(running));
  const page = async (path: string): Promise<string> => (await askAdmin(adminPort, dataDir, path)).body;
  const metric = async (name: string): Promise<number> => {
    const line = (await ask(adminPort, 'localhost', '/metrics')).body
      .split('\n')
      .find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? Number.NaN);
  };
  const isReady = async (): Promise<boolean> => (await ask(adminPort, 'localhost', '/readyz')).status === 200;
  const isLeading = async (): Promise<boolean> => (await metric('sallyport_leader')) === 1;
  return { ...running, httpPort, httpsPort, adminPort, page, metric, isReady, isLeading };
}

/** The same, ready. */
export async function startReadyController(
  t: TestContext,
  kubeconfigPath: string,
  options: ControllerOptions = {},
): Promise<ControllerProcess> {
  const controller = await startController(t, kubeconfigPath, options);
  await controller.waitFor(/ INFO +ready /);
  return controller;
}

/** An application that answers `ok`, on an address that may be an endpoint in a cluster. */
export async function startOrigin(t: TestContext, text = 'ok'): Promise<Endpoint> {
  const address = ownAddress();
  const server = createServer((_request, response) => response.end(text)).listen(0, address);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { address, port: (server.address() as AddressInfo).port };
}

/** Waits until the controller answers a host with this status. */
export async function waitForAnswer(
  controller: ControllerProcess,
  host: string,
  status: number,
): Promise<void> {
  await waitFor(
    `${host} answers ${status}`,
    async () => (await ask(controller.httpPort, host)).status === status,
  );
}
