// A controller's surroundings for tests of automatic certificates: an API server that holds Secrets, a translator that reads them, workers
// that serve at once, and a clock that stands still until it is told.
import type { Ingress, KubeObject, Secret } from '../../kube/index.ts';
import { refKey } from '../../model/index.ts';
import type { ApiCall, ApiClient } from '../../sources/kube/api-client.ts';
import { refOf } from '../../sources/index.ts';
import { sampleOptions } from '../../translate/sample-objects.fixture.ts';
import { Translator } from '../../translate/index.ts';
import type { ControllerView } from '../controller.ts';
import { AcmeAgent, challengeSecretOf } from './acme-agent.ts';
import type { AcmeClock } from './acme-clock.ts';
import { directoryUrl, FakeAcme } from './fake-acme.fixture.ts';

export class FakeClock implements AcmeClock {
  ms = Date.parse('2026-03-01T00:00:00Z');
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void }>();

  readonly nowMs = (): number => this.ms;
  readonly random = (): number => 0.5;
  readonly sleep = async (ms: number): Promise<void> => {
    this.ms += ms;
  };
  readonly schedule = (run: () => void, afterMs: number): (() => void) => {
    const timer = { atMs: this.ms + afterMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Runs what is due in the next `ms`, in order, and lets each finish. */
  async pass(ms: number): Promise<void> {
    const endMs = this.ms + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.ms = Math.max(this.ms, due.atMs);
      due.run();
    }
    this.ms = Math.max(this.ms, endMs);
  }
}

/** Everything that waits for promises alone has happened: nothing here needs a thread or a socket. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

export class AcmeWorld implements ControllerView {
  readonly clock = new FakeClock();
  readonly server = new FakeAcme(this.clock.nowMs);
  readonly events: string[] = [];
  isLeading = true;
  /** What the API server says to writes into a namespace, where it does not take them. */
  refusalOf: (namespace: string, isTrial: boolean) => number | null = () => null;
  readonly #objects = new Map<string, KubeObject>();
  readonly #translator = new Translator(sampleOptions({ challengeSecret: challengeSecretOf('system') }));
  agent: AcmeAgent;
  #revision = 0;

  constructor() {
    this.agent = this.#startAgent();
  }

  /** Another process leads from now on. */
  restart(): void {
    this.agent.stop();
    this.agent = this.#startAgent();
    this.agent.onStartedLeading();
  }

  #startAgent(): AcmeAgent {
    return new AcmeAgent({
      directoryUrl,
      email: 'ops@shop.test',
      externalAccount: null,
      kind: 'http-01',
      authorities: null,
      namespace: 'system',
      settleMs: 0,
      userAgent: 'test',
      view: this,
      table: () => this.#translator.table,
      isLeading: () => this.isLeading,
      record: ({ ref }, { reason, message }) => this.events.push(`${ref.name} ${reason}: ${message}`),
      log: { info: () => {}, warn: () => {}, error: () => {} },
      client: this.client,
      clock: this.clock,
      transport: this.server.transport,
    });
  }

  /** As another writer of the API. */
  put(object: KubeObject): void {
    this.#revision += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#revision) };
    // The same kind with other metadata.
    const stored = { ...object, metadata } as KubeObject;
    this.#objects.set(refKey(refOf(stored)), stored);
    const change = { kind: 'set', object: stored } as const;
    this.#translator.apply([change], this.clock.ms);
    const { version } = this.#translator.table;
    this.agent.onStep({ version, changes: [change], problemsChanged: [] });
    this.agent.onServed(version);
  }

  secret(namespace: string, name: string): Secret | null {
    const object = this.lookup({ kind: 'Secret', namespace, name });
    return object?.kind === 'Secret' ? object : null;
  }

  get table() {
    return this.#translator.table;
  }

  readonly lookup: ControllerView['lookup'] = (ref) => this.#objects.get(refKey(ref));
  readonly objects: ControllerView['objects'] = () => this.#objects.values();
  readonly isOurs: ControllerView['isOurs'] = (key) => this.#translator.ingressStatus(key)?.owned ?? false;
  readonly problemsOf: ControllerView['problemsOf'] = () => [];

  get client(): ApiClient {
    return {
      call: async ({ method, path, query, body }: ApiCall) => {
        const [, , , , namespace = '', , name = ''] = path.split('/');
        const found = this.secret(namespace, name);
        if (method === 'GET') {
          return { status: found === null ? 404 : 200, value: found ?? {}, retryAfterMs: null };
        }
        const isTrial = query?.['dryRun'] === 'All';
        const refusal = this.refusalOf(namespace, isTrial);
        if (refusal !== null) {
          return { status: refusal, value: { message: `refused with ${refusal}` }, retryAfterMs: null };
        }
        // Only Secrets are written here.
        if (!isTrial) this.put(body as Secret);
        return { status: 200, value: body, retryAfterMs: null };
      },
      watch: async () => {},
    };
  }
}

export function acmeIngress(name: string, hosts: readonly string[], namespace = 'shop'): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace, name, uid: `uid-${name}`, annotations: { 'sallyport.dev/acme': 'true' } },
    spec: { rules: hosts.map((host) => ({ host })), tls: [{ hosts, secretName: `${name}-tls` }] },
  };
}
