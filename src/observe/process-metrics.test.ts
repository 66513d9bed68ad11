import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { MetricRegistry } from './counters.ts';
import { registerProcessMetrics } from './process-metrics.ts';

function valueOf(registry: MetricRegistry, name: string, ...labelValues: string[]): number {
  const family = registry.snapshot().families.find((candidate) => candidate.name === name);
  const cell = family?.cells.find((candidate) => candidate.labelValues.join() === labelValues.join());
  assert.ok(cell !== undefined, name);
  return cell.value;
}

test('the process tells its time, memory and descriptors', () => {
  const registry = new MetricRegistry();
  const stop = registerProcessMetrics(registry);
  const usage = process.cpuUsage();
  assert.ok(valueOf(registry, 'sallyport_process_cpu_seconds_total', 'user') >= usage.user / 1e6);
  assert.ok(valueOf(registry, 'sallyport_process_resident_memory_bytes') > 10e6);
  assert.equal(valueOf(registry, 'sallyport_processes'), 1);
  const before = valueOf(registry, 'sallyport_process_open_fds');
  const opened = [1, 2, 3].map(() => openSync('/dev/null', 'r'));
  assert.equal(valueOf(registry, 'sallyport_process_open_fds'), before + 3);
  for (const fd of opened) closeSync(fd);
  stop();
});

test('a blocked event loop shows as delay, and only until it was told', async () => {
  const registry = new MetricRegistry();
  const stop = registerProcessMetrics(registry);
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
  await turn();
  const end = performance.now() + 150;
  while (performance.now() < end);
  await turn();
  const delay = valueOf(registry, 'sallyport_event_loop_delay_seconds', '1');
  assert.ok(delay > 0.05 && delay < 10, String(delay));
  await turn();
  assert.ok(valueOf(registry, 'sallyport_event_loop_delay_seconds', '1') < delay);
  stop();
});
