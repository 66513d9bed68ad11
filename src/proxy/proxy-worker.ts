// ProxyWorker: a data plane in one process: core, listeners, certificates, and what the primary may ask of it. Has no idea of
// processes, so a test can run one in its own.
import { features } from '../features/index.ts';
import {
  defaultArrivalSettings,
  defaultTrafficSettings,
  streamId,
  type TablePatch,
  type TlsSettings,
} from '../model/index.ts';
import { AccessLog } from '../observe/access-log.ts';
import { LineSink } from '../observe/line-sink.ts';
import type { Logger } from '../observe/logger.ts';
import { type MetricsSnapshot, RequestMetrics } from '../observe/request-metrics.ts';
import { ResponseHeadParser } from '../wire/http1/response-head.ts';
import { ClientLimits } from './client-limits.ts';
import { makeProbeHome } from './checks/probe-home.ts';
import { ProbeTransports } from './checks/probe-transports.ts';
import { type ProxyCore, reportBug } from './core.ts';
import { Deadlines } from './deadlines.ts';
import { DnsResolver, lookupName } from './dns-resolver.ts';
import { AuthDesk } from './external-auth/auth-desk.ts';
import { AuthServers } from './external-auth/auth-servers.ts';
import { MirrorDesk } from './mirror/mirror-desk.ts';
import type { StapleChange } from './ocsp/stapler.ts';
import type { WorkerInit } from './ipc.ts';
import { type LimitAnswer, LimitAsker, type LimitQuestions } from './limit-asker.ts';
import { Listeners } from './listeners.ts';
import { arrivalsOf, trafficOf } from './live-settings.ts';
import { LiveTable } from './live-table.ts';
import { ownAddressTest } from './own-addresses.ts';
import { Recorder } from './recorder.ts';
import { PasswordDesk } from './passwords/password-desk.ts';
import { RequestIds } from './request-ids.ts';
import type { LimitSource } from './route-limit.ts';
import { StreamConnections } from './stream/stream-connections.ts';
import { StreamListeners } from './stream/stream-listeners.ts';
import { SpanExporter } from './tracing/span-exporter.ts';
import { TlsContexts } from './tls-contexts.ts';
import { Transports } from './transport/transports.ts';
import { UpstreamPool } from './upstream-pool.ts';
import { WorkerMetrics } from './worker-metrics.ts';

export class ProxyWorker {
  readonly core: ProxyCore;
  readonly streams: StreamConnections;
  readonly streamListeners: StreamListeners;
  readonly passwords: PasswordDesk;
  readonly #listeners: Listeners;
  readonly #tls: TlsContexts;
  readonly #dns: DnsResolver;
  readonly #sink: LineSink | null;
  readonly #metrics: WorkerMetrics;
  readonly #init: WorkerInit;
  readonly #probes: ProbeTransports;
  readonly #limits: LimitSource;

