// Supervisor: the primary's side of the data plane. It starts one worker process per core, hands every table change to all of
// them, replaces a worker that dies, and answers for readiness, metrics and draining. `controller/` knows only its `publish`.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ProxySettings, RouteTable, TablePatch } from '../model/index.ts';
import type { Logger, LogLevel } from '../observe/logger.ts';
import { MetricRegistry } from '../observe/counters.ts';
import { type ExpositionOptions, renderExposition } from '../observe/exposition.ts';
import { MetricsTotals } from '../observe/merge.ts';
import { registerProcessMetrics } from '../observe/process-metrics.ts';
import { registerSupervisorMetrics } from '../observe/proxy-metrics.ts';
import type { MetricsSnapshot } from '../observe/request-metrics.ts';
import { applyPatch, emptyTable, fullPatch } from '../table/index.ts';
import { askResponder } from './ocsp/ask-responder.ts';
import { Stapler } from './ocsp/stapler.ts';
import { LimitKeeper } from './limit-keeper.ts';
import type { RequestFacts } from './recent-requests.ts';
import { WorkerQuestions } from './worker-questions.ts';
import type { PemPair, ToPrimary, ToWorker, WorkerInit } from './ipc.ts';

const ticketKeyBytes = 48;
const nonceKeyBytes = 32;
const ticketKeyRotationMs = 12 * 3_600_000;
/** A worker that dies sooner than this after its start is started again with growing pauses. */
const stableAfterMs = 10_000;
const maxRestartPauseMs = 10_000;
/** A small young generation: measured to cost no processor time per request, and to save tens of MiB per worker. */
const workerFlags = ['--max-semi-space-size=8'];
/** A worker that has not ended this long after its grace period is killed. */
const killAfterGraceMs = 2_000;

export interface SupervisorOptions {
  readonly settings: ProxySettings;
  readonly logger: Logger;
  readonly defaultCertificate: PemPair;
  readonly logLevel?: LogLevel;
  readonly logFormat?: 'text' | 'json';
  /** Every worker that listens serves by this version or a later one. Called with growing versions. */
  readonly onServed?: (version: number) => void;
}

export interface BoundPorts {
  readonly httpPort: number;
  readonly httpsPort: number;
}

