// Metrics of the processes that carry traffic, under the names of ingress-nginx, for its dashboards. Registered in workers only: there
// they are what its worker processes are. `reading`, `writing` and `waiting` connections are not told apart.
import { readFileSync } from 'node:fs';
import type { MetricCell, MetricRegistry } from './counters.ts';

const prefix = 'nginx_ingress_controller_nginx_process_';
const bytesPerKib = 1024;

/** What the owner counts, written before each snapshot. */
export interface NginxProcessMetrics {
  /** Open connections of clients, idle ones included. */
  readonly active: MetricCell;
  readonly accepted: MetricCell;
  readonly handled: MetricCell;
  readonly requests: MetricCell;
}

export function registerNginxProcessMetrics(registry: MetricRegistry): NginxProcessMetrics {
  const connections = registry.gaugeFamily(`${prefix}connections`, 'Connections of clients now', ['state']);
  const total = registry.counterFamily(`${prefix}connections_total`, 'Connections of clients', ['state']);
  const requests = registry.counter(`${prefix}requests_total`, 'Requests of clients');
  const count = registry.gauge(`${prefix}num_procs`, 'Processes that carry traffic');
  const cpu = registry.counter(`${prefix}cpu_seconds_total`, 'Processor time of these processes');
  const resident = registry.gauge(`${prefix}resident_memory_bytes`, 'Resident memory of these processes');
  const virtual = registry.gauge(`${prefix}virtual_memory_bytes`, 'Virtual memory of these processes');
  const read = registry.counter(`${prefix}read_bytes_total`, 'Bytes read from storage');
  const written = registry.counter(`${prefix}write_bytes_total`, 'Bytes written to storage');
  const oldest = registry.gauge(
    `${prefix}oldest_start_time_seconds`,
    'Start of the oldest of these processes, seconds since the epoch',
    'min',
  );
  oldest.value = Math.floor(Date.now() / 1_000 - process.uptime());
  count.value = 1;
  registry.onCollect(() => {
    const { user, system } = process.cpuUsage();
    cpu.value = (user + system) / 1e6;
    resident.value = process.memoryUsage.rss();
    virtual.value = readNumber('/proc/self/status', /^VmSize:\s+(\d+)/m) * bytesPerKib;
    read.value = readNumber('/proc/self/io', /^read_bytes: (\d+)/m);
    written.value = readNumber('/proc/self/io', /^write_bytes: (\d+)/m);
  });
  return {
    active: connections.cell('active'),
    accepted: total.cell('accepted'),
    handled: total.cell('handled'),
    requests,
  };
}

/** 0 where the system does not tell. */
function readNumber(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(path, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
