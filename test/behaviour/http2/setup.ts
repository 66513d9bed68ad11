// What the tests of HTTP/2 start from: a proxy with one host and a raw upstream that keeps what it gets.
import type { TestContext } from 'node:test';
import type { ProxySettings } from '../../../src/model/index.ts';
import { type DeepPartial, type RawClient, startProxy, startUpstream, type TestProxy } from '../harness.ts';
import { FrameClient } from './frame-client.ts';

export interface Setup {
  readonly proxy: TestProxy;
  readonly client: FrameClient;
  /** The proxy's connections to the upstream, as the upstream sees them. */
  readonly upstreams: RawClient[];
  /** The nth of them, once it is there. */
  readonly upstream: (index: number) => Promise<RawClient>;
}

export async function start(
  t: TestContext,
  change: DeepPartial<ProxySettings> = {},
  clientSettings: readonly (readonly [id: number, value: number])[] = [],
  more: Readonly<Record<string, unknown>> = {},
): Promise<Setup> {
  const upstreams: RawClient[] = [];
  const waiting: (() => void)[] = [];
  const port = await startUpstream(t, (connection) => {
    upstreams.push(connection);
    for (const wake of waiting.splice(0)) wake();
  });
  const proxy = await startProxy(
    t,
    {
      hosts: { 'a.test': [{ upstream: 'web', policies: { ...policies, ...more } }] },
      upstreams: { web: [port] },
    },
    change,
  );
  const client = await FrameClient.open(t, proxy.port, clientSettings);
  return {
    proxy,
    client,
    upstreams,
    async upstream(index) {
      for (;;) {
        const found = upstreams[index];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

/** Large bodies, and upstreams that may be silent for an hour. */
const policies = { 'body-size': { maxBodyBytes: 2 ** 27 }, timeouts: { readTimeoutMs: 3_600_000 } };

/** SETTINGS identifiers (RFC 9113 6.5.2). */
export const settingIds = { initialWindow: 4 } as const;

/** Error codes (RFC 9113 7). */
export const codes = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  refused: 7,
  cancel: 8,
  calm: 11,
} as const;