interface WorkerSlot {
  readonly index: number;
  process: ChildProcess | null;
  startedMs: number;
  isListening: boolean;
  /** Version of the table that the worker serves by; 0: none yet. */
  appliedVersion: number;
  quickDeaths: number;
  restartTimer: NodeJS.Timeout | null;
  lastSnapshot: MetricsSnapshot | null;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: WorkerSlot[];
  readonly #collects = new WorkerQuestions<MetricsSnapshot | null>();
  readonly #searches = new WorkerQuestions<RequestFacts | null>();
  #table: RouteTable = emptyTable;
  #ticketKeys: Uint8Array = randomBytes(ticketKeyBytes);
  readonly #nonceKey: Uint8Array = randomBytes(nonceKeyBytes);
  #ticketTimer: NodeJS.Timeout | null = null;
  #isDraining = false;
  #waitsForTable = false;
  #servedVersion = 0;
  #readyWaiters: (() => void)[] = [];
  readonly #totals = new MetricsTotals();
  readonly #registry = new MetricRegistry();
  readonly #restarts = registerSupervisorMetrics(this.#registry).workerRestarts;
  readonly #stopSampling = registerProcessMetrics(this.#registry);
  readonly #stapler: Stapler;
  readonly #limits = new LimitKeeper(() => performance.now());
  #limitShare = 1;
  #onStarted: ((ports: BoundPorts) => void) | null = null;
  #onStartFailed: ((error: Error) => void) | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#stapler = this.#makeStapler();
    this.#slots = Array.from({ length: Math.max(1, options.settings.workers) }, (_, index) => ({
      index,
      process: null,
      startedMs: 0,
      isListening: false,
      appliedVersion: 0,
      quickDeaths: 0,
      restartTimer: null,
      lastSnapshot: null,
    }));
  }

  /**
   * Starts the workers. Resolves when every one listens; rejects with the system's error when a port cannot be had. On shared ports they
   * start with the first table: others serve there, and this instance has nothing to answer before.
   */
  async start(): Promise<BoundPorts> {
    const { listen } = this.#options.settings;
    // With SO_REUSEPORT a second instance would bind without complaint and take half of the traffic: look first.
    await assertPortIsFree(listen.address, listen.httpPort, listen.isShared);
    await assertPortIsFree(listen.address, listen.httpsPort, listen.isShared);
    this.#ticketTimer = setInterval(() => this.#rotateTicketKeys(), ticketKeyRotationMs);
    this.#ticketTimer.unref();
    if (listen.isShared) {
      this.#waitsForTable = true;
      return { httpPort: listen.httpPort, httpsPort: listen.httpsPort };
    }
    return await new Promise<BoundPorts>((resolve, reject) => {
      this.#onStarted = resolve;
      this.#onStartFailed = reject;
      for (const slot of this.#slots) this.#spawn(slot);
    });
  }

  /** Hands a change to every worker, and keeps the whole for those that start later. */
  publish(patch: TablePatch): void {
    this.#table = applyPatch(this.#table, patch);
    this.#stapler.update(this.#table);
    this.#broadcast({ kind: 'patch', patch });
    if (!this.#waitsForTable || this.#isDraining) return;
    this.#waitsForTable = false;
    for (const slot of this.#slots) this.#spawn(slot);
  }

  /** What every worker was given last; version 0: nothing yet. */
  get table(): RouteTable {
    return this.#table;
  }

  /** Among how many instances, this one included, limits of clients are divided. */
  setLimitShare(share: number): void {
    if (share === this.#limitShare) return;
    this.#limitShare = share;
    this.#limits.share = share;
    this.#broadcast({ kind: 'limit-share', share });
  }

  /** Every worker listens and holds the first complete table, and nothing drains. */
  isReady(): boolean {
    return !this.#isDraining && this.#slots.every((slot) => slot.isListening && slot.appliedVersion > 0);
  }

  /** Resolves as soon as `isReady`, at once if it is so now; also when draining begins, after which it never will be. */
  async whenReady(): Promise<void> {
    while (!this.isReady() && !this.#isDraining)
      await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
  }

  /** Process ids of the living workers, for status pages and tests. */
  workerPids(): readonly number[] {
    return this.#slots.flatMap((slot) => (slot.process?.pid === undefined ? [] : [slot.process.pid]));
  }

  /** Prometheus text of all workers together, dead ones included, and of what the caller adds. */
  async collectMetrics(
    extra: readonly MetricsSnapshot[] = [],
    options: ExpositionOptions = {},
  ): Promise<string> {
    const living = await Promise.all(this.#slots.map((slot) => this.#collect(slot)));
    const snapshots = living.filter((snapshot) => snapshot !== null);
    const all = this.#totals.merge([...snapshots, this.#registry.snapshot(), ...extra]);
    return renderExposition(all, options);
  }

  /** What a worker knows of a request that is over; null: none knows of it, or not any more. */
  async findRequest(requestId: string): Promise<RequestFacts | null> {
    const found = await Promise.all(
      this.#slots.map(async ({ process: child }) =>
        child === null
          ? null
          : await this.#searches.ask(
              (id) => sendTo(child, { kind: 'find-request', id, requestId }),
              () => null,
            ),
      ),
    );
    return found.reduce(
      (last, each) => (each !== null && each.endedMs > (last?.endedMs ?? 0) ? each : last),
      null,
    );
  }

  /** Stops accepting, finishes what is in flight within the grace period, ends the workers. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#wakeReadyWaiters();
    this.#stopSampling();
    if (this.#ticketTimer !== null) clearInterval(this.#ticketTimer);
    this.#stapler.stop();
    const shutdownGraceMs = this.#table.traffic.shutdownGraceMs ?? this.#options.settings.shutdownGraceMs;
    await Promise.all(
      this.#slots.map(async (slot) => {
        if (slot.restartTimer !== null) clearTimeout(slot.restartTimer);
        const child = slot.process;
        if (child === null) return;
        const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        const killer = setTimeout(() => child.kill('SIGKILL'), shutdownGraceMs + killAfterGraceMs);
        sendTo(child, { kind: 'drain' });
        await ended;
        clearTimeout(killer);
      }),
    );
  }

  /** Ends the workers now. */
  kill(): void {
    this.#isDraining = true;
    this.#stapler.stop();
    this.#stopSampling();
    for (const slot of this.#slots) {
      if (slot.restartTimer !== null) clearTimeout(slot.restartTimer);
      slot.process?.kill('SIGKILL');
    }
  }

  #wakeReadyWaiters(): void {
    for (const wake of this.#readyWaiters.splice(0)) wake();
  }

  /** A worker that is not there serves nobody; the one that takes its place begins with the present table. */
  #tellServed(): void {
    const { onServed } = this.#options;
    const listening = this.#slots.filter((slot) => slot.isListening);
    if (onServed === undefined || listening.length === 0) return;
    const version = Math.min(...listening.map((slot) => slot.appliedVersion));
    if (version <= this.#servedVersion) return;
    this.#servedVersion = version;
    onServed(version);
  }

  #spawn(slot: WorkerSlot): void {
    const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
    const entry = fileURLToPath(new URL(`./worker.${extension}`, import.meta.url));
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, ...workerFlags],
    });
    slot.process = child;
    slot.startedMs = performance.now();
    slot.isListening = false;
    slot.appliedVersion = 0;
    child.on('message', (message: ToPrimary) => this.#onMessage(slot, child, message));
    child.on('error', (error) =>
      this.#options.logger.error({ worker: slot.index, error: error.message }, 'worker error'),
    );
    child.once('exit', (code, signal) => this.#onExit(slot, code, signal));
  }

  #onMessage(slot: WorkerSlot, child: ChildProcess, message: ToPrimary): void {
    switch (message.kind) {
      case 'up':
        sendTo(child, { kind: 'init', init: this.#initOf(slot) });
        return;
      case 'listening':
        slot.isListening = true;
        this.#wakeReadyWaiters();
        this.#tellServed();
        if (this.#slots.every((each) => each.isListening)) {
          this.#onStarted?.({ httpPort: message.httpPort, httpsPort: message.httpsPort });
        }
        return;
      case 'failed': {
        const error = Object.assign(new Error(message.message), { code: message.code });
        this.#options.logger.error({ worker: slot.index, error: message.message }, 'worker cannot listen');
        this.#onStartFailed?.(error);
        child.kill('SIGKILL');
        return;
      }
      case 'applied':
        slot.appliedVersion = message.version;
        this.#wakeReadyWaiters();
        this.#tellServed();
        return;
      case 'limit-questions': {
        // What a worker said last may be read after its end was told.
        if (slot.process !== child) return;
        const answers = this.#limits.answer(slot.index, message);
        if (answers.length > 0) sendTo(child, { kind: 'limit-answers', batch: message.batch, answers });
        return;
      }
      case 'metrics':
        slot.lastSnapshot = message.snapshot;
        this.#collects.answer(message.id, message.snapshot);
        return;
      case 'found-request':
        this.#searches.answer(message.id, message.facts);
    }
  }

  #initOf(slot: WorkerSlot): WorkerInit {
    const { settings, defaultCertificate, logLevel, logFormat } = this.#options;
    return {
      settings,
      index: slot.index,
      defaultCertificate,
      ticketKeys: this.#ticketKeys,
      nonceKey: this.#nonceKey,
      staples: this.#stapler.present(),
      table: this.#table.version === 0 ? null : fullPatch(this.#table),
      limitShare: this.#limitShare,
      logLevel: logLevel ?? 'info',
      logFormat: logFormat ?? 'text',
    };
  }

  #onExit(slot: WorkerSlot, code: number | null, signal: NodeJS.Signals | null): void {
    slot.process = null;
    slot.isListening = false;
    slot.appliedVersion = 0;
    this.#limits.forget(slot.index);
    this.#tellServed();
    if (slot.lastSnapshot !== null) this.#totals.bury(slot.lastSnapshot);
    slot.lastSnapshot = null;
    if (this.#isDraining) return;
    this.#restarts.value += 1;
    const wasQuick = performance.now() - slot.startedMs < stableAfterMs;
    slot.quickDeaths = wasQuick ? slot.quickDeaths + 1 : 0;
    // The first restart is immediate; a crash loop slows down.
    const pauseMs = slot.quickDeaths <= 1 ? 0 : Math.min(100 * 2 ** slot.quickDeaths, maxRestartPauseMs);
    this.#options.logger.warn(
      { worker: slot.index, code, signal, pauseMs },
      'worker ended, starting another',
    );
    slot.restartTimer = setTimeout(() => this.#spawn(slot), pauseMs);
  }

  #makeStapler(): Stapler {
    return new Stapler({
      ask: askResponder,
      onChange: (staples) => this.#broadcast({ kind: 'staples', staples }),
      onFailure: (certificate, responder, why) =>
        this.#options.logger.warn({ certificate, responder, why }, 'no OCSP answer for a certificate'),
      nowMs: Date.now,
      schedule: (run, delayMs) => {
        const timer = setTimeout(run, delayMs).unref();
        return () => clearTimeout(timer);
      },
      random: Math.random,
    });
  }

  #rotateTicketKeys(): void {
    this.#ticketKeys = randomBytes(ticketKeyBytes);
    this.#broadcast({ kind: 'ticket-keys', ticketKeys: this.#ticketKeys });
  }

  #broadcast(message: ToWorker): void {
    for (const slot of this.#slots) {
      // A worker that is not listening yet gets the whole table with its init, or this patch behind it: order is kept.
      if (slot.process !== null) sendTo(slot.process, message);
    }
  }

  async #collect(slot: WorkerSlot): Promise<MetricsSnapshot | null> {
    const child = slot.process;
    if (child === null || !slot.isListening) return slot.lastSnapshot;
    return await this.#collects.ask(
      (id) => sendTo(child, { kind: 'collect', id }),
      () => slot.lastSnapshot,
    );
  }
}

function sendTo(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}

/** Rejects with EADDRINUSE and the like when the port cannot be bound; `isShared`: beside others that share it. */
async function assertPortIsFree(address: string, port: number, isShared: boolean): Promise<void> {
  if (port <= 0) return;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host: address, port, reusePort: isShared, exclusive: true }, resolve);
  });
  await new Promise<void>((resolve) => probe.close(() => resolve()));
}
