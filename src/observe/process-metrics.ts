// Metrics of the process itself: processor time, memory, open descriptors, and how late the event loop is (rule V9).
import { readdirSync, statSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricRegistry } from './counters.ts';

/** The delay is sampled at this interval; the timer of the sampling costs next to nothing at this rate. */
const resolutionMs = 20;
const nanosecondsPerSecond = 1e9;

/**
 * Registers the process's metrics, brought up to date at each snapshot; the event loop's delay covers the time since the last
 * one. Values of several processes are added up, of delays the longest counts. The result ends the sampling.
 */
export function registerProcessMetrics(registry: MetricRegistry): () => void {
  const cpu = registry.counterFamily(
    'sallyport_process_cpu_seconds_total',
    'Processor time used by all processes',
    ['mode'],
  );
  const memory = registry.gauge(
    'sallyport_process_resident_memory_bytes',
    'Resident memory of all processes',
  );
  const heap = registry.gauge('sallyport_process_heap_bytes', 'JavaScript heap in use in all processes');
  const descriptors = registry.gauge('sallyport_process_open_fds', 'Open file descriptors of all processes');
  const count = registry.gauge('sallyport_processes', 'Processes of this proxy');
  const delay = registry.gaugeFamily(
    'sallyport_event_loop_delay_seconds',
    'How late the event loop ran timers since the last scrape, the worst process',
    ['quantile'],
    { merge: 'max' },
  );
  const monitor = monitorEventLoopDelay({ resolution: resolutionMs });
  monitor.enable();
  registry.onCollect(() => {
    const usage = process.cpuUsage();
    cpu.cell('user').value = usage.user / 1e6;
    cpu.cell('system').value = usage.system / 1e6;
    const { rss, heapUsed } = process.memoryUsage();
    memory.value = rss;
    heap.value = heapUsed;
    descriptors.value = countOpenDescriptors();
    count.value = 1;
    delay.cell('0.5').value = delaySeconds(monitor.percentile(50));
    delay.cell('0.99').value = delaySeconds(monitor.percentile(99));
    delay.cell('1').value = delaySeconds(monitor.max);
    monitor.reset();
  });
  return () => monitor.disable();
}

/** The histogram holds intervals between samples: what is beyond the wanted interval is delay. */
function delaySeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerSecond - resolutionMs / 1000);
}

/** 0 where the system does not tell. */
function countOpenDescriptors(): number {
  try {
    // Linux 6.2 and later tell the count as the size of the folder, without listing it.
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
