// For tests of real worker processes: a supervisor on free ports, clients that ask without pause, and which process serves a connection.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProxySettings } from '../../src/model/index.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { Supervisor } from '../../src/proxy/supervisor.ts';
import { type DeepPartial, testSettings } from '../behaviour/harness.ts';
import { makeSelfSigned } from '../behaviour/self-signed.ts';
import { findFreePort } from '../cli/up-process.ts';

export interface StartedWorkers {
  readonly supervisor: Supervisor;
  readonly settings: ProxySettings;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** A supervisor with two workers unless said otherwise, started, without a table. Killed with the test. */
export async function startWorkers(
  t: TestContext,
  change: DeepPartial<ProxySettings> = {},
): Promise<StartedWorkers> {
  const [httpPort, httpsPort] = [await findFreePort(), await findFreePort()];
  const settings: ProxySettings = {
    ...testSettings({ ...change, listen: { httpPort, httpsPort }, accessLog: { format: 'off', path: '-' } }),
    workers: change.workers ?? 2,
  };
  const supervisor = makeSupervisor(settings);
  t.after(() => supervisor.kill());
  await supervisor.start();
  return { supervisor, settings, httpPort, httpsPort };
}

export function makeSupervisor(settings: ProxySettings, onServed?: (version: number) => void): Supervisor {
  return new Supervisor({
    settings,
    ...(onServed === undefined ? {} : { onServed }),
    logger: createLogger({ level: 'error', format: 'json' }),
    defaultCertificate: makeSelfSigned(['default.test']),
    logLevel: 'error',
    logFormat: 'json',
  });
}

/** An origin server; returns its port. */
export async function startOrigin(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** The worker that serves a client's connection, found through the system's socket tables. */
export function workerOf(
  client: { readonly localPort?: number | undefined },
  pids: readonly number[],
): number {
  const wanted = (client.localPort ?? 0).toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, , remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/);
    if (!remote.endsWith(`:${wanted}`)) continue;
    for (const pid of pids) if (holdsSocket(pid, inode)) return pid;
  }
  return 0;
}

function holdsSocket(pid: number, inode: string): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      // Closed while the folder was read.
      return false;
    }
  });
}

/** One client that asks again and again on one keep-alive connection. It stops when told, or when an answer says close. */
export class SteadyClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;
  readonly #pauseMs: number;
  readonly #sockets = new Set<Socket>();
  #wake: (() => void)[] = [];
  isStopped = false;
  wasToldToClose = false;
  answered = 0;
  readonly failures: string[] = [];
  readonly done: Promise<void>;

  /** `pauseMs`: between an answer and the next request, for tests in which others need the processors. */
  constructor(port: number, pauseMs = 0) {
    this.#port = port;
    this.#pauseMs = pauseMs;
    this.done = this.#run();
  }

  /** The connection of the last request. */
  get socket(): Socket | undefined {
    return [...this.#sockets].at(-1);
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves after `count` more answers, or when the client has ended. */
  async answers(count: number): Promise<void> {
    const wanted = this.answered + count;
    while (this.answered < wanted && this.failures.length === 0 && !this.isStopped)
      await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  async #run(): Promise<void> {
    while (!this.isStopped && this.failures.length === 0) {
      try {
        await this.#ask();
        this.answered += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
      for (const wake of this.#wake.splice(0)) wake();
      if (this.#pauseMs > 0) await pause(this.#pauseMs);
    }
    this.#agent.destroy();
  }

  async #ask(): Promise<void> {
    const asked = request({
      port: this.#port,
      host: '127.0.0.1',
      agent: this.#agent,
      headers: { host: 'a.test' },
    });
    asked.once('socket', (socket: Socket) => this.#sockets.add(socket));
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response as AsyncIterable<Buffer>) body += chunk.toString();
    if (response.statusCode !== 200 || body !== 'ok') throw new Error(`${response.statusCode} ${body}`);
    if (response.headers.connection === 'close') {
      this.wasToldToClose = true;
      this.isStopped = true;
    }
  }
}

/** Runs a primary under a limit of open descriptors, and waits until it says that it is ready. Killed with the test, its workers by that. */
export async function spawnLimited(
  t: TestContext,
  maxDescriptors: number,
  words: readonly string[],
): Promise<void> {
  const child = spawn(
    'sh',
    ['-c', `ulimit -n ${maxDescriptors}; exec "$0" "$@"`, process.execPath, ...words],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    output += chunk.toString();
    if (output.includes('ready\n')) return;
  }
  throw new Error(`it ended, saying ${JSON.stringify(output)}`);
}
