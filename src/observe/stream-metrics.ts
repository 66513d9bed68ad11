// The names of the metrics of streams: passed-through hosts (`tls/HOST`), TCP and UDP services (`tcp/PORT`, `udp/PORT`).
import type { MetricFamily, MetricRegistry } from './counters.ts';

/** By `stream`. */
export interface StreamMetrics {
  readonly accepted: MetricFamily;
  readonly active: MetricFamily;
  /** Also by `direction`: `received` from clients, `sent` to them. */
  readonly bytes: MetricFamily;
  /** Also by `reason`. */
  readonly failures: MetricFamily;
}

/** Once for each registry. */
export function registerStreamMetrics(registry: MetricRegistry): StreamMetrics {
  return {
    accepted: registry.counterFamily(
      'sallyport_stream_connections_total',
      'Connections (UDP: sessions) of streams accepted',
      ['stream'],
    ),
    active: registry.gaugeFamily(
      'sallyport_stream_connections',
      'Connections (UDP: sessions) of streams now',
      ['stream'],
    ),
    bytes: registry.counterFamily('sallyport_stream_bytes_total', 'Bytes of streams, by direction', [
      'stream',
      'direction',
    ]),
    failures: registry.counterFamily(
      'sallyport_stream_failures_total',
      'Stream connections that got no endpoint or ended early, and datagrams dropped, by reason',
      ['stream', 'reason'],
    ),
  };
}
