// A main Ingress and its canary served for real, for behaviour tests: two Services of raw upstreams that say who they are.
import type { TestContext } from 'node:test';
import { features } from '../../../src/features/index.ts';
import type { KubeObject } from '../../../src/kube/index.ts';
import type { RouteTable } from '../../../src/model/index.ts';
import { fullPatch } from '../../../src/table/index.ts';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from '../../../src/translate/sample-objects.fixture.ts';
import { okResponse, RawClient, startAnswering, startProxy, type TestProxy } from '../harness.ts';
import { host, nginxPrefix } from './annotated.ts';

type Texts = Readonly<Record<string, string>>;

export interface Canaried {
  readonly main?: Texts;
  readonly canary: Texts;
  /** Ports of the Services `app` and `next`; absent: one upstream that answers with the Service's name. */
  readonly ports?: { readonly app?: readonly number[]; readonly next?: readonly number[] };
}

export interface Sides {
  readonly proxy: TestProxy;
  /** Head and body of the answer to a GET with these field lines. */
  readonly ask: (fields?: string) => Promise<{ readonly head: string; readonly body: string }>;
  /** Who answered that many requests, one after the other. */
  readonly sides: (count: number, fields?: string) => Promise<string[]>;
  /** From now on other annotations of the canary. */
  readonly change: (canary: Texts) => void;
}

function full(texts: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${nginxPrefix}/${name}`, text]));
}

function slices(service: string, ports: readonly number[]): KubeObject[] {
  return ports.map((port) =>
    sampleSlice(['127.0.0.1'], {
      service,
      name: `${service}-${port}`,
      ports: [{ name: '', port, protocol: 'TCP' }],
    }),
  );
}

function tableOf(
  { main = {}, canary }: Canaried,
  app: readonly number[],
  next: readonly number[],
): RouteTable {
  const { table } = translateSample(
    [
      sampleIngress({ rules: [sampleRule(host, ['/'])] }, { annotations: full(main), day: 1 }),
      sampleIngress(
        { rules: [sampleRule(host, ['/'], 'next')] },
        { name: 'canary', annotations: full({ canary: 'true', ...canary }), day: 2 },
      ),
      ...['app', 'next'].map((name) => sampleService(name)),
      ...slices('app', app),
      ...slices('next', next),
    ],
    { features },
  );
  return table;
}

export async function serveSides(t: TestContext, spec: Canaried): Promise<Sides> {
  const app = spec.ports?.app ?? [await startAnswering(t, () => okResponse('app'))];
  const next = spec.ports?.next ?? [await startAnswering(t, () => okResponse('next'))];
  const proxy = await startProxy(t, fullPatch(tableOf(spec, app, next)));
  const ask: Sides['ask'] = async (fields = '') => {
    const client = await RawClient.open(t, proxy.port);
    client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n`);
    const text = await client.untilClosed();
    const end = text.indexOf('\r\n\r\n');
    return { head: text.slice(0, end), body: text.slice(end + 4) };
  };
  return {
    proxy,
    ask,
    async sides(count, fields) {
      const found: string[] = [];
      for (let i = 0; i < count; i += 1) found.push((await ask(fields)).body);
      return found;
    },
    change(canary) {
      const table = tableOf({ ...spec, canary }, app, next);
      proxy.worker.apply({ ...fullPatch(table), version: proxy.worker.core.table.table.version + 1 });
    },
  };
}
