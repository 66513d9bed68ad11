// The names of the data plane's own metrics, and the cells that the proxy writes to. One call for each process: workers use
// ProxyMetrics, the primary SupervisorMetrics; the page shows the sum of both.
import type { MetricCell, MetricFamily, MetricRegistry } from './counters.ts';
import { registerStreamMetrics, type StreamMetrics } from './stream-metrics.ts';

/** Counted in a worker. */
export interface ProxyMetrics {
  /** Requests answered by the proxy itself, by the reason that the access log shows. */
  readonly refusals: MetricFamily;
  /** Client connections now, by `state`: `active`, `idle`, `tunnel`. */
  readonly connections: MetricFamily;
  readonly connectionsTotal: MetricCell;
  /** TLS handshakes that failed, by `reason`. */
  readonly handshakesFailed: MetricFamily;
  /** Connections without a valid PROXY protocol header, by `reason`. */
  readonly proxyHeadersRefused: MetricFamily;
  readonly upstreamConnects: MetricCell;
  readonly upstreamPoolIdle: MetricCell;
  readonly retries: MetricCell;
  readonly retriesDenied: MetricCell;
  readonly endpointEjections: MetricCell;
  readonly endpointsEjected: MetricCell;
  readonly requestsWaiting: MetricCell;
  /** By `upstream`. */
  readonly adaptiveLimit: MetricFamily;
  /** Passwords that came to a costly hash, by `outcome`: `checked`, `refused`, `failed`. */
  readonly passwordHashes: MetricFamily;
  readonly passwordsWaiting: MetricCell;
  /** Copies for mirrors, by `outcome`: `answered`, `failed`, `dropped`. */
  readonly mirrored: MetricFamily;
  /** Spans of requests, by `outcome`: `exported`, `failed`, `dropped`. */
  readonly spans: MetricFamily;
  /** Exceptions caught while a request was served (rule V1). */
  readonly caughtExceptions: MetricCell;
  readonly accessLogDropped: MetricCell;
  readonly tableVersion: MetricCell;
  readonly streams: StreamMetrics;
}

/** Registers the metrics of a worker. Once for each registry. */
export function registerProxyMetrics(registry: MetricRegistry): ProxyMetrics {
  return {
    refusals: registry.counterFamily(
      'sallyport_refusals_total',
      'Requests that the proxy answered itself, by reason',
      ['reason'],
    ),
    connections: registry.gaugeFamily('sallyport_connections', 'Client connections now, by state', ['state']),
    connectionsTotal: registry.counter('sallyport_connections_total', 'Client connections accepted'),
    handshakesFailed: registry.counterFamily(
      'sallyport_handshakes_failed_total',
      'TLS handshakes that failed, by reason',
      ['reason'],
    ),
    proxyHeadersRefused: registry.counterFamily(
      'sallyport_proxy_headers_refused_total',
      'Connections closed for want of a valid PROXY protocol header, by reason',
      ['reason'],
    ),
    upstreamConnects: registry.counter(
      'sallyport_upstream_connects_total',
      'Connections opened to upstreams',
    ),
    upstreamPoolIdle: registry.gauge('sallyport_upstream_pool_idle', 'Idle connections kept to upstreams'),
    retries: registry.counter('sallyport_retries_total', 'Requests tried again on another endpoint'),
    retriesDenied: registry.counter(
      'sallyport_retries_denied_total',
      'Requests not tried again because too many others were',
    ),
    endpointEjections: registry.counter(
      'sallyport_endpoint_ejections_total',
      'Endpoints left alone for a while after failures, each worker by itself',
    ),
    requestsWaiting: registry.gauge(
      'sallyport_requests_waiting',
      'Requests that wait for an endpoint with room',
    ),
    adaptiveLimit: registry.gaugeFamily(
      'sallyport_adaptive_limit',
      'Requests that may wait for answers of the endpoints of a Service port with an adaptive limit, summed over workers',
      ['upstream'],
    ),
    endpointsEjected: registry.gauge(
      'sallyport_endpoints_ejected',
      'Endpoints that are left alone now, summed over workers',
    ),
    passwordHashes: registry.counterFamily(
      'sallyport_password_hashes_total',
      'Passwords that wanted a costly hash: checked, refused because too many waited, or failed',
      ['outcome'],
    ),
    mirrored: registry.counterFamily(
      'sallyport_mirrored_requests_total',
      'Copies of requests for mirrors: answered, failed, or dropped because they were too many or too large',
      ['outcome'],
    ),
    spans: registry.counterFamily(
      'sallyport_spans_total',
      'Spans that were recorded for the collector: exported, failed, or dropped because the queue was full',
      ['outcome'],
    ),
    passwordsWaiting: registry.gauge(
      'sallyport_passwords_waiting',
      'Passwords that wait for a costly hash now',
    ),
    caughtExceptions: registry.counter(
      'sallyport_caught_exceptions_total',
      'Exceptions caught while a request was served; each is a defect',
    ),
    accessLogDropped: registry.counter(
      'sallyport_access_log_dropped_total',
      'Access log lines that nobody took in time',
    ),
    // The oldest one: that is what a change still waits for.
    tableVersion: registry.gauge(
      'sallyport_table_version',
      'Version of the routing table, the oldest that a worker serves by',
      'min',
    ),
    streams: registerStreamMetrics(registry),
  };
}

/** Counted in the primary. */
export interface SupervisorMetrics {
  readonly workerRestarts: MetricCell;
}

/** Registers the metrics of the primary. Once for each registry. */
export function registerSupervisorMetrics(registry: MetricRegistry): SupervisorMetrics {
  return {
    workerRestarts: registry.counter(
      'sallyport_worker_restarts_total',
      'Workers started in place of one that ended',
    ),
  };
}