  /** `askPrimary`: how other workers are counted with; without it, or as the only one, a worker counts for itself. */
  constructor(init: WorkerInit, logger: Logger, askPrimary?: (questions: LimitQuestions) => void) {
    this.#init = init;
    this.#limits = makeLimits(init, askPrimary);
    this.setLimitShare(init.limitShare);
    const { settings } = init;
    const deadlines = new Deadlines();
    const requestMetrics = new RequestMetrics();
    this.#dns = new DnsResolver(lookupName, Math.random);
    const health = { ejections: 0, ejected: 0 };
    const { limits } = settings;
    const responseParser = new ResponseHeadParser({
      maxHeadBytes: limits.maxResponseHeadBytes,
      maxFields: limits.maxResponseFields,
    });
    const transports = new Transports();
    const probes = new ProbeTransports(features, transports, makeProbeHome(deadlines, limits));
    this.#probes = probes;
    const pool = new UpstreamPool({
      deadlines,
      settings: settings.pool,
      dns: this.#dns,
      isOwnAddress: ownAddressTest(settings.listen, (port) => {
        const { streams } = this.core.table.table;
        return streams.has(streamId('tcp', port)) || streams.has(streamId('udp', port));
      }),
      surroundings: {
        settings: settings.health,
        retries: settings.retries,
        deadlines,
        logger,
        counters: health,
        random: Math.random,
        probes,
      },
      responseParser,
      limits,
    });
    this.passwords = new PasswordDesk({
      lookup: (id) => this.core.table.table.credentials.get(id),
      nonceKey: init.nonceKey,
    });
    const asking = {
      pool,
      transports,
      deadlines,
      responseParser,
      table: () => this.core.table.table,
      reportBug: (error: unknown) => reportBug(this.core, error),
    };
    const authDesk = new AuthDesk({ ...asking, servers: new AuthServers(pool, deadlines, 'auth') });
    const mirrorDesk = new MirrorDesk({ ...asking, servers: new AuthServers(pool, deadlines, 'mirror') });
    const table = new LiveTable(
      {
        features,
        authDesk,
        mirrorDesk,
        metrics: requestMetrics,
        limits: this.#limits,
        passwords: this.passwords,
        lookupUpstream: (id) => pool.lookupSet(id),
      },
      pool,
    );
    this.#sink = makeSink(init);
    this.core = {
      ...trafficOf(settings, defaultTrafficSettings),
      table,
      pool,
      transports,
      deadlines,
      responseParser,
      spans: new SpanExporter({ ...asking, servers: new AuthServers(pool, deadlines, 'trace') }, logger),
      recorder: new Recorder(makeAccessLog(init, this.#sink)),
      requestIds: new RequestIds(),
      ...arrivalsOf(settings, defaultArrivalSettings),
      logger,
      counters: {
        accepted: 0,
        active: 0,
        handshakesFailed: 0,
        proxyHeadersRefused: new Map(),
        mirrored: mirrorDesk.counters,
        retries: 0,
        retriesDenied: 0,
        tunnels: 0,
        bugs: 0,
      },
      isDraining: false,
    };
    this.streams = new StreamConnections(this.core);
    this.streamListeners = new StreamListeners(this.core, this.streams);
    this.#metrics = new WorkerMetrics(
      this.core,
      requestMetrics,
      this.streams,
      this.#sink,
      this.passwords.queue,
    );
    this.#tls = new TlsContexts(table, init.defaultCertificate);
    this.#tls.setStaples(init.staples);
    this.#listeners = new Listeners(this.core, this.#tls, this.streams);
    if (init.table !== null) this.apply(init.table);
  }

  async listen(): Promise<{ httpPort: number; httpsPort: number }> {
    this.core.deadlines.start();
    const ports = await this.#listeners.listen(this.#init.ticketKeys);
    await this.streamListeners.start();
    return ports;
  }

  /** Between two requests: those in flight keep the route that they were given. */
  apply(patch: TablePatch): void {
    this.core.table.apply(patch);
    this.#probes.apply(patch, this.core.table.table);
    if (patch.streams !== undefined) this.streamListeners.apply();
    if (patch.certificates.removed.length > 0) this.#tls.prune();
    if (patch.tls !== undefined) this.#applyTlsSettings(patch.tls);
    if (patch.arrivals !== undefined) {
      Object.assign(this.core, arrivalsOf(this.core.settings, patch.arrivals));
    }
    if (patch.traffic !== undefined) {
      Object.assign(this.core, trafficOf(this.#init.settings, patch.traffic));
      this.core.pool.setBounds(this.core.settings.pool);
      this.core.recorder.follow(patch.traffic.log);
      this.core.spans.follow(patch.traffic.tracing);
    }
    if (
      patch.tls !== undefined ||
      patch.defaultCertificate !== undefined ||
      patch.certificates.set.length > 0
    ) {
      this.#listeners.refreshTls();
    }
    if (patch.hosts.set.length > 0 || patch.hosts.removed.length > 0) {
      this.#listeners.pruneTlsServers();
      this.streams.pruneCounters();
    }
  }

  #applyTlsSettings(settings: TlsSettings): void {
    const error = this.#tls.applySettings(settings);
    if (error === null) return;
    this.core.logger.error(
      { error: error.message },
      'the TLS settings are not taken by OpenSSL, those before stay in force',
    );
  }

  /** OCSP answers for handshakes from now on. */
  setStaples(staples: readonly StapleChange[]): void {
    this.#tls.setStaples(staples);
  }

  onLimitAnswers(batch: number, answers: readonly LimitAnswer[]): void {
    this.#limits.asker?.onAnswers(batch, answers);
  }

  /** Nobody counts for all workers any more. */
  onPrimaryGone(): void {
    this.#limits.asker?.giveUp();
  }

  /** Among how many instances limits of clients are divided. What a worker counts for itself is divided among the workers, too. */
  setLimitShare(share: number): void {
    const { counts, asker } = this.#limits;
    counts.share = asker === null ? share : share * this.#init.settings.workers;
    asker?.forgetRefused();
  }

  setTicketKeys(keys: Uint8Array): void {
    this.#listeners.setTicketKeys(keys);
  }

  /** Resolves when the access log's lines so far are written. */
  async flushLog(): Promise<void> {
    await this.#sink?.flush();
  }

  collect(): MetricsSnapshot {
    return this.#metrics.snapshot();
  }

  /** Stops accepting, finishes what is in flight, then closes what is left. Resolves when all is done. */
  async drain(graceMs: number): Promise<void> {
    this.core.isDraining = true;
    this.core.pool.drain();
    const timer = setTimeout(() => {
      this.#listeners.destroy();
      this.streamListeners.close();
      this.streams.destroy();
    }, graceMs);
    await Promise.all([this.#listeners.drain(), this.streamListeners.drain()]);
    await this.streams.drain();
    await this.core.spans.flush();
    clearTimeout(timer);
    await this.close();
  }

  /** Ends everything now. */
  async close(): Promise<void> {
    this.#listeners.destroy();
    this.streamListeners.close();
    this.streams.destroy();
    this.core.spans.close();
    this.core.pool.close();
    this.#dns.close();
    this.passwords.close();
    this.core.deadlines.stop();
    this.#limits.asker?.close();
    this.#metrics.close();
    await this.#sink?.close();
  }
}

function makeLimits(
  { settings }: WorkerInit,
  askPrimary: ((questions: LimitQuestions) => void) | undefined,
): LimitSource {
  const counts = new ClientLimits();
  if (askPrimary === undefined || settings.workers <= 1) return { counts, asker: null };
  return { counts, asker: new LimitAsker(counts, askPrimary, () => performance.now()) };
}

function makeSink(init: WorkerInit): LineSink | null {
  const { format, path } = init.settings.accessLog;
  if (format === 'off') return null;
  return path === '-' ? new LineSink({ fd: 1 }) : new LineSink({ path });
}

function makeAccessLog(init: WorkerInit, sink: LineSink | null): AccessLog | null {
  const { format } = init.settings.accessLog;
  return sink === null || format === 'off' ? null : new AccessLog({ format, sink });
}
