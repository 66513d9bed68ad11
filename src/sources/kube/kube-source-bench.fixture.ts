// KubeSourceBench: a KubeSource on a fake server, and what it has delivered. Time is fake but for the few milliseconds that a
// batch takes.
import type { TestContext } from 'node:test';
import { refKey } from '../../model/index.ts';
import { type FileFailure, type ObjectChange, refOf } from '../object-change.ts';
import { FakeApiServer } from './fake-api-server.fixture.ts';
import { FakeTiming } from './fake-timing.fixture.ts';
import { KubeSource, type KubeSourceOptions } from './kube-source.ts';

export const paths = {
  ingresses: '/apis/networking.k8s.io/v1/ingresses',
  classes: '/apis/networking.k8s.io/v1/ingressclasses',
  services: '/api/v1/services',
  slices: '/apis/discovery.k8s.io/v1/endpointslices',
  secrets: '/api/v1/secrets',
  configMaps: '/api/v1/configmaps',
  namespaces: '/api/v1/namespaces',
  parameters: '/apis/sallyport.dev/v1alpha1/sallyportparameters',
} as const;

export interface Delivery {
  /** `+Kind/ns/name` or `-Kind/ns/name`, sorted. */
  readonly lines: readonly string[];
  readonly changes: readonly ObjectChange[];
  readonly failures: readonly FileFailure[];
}

export class KubeSourceBench {
  readonly server = new FakeApiServer(Object.values(paths).filter((path) => path !== paths.parameters));
  readonly timing = new FakeTiming();
  readonly source: KubeSource;
  readonly deliveries: Delivery[] = [];
  readonly log: string[] = [];
  /** What has been delivered and not removed. */
  readonly known = new Set<string>();
  #waiting: (() => void) | null = null;

  constructor(test: TestContext, options: Partial<KubeSourceOptions> = {}) {
    const note = (level: string) => (fields: object, message: string) => {
      this.log.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
    this.source = new KubeSource({
      client: this.server,
      log: { info: note('info'), warn: note('warn') },
      scope: { kind: 'all' },
      timing: this.timing,
      onChanges: (changes, failures) => this.#take(changes, failures),
      ...options,
    });
    test.after(() => this.source.stop());
  }

  /** Starts it and takes the first delivery. A refusal is believed at the second time: time passes until then. */
  async start(): Promise<Delivery> {
    void this.source.start();
    await this.timing.settle();
    for (let second = 0; second < 5 && this.deliveries.length === 0; second += 1)
      await this.timing.advance(1_000);
    return this.next();
  }

  /** The next delivery that nobody has taken. */
  async next(): Promise<Delivery> {
    for (;;) {
      const delivery = this.deliveries.shift();
      if (delivery !== undefined) return delivery;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
    }
  }

  /** Takes deliveries until this line has come. */
  async until(line: string): Promise<void> {
    while (!(await this.next()).lines.includes(line));
  }

  /** Refuses what `refuses` says, as RBAC does. */
  forbid(refuses: (path: string, query: Readonly<Record<string, string>>) => boolean): void {
    this.server.faults.push(({ path, query = {} }) =>
      refuses(path, query)
        ? {
            status: 403,
            value: { kind: 'Status', code: 403, reason: 'Forbidden', message: `${path} is forbidden` },
            retryAfterMs: null,
          }
        : null,
    );
  }

  #take(changes: readonly ObjectChange[], failures: readonly FileFailure[]): void {
    const lines = changes.map((change) => {
      const ref = refKey(change.kind === 'set' ? refOf(change.object) : change.ref);
      if (change.kind === 'set') this.known.add(ref);
      else this.known.delete(ref);
      return `${change.kind === 'set' ? '+' : '-'}${ref}`;
    });
    this.deliveries.push({ lines: lines.sort(), changes, failures });
    this.#waiting?.();
  }
}

export function ingressFields(secretName?: string): Readonly<Record<string, unknown>> {
  const tls = secretName === undefined ? {} : { tls: [{ secretName }] };
  return { spec: { rules: [{ host: 'a.example' }], ...tls } };
}
