// WorkerMetrics: what a worker tells of itself beside its requests: connections, refusals, upstream pool, event loop. Values are
// read from plain counters when somebody collects them; serving a request touches no metric object.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type MetricCell, type MetricFamily, MetricRegistry } from '../observe/counters.ts';
import type { LineSink } from '../observe/line-sink.ts';
import { mergeSnapshots } from '../observe/merge.ts';
import type { MetricsSnapshot, RequestMetrics } from '../observe/request-metrics.ts';
import type { ProxyCore } from './core.ts';

const loopDelayResolutionMs = 20;
const nanosecondsPerSecond = 1e9;
const microsecondsPerSecond = 1e6;

export class WorkerMetrics {
  readonly #core: ProxyCore;
  readonly #requests: RequestMetrics;
  readonly #registry = new MetricRegistry();
  readonly #delay = monitorEventLoopDelay({ resolution: loopDelayResolutionMs });
  readonly #refusals: MetricFamily;

  constructor(core: ProxyCore, requests: RequestMetrics, sink: LineSink | null) {
    this.#core = core;
    this.#requests = requests;
    this.#refusals = this.#registry.counterFamily(
      'sallyport_refusals_total',
      'Requests refused or failed, and redirects made here, by reason.',
      ['reason'],
    );
    this.#registerConnections();
    this.#registerUpstreams();
    this.#registerProcess(sink);
    this.#delay.enable();
  }

  snapshot(): MetricsSnapshot {
    for (const [reason, count] of this.#core.recorder.reasons) this.#refusals.cell(reason).value = count;
    return mergeSnapshots([this.#requests.snapshot(), this.#registry.snapshot()]);
  }

  close(): void {
    this.#delay.disable();
  }

  #registerConnections(): void {
    const registry = this.#registry;
    const { counters } = this.#core;
    const connections = registry.gaugeFamily('sallyport_connections', 'Client connections open now.', [
      'state',
    ]);
    const active = connections.cell('active');
    const tunnel = connections.cell('tunnel');
    this.#follow(() => {
      active.value = counters.active;
      tunnel.value = counters.tunnels;
    });
    this.#counter('sallyport_connections_total', 'Client connections accepted.', () => counters.accepted);
    this.#counter(
      'sallyport_handshakes_failed_total',
      'TLS handshakes that did not succeed.',
      () => counters.handshakesFailed,
    );
    this.#counter(
      'sallyport_internal_errors_total',
      'Unexpected errors while serving a request: defects of the proxy.',
      () => counters.bugs,
    );
  }

  #registerUpstreams(): void {
    const { counters, pool } = this.#core;
    this.#counter('sallyport_retries_total', 'Further attempts after a failed one.', () => counters.retries);
    this.#counter(
      'sallyport_upstream_connects_total',
      'Connections opened to endpoints.',
      () => pool.counters.upstreamConnects,
    );
    this.#counter(
      'sallyport_upstream_reuses_total',
      'Requests sent on a pooled connection.',
      () => pool.counters.upstreamReuses,
    );
    this.#gauge('sallyport_upstream_connections', 'Connections to endpoints open now.', () => {
      return pool.counters.upstreamConnections;
    });
    this.#gauge('sallyport_upstream_pool_idle', 'Pooled connections that wait for a request.', () => {
      return pool.counters.upstreamIdle;
    });
  }

  #registerProcess(sink: LineSink | null): void {
    const registry = this.#registry;
    this.#counter('sallyport_access_log_dropped_total', 'Access log lines lost.', () => sink?.dropped ?? 0);
    const version = registry.gauge(
      'sallyport_table_version',
      'Version of the table that is served, the oldest one.',
      'min',
    );
    const delay = registry.gauge(
      'sallyport_event_loop_delay_seconds',
      '99th percentile of the event loop delay since the last collection, the worst worker.',
      'max',
    );
    this.#follow(() => {
      version.value = this.#core.table.table.version;
      delay.value = this.#delay.percentile(99) / nanosecondsPerSecond;
      this.#delay.reset();
    });
    this.#counter('sallyport_worker_cpu_seconds_total', 'Processor time of the workers.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / microsecondsPerSecond;
    });
    this.#gauge('sallyport_worker_resident_memory_bytes', 'Resident memory of the workers.', () => {
      return process.memoryUsage.rss();
    });
  }

  #counter(name: string, help: string, read: () => number): void {
    this.#bind(this.#registry.counter(name, help), read);
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#bind(this.#registry.gauge(name, help), read);
  }

  #bind(cell: MetricCell, read: () => number): void {
    this.#follow(() => {
      cell.value = read();
    });
  }

  #follow(collect: () => void): void {
    this.#registry.onCollect(collect);
  }
}
