// What the tests of active checks share: a proxy with an upstream that is checked, and the passing of intervals.
import type { TestContext } from 'node:test';
import { defaultUpstreamSettings, type HealthCheck } from '../../../src/model/index.ts';
import { passTime, startProxy, type TestProxy } from '../harness.ts';
import { makePatch, makeUpstream, type TableSpec } from '../table.ts';

/** No answer is too slow for a test that does not ask for it. */
const plain: HealthCheck = { ...defaultUpstreamSettings.check, timeoutMs: 86_400_000 };

export interface CheckedProxy {
  readonly proxy: TestProxy;
  /** Ports of the endpoints that are in use. */
  readonly eligible: () => number[];
  /** Another table: another check, other routes. */
  readonly apply: (check: Partial<HealthCheck>, spec?: TableSpec) => void;
}

/** `web` is checked. `spec`: routes, protocols and Secrets. */
export async function startChecked(
  t: TestContext,
  ports: readonly number[],
  check: Partial<HealthCheck>,
  spec: TableSpec = { hosts: {} },
): Promise<CheckedProxy> {
  const proxy = await startProxy(t, { hosts: {} }, { health: { panicPercent: 0 } });
  let version = 1;
  const apply = (part: Partial<HealthCheck>, next: TableSpec = spec): void => {
    version += 1;
    const settings = { ...defaultUpstreamSettings, check: { ...plain, ...part } };
    const protocol = next.protocols?.['web'];
    const upstream = { ...makeUpstream('web', ports), settings, ...(protocol !== undefined && { protocol }) };
    proxy.worker.apply({ ...makePatch(next, version), upstreams: { set: [upstream], removed: [] } });
  };
  apply(check);
  const eligible = () =>
    proxy.worker.core.pool.lookupSet('test/web:80')?.eligible.map(({ port }) => port) ?? [];
  return { proxy, eligible, apply };
}

/** Lets intervals pass until the condition holds. */
export async function passUntil(proxy: TestProxy, condition: () => boolean): Promise<void> {
  for (let ms = 10_500; !condition(); ms += 10_500) {
    passTime(proxy, ms);
    // The answers of the probes come over sockets.
    for (let turn = 0; turn < 50 && !condition(); turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
}
