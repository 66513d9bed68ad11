// Annotated Ingresses served for real: objects are translated as the controller does it, their table goes to one ProxyWorker, and a
// raw upstream keeps every request that it gets.
import type { TestContext } from 'node:test';
import { features } from '../../../src/features/index.ts';
import type { ConfigMap, KubeObject } from '../../../src/kube/index.ts';
import type { Problem, ProxySettings } from '../../../src/model/index.ts';
import { fullPatch } from '../../../src/table/index.ts';
import {
  sampleIngress,
  sampleRule,
  sampleService,
  sampleSlice,
  translateSample,
} from '../../../src/translate/sample-objects.fixture.ts';
import {
  type DeepPartial,
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  type TestProxy,
} from '../harness.ts';

export const nginxPrefix = 'nginx.ingress.kubernetes.io';

/** The host of the annotated Ingress. */
export const host = 'a.test';

export interface Annotated {
  /** Without the prefix of ingress-nginx; names with a slash are whole. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Paths of the annotated Ingress. */
  readonly paths?: readonly string[];
  /** The ConfigMap of the controller. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly objects?: readonly KubeObject[];
  readonly answer?: (request: string) => string;
  /** Called for each request: the upstream answers when the test calls `go`. */
  readonly hold?: (go: () => void) => void;
  readonly hasEndpoints?: boolean;
  readonly tls?: boolean;
  /** That `tls` names. */
  readonly tlsSecret?: string;
  /** Of the rule; absent: `host`. */
  readonly ruleHost?: string;
}

export interface Served {
  readonly proxy: TestProxy;
  readonly problems: readonly Problem[];
  /** Heads that the upstream got. */
  readonly requests: readonly string[];
  /** Status and head of the answer to one request on a connection of its own. `fields`: complete lines. */
  ask(target: string, fields?: string, method?: string, name?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The value of a field of a head, of the first line; undefined: none. */
export function fieldOf(head: string, name: string): string | undefined {
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

export function configMap(
  name: string,
  data: Readonly<Record<string, string>>,
  namespace = 'shop',
): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

/** An address of a client in X-Forwarded-For is believed. */
export const trusting: DeepPartial<ProxySettings> = {
  forwarded: { trust: true, trustedCidrs: ['127.0.0.0/8'], appendFor: false },
};

/** The Ingress `shop/web` of host `a.test` with one Service `app`, beside what `objects` holds. */
export async function serve(
  t: TestContext,
  {
    annotations = {},
    paths = ['/'],
    settings,
    objects = [],
    answer,
    hold,
    hasEndpoints = true,
    tls,
    tlsSecret,
    ruleHost = host,
  }: Annotated,
  change: DeepPartial<ProxySettings> = {},
): Promise<Served> {
  const requests: string[] = [];
  const port = await startAnswering(t, async (request) => {
    requests.push(request);
    if (hold !== undefined) await new Promise<void>((go) => hold(go));
    return answer?.(request) ?? okResponse('ok');
  });
  const full = Object.fromEntries(
    Object.entries(annotations).map(([name, text]) => [
      name.includes('/') ? name : `${nginxPrefix}/${name}`,
      text,
    ]),
  );
  const spec = {
    rules: [sampleRule(ruleHost, paths)],
    ...(tls === true && {
      tls: [{ hosts: [host], ...(tlsSecret !== undefined && { secretName: tlsSecret }) }],
    }),
  };
  const all: KubeObject[] = [
    sampleIngress(spec, { annotations: full, day: 1 }),
    sampleService(),
    ...(hasEndpoints ? [sampleSlice(['127.0.0.1'], { ports: [{ name: '', port, protocol: 'TCP' }] })] : []),
    ...(settings === undefined ? [] : [configMap('settings', settings)]),
    ...objects,
  ];
  const { table, problems } = translateSample(all, { features, configMap: 'shop/settings' });
  const proxy = await startProxy(t, fullPatch(table), change);
  return {
    proxy,
    problems,
    requests,
    async ask(target, fields = '', method = 'GET', name = host) {
      const client = await RawClient.open(t, proxy.port);
      client.send(`${method} ${target} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${fields}\r\n`);
      const text = await client.untilClosed();
      const end = text.indexOf('\r\n\r\n');
      return { status: Number(text.slice(9, 12)), head: text.slice(0, end), body: text.slice(end + 4) };
    },
  };
}
