// WorkerMetrics: what a worker tells of itself beside its requests. Values are read from plain counters when somebody collects
// them; serving a request touches no metric object.
import { MetricRegistry } from '../observe/counters.ts';
import type { LineSink } from '../observe/line-sink.ts';
import { mergeSnapshots } from '../observe/merge.ts';
import { registerNginxProcessMetrics } from '../observe/nginx-process-metrics.ts';
import { registerProcessMetrics } from '../observe/process-metrics.ts';
import { type ProxyMetrics, registerProxyMetrics } from '../observe/proxy-metrics.ts';
import type { MetricsSnapshot, RequestMetrics } from '../observe/request-metrics.ts';
import type { ProxyCore } from './core.ts';
import type { HashQueue } from './passwords/hash-queue.ts';
import type { StreamConnections } from './stream/stream-connections.ts';

export class WorkerMetrics {
  readonly #core: ProxyCore;
  readonly #requests: RequestMetrics;
  readonly #streams: StreamConnections;
  readonly #sink: LineSink | null;
  readonly #hashes: HashQueue;
  readonly #registry = new MetricRegistry();
  readonly #metrics: ProxyMetrics = registerProxyMetrics(this.#registry);
  readonly #processes = registerNginxProcessMetrics(this.#registry);
  readonly #stopSampling = registerProcessMetrics(this.#registry);

  constructor(
    core: ProxyCore,
    requests: RequestMetrics,
    streams: StreamConnections,
    sink: LineSink | null,
    hashes: HashQueue,
  ) {
    this.#core = core;
    this.#requests = requests;
    this.#streams = streams;
    this.#sink = sink;
    this.#hashes = hashes;
    this.#registry.onCollect(() => this.#readCounters());
  }

  snapshot(): MetricsSnapshot {
    return mergeSnapshots([this.#requests.snapshot(), this.#registry.snapshot()]);
  }

  close(): void {
    this.#stopSampling();
  }

  #readCounters(): void {
    const { counters, pool, recorder, table } = this.#core;
    const metrics = this.#metrics;
    this.#processes.active.value = counters.active;
    this.#processes.accepted.value = counters.accepted;
    this.#processes.handled.value = counters.accepted;
    this.#processes.requests.value = recorder.count;
    for (const [reason, count] of recorder.reasons) metrics.refusals.cell(reason).value = count;
    metrics.connections.cell('active').value = counters.active - counters.tunnels;
    metrics.connections.cell('tunnel').value = counters.tunnels;
    metrics.connectionsTotal.value = counters.accepted;
    metrics.handshakesFailed.cell('handshake').value = counters.handshakesFailed;
    for (const [reason, count] of counters.proxyHeadersRefused)
      metrics.proxyHeadersRefused.cell(reason).value = count;
    for (const [outcome, count] of Object.entries(counters.mirrored))
      metrics.mirrored.cell(outcome).value = count;
    for (const [outcome, count] of Object.entries(this.#core.spans.counters))
      metrics.spans.cell(outcome).value = count;
    metrics.retries.value = counters.retries;
    metrics.retriesDenied.value = counters.retriesDenied;
    metrics.endpointEjections.value = pool.health.ejections;
    metrics.endpointsEjected.value = pool.health.ejected;
    metrics.requestsWaiting.value = pool.countWaiting();
    metrics.adaptiveLimit.clear();
    for (const [name, limit] of pool.adaptiveLimits()) metrics.adaptiveLimit.cell(name).value += limit;
    const hashes = this.#hashes.counters;
    metrics.passwordHashes.cell('checked').value = hashes.checked;
    metrics.passwordHashes.cell('refused').value = hashes.refused;
    metrics.passwordHashes.cell('failed').value = hashes.failed;
    metrics.passwordsWaiting.value = this.#hashes.waiting;
    metrics.caughtExceptions.value = counters.bugs;
    metrics.upstreamConnects.value = pool.counters.upstreamConnects;
    metrics.upstreamPoolIdle.value = pool.counters.upstreamIdle;
    metrics.accessLogDropped.value = this.#sink?.dropped ?? 0;
    metrics.tableVersion.value = table.table.version;
    this.#readStreams();
  }

  #readStreams(): void {
    const { streams } = this.#metrics;
    // Of streams that are gone there is nothing left; those beyond the bound share a cell, which has their sum.
    for (const family of [streams.accepted, streams.active, streams.bytes, streams.failures]) family.clear();
    for (const [name, counters] of this.#streams.counters) {
      streams.accepted.cell(name).value += counters.accepted;
      streams.active.cell(name).value += counters.active;
      streams.bytes.cell(name, 'received').value += counters.receivedBytes;
      streams.bytes.cell(name, 'sent').value += counters.sentBytes;
      for (const [reason, count] of counters.failures) streams.failures.cell(name, reason).value += count;
    }
  }
}
