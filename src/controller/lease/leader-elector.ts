// LeaderElector: which replica writes status and Events, by a Lease (ingress-api.md G.4). Fenced: leadership ends by this
// process's own monotonic clock, asked before each write, so that a process that was stopped and wakes up writes nothing.
// Clocks of others are never compared: a holder counts as gone when its record has not changed for a whole lease as seen here.
import type { ApiClient, ApiReply } from '../../sources/kube/api-client.ts';
import { expectOk } from '../../sources/kube/api-client.ts';
import type { ControllerLog } from '../problem-log.ts';
import { claimedSpec, type Lease, type LeaseSpec, readLease, releasedSpec } from './lease-record.ts';

export interface LeaderElectorOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Different for each replica. */
  readonly identity: string;
  /** A record that has not changed for so long is free to take. */
  readonly leaseMs: number;
  /** A leader that could not renew for so long leads no more; below `leaseMs`. */
  readonly renewDeadlineMs: number;
  /** Between two tries, with jitter; well below `renewDeadlineMs`. */
  readonly retryMs: number;
  readonly log: ControllerLog;
  readonly onStartedLeading?: () => void;
  readonly onStoppedLeading?: () => void;
  /** Wall clock, for what is written; milliseconds since the epoch. */
  readonly nowMs?: () => number;
  /** Monotonic, for what is decided. */
  readonly monotonicMs?: () => number;
  readonly random?: () => number;
  readonly schedule?: (run: () => void, afterMs: number) => () => void;
}

/** As client-go's JitterFactor. */
const jitter = 1.2;

interface Observation {
  readonly record: string;
  /** Monotonic. */
  readonly sinceMs: number;
}

export class LeaderElector {
  readonly #options: Required<Omit<LeaderElectorOptions, 'onStartedLeading' | 'onStoppedLeading'>> &
    Pick<LeaderElectorOptions, 'onStartedLeading' | 'onStoppedLeading'>;
  readonly #path: string;
  /** Monotonic time until which this replica leads; 0: it does not. */
  #leadsUntilMs = 0;
  #wasLeading = false;
  #leaderName = '';
  #observed: Observation | null = null;
  #lastError = '';
  #cancel: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = {
      nowMs: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
      schedule: (run, afterMs) => {
        const timer = setTimeout(run, afterMs).unref();
        return () => clearTimeout(timer);
      },
      ...options,
    };
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  start(): void {
    this.#running = this.#round();
  }

  /** Ask before each write. True only within the renewal deadline of the last renewal that succeeded. */
  isLeading(): boolean {
    const isLeading = this.#options.monotonicMs() < this.#leadsUntilMs;
    if (!isLeading) this.#tellStopped();
    return isLeading;
  }

  /** Identity of the replica that was last seen to lead; empty: none. */
  get leader(): string {
    return this.#leaderName;
  }

  /** Gives the Lease up if it is held, so that another replica need not wait. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
    if (!this.isLeading()) return;
    this.#leadsUntilMs = 0;
    try {
      await this.#release();
    } catch (error) {
      this.#options.log.warn({}, `cannot give up the Lease: ${messageOf(error)}`);
    }
    this.#tellStopped();
  }

  async #round(): Promise<void> {
    try {
      await this.#tryToLead();
      this.#lastError = '';
    } catch (error) {
      const message = messageOf(error);
      const { log, namespace, name } = this.#options;
      if (message !== this.#lastError) {
        log.warn({}, `cannot read or write Lease ${namespace}/${name}: ${message}`);
      }
      this.#lastError = message;
    }
    // Tells the end of a leadership that ran out, also when nobody asks.
    this.isLeading();
    if (this.#isStopped) return;
    const { schedule, retryMs, random } = this.#options;
    this.#cancel = schedule(() => this.start(), retryMs * (1 + random() * (jitter - 1)));
  }

  async #tryToLead(): Promise<void> {
    const { identity, monotonicMs } = this.#options;
    // Counted from before the request: the Lease may have been written at any moment since.
    const startedMs = monotonicMs();
    const lease = await this.#read();
    this.#observe(lease);
    const holder = lease?.spec.holderIdentity ?? '';
    if (holder !== '' && holder !== identity && !this.#hasRunOut()) return;
    if (this.#isStopped) return;
    const written = await this.#write(lease);
    if (written === null) return;
    this.#observe(written);
    this.#leadsUntilMs = startedMs + this.#options.renewDeadlineMs;
    if (!this.isLeading() || this.#wasLeading) return;
    this.#wasLeading = true;
    this.#options.log.info({ identity }, 'this replica leads: it writes status and Events');
    this.#options.onStartedLeading?.();
  }

  async #read(): Promise<Lease | null> {
    const { namespace, name } = this.#options;
    const reply = await this.#call('GET', `${this.#path}/${name}`);
    if (reply.status === 404) return null;
    return readLease(expectOk(reply), namespace, name);
  }

  /** Null: another replica was faster. */
  async #write(before: Lease | null): Promise<Lease | null> {
    const { namespace, name, identity, leaseMs, nowMs } = this.#options;
    const spec = claimedSpec(before?.spec ?? null, { identity, leaseMs, nowMs: nowMs() });
    const reply =
      before === null
        ? await this.#call('POST', this.#path, newLease(namespace, name, spec))
        : await this.#call('PUT', `${this.#path}/${name}`, { ...before, spec });
    if (reply.status === 409) return null;
    return readLease(expectOk(reply), namespace, name);
  }

  async #release(): Promise<void> {
    const { namespace, name, identity, nowMs } = this.#options;
    const lease = await this.#read();
    if (lease === null || lease.spec.holderIdentity !== identity) return;
    const spec = releasedSpec(lease.spec, nowMs());
    expectOk(await this.#call('PUT', `${this.#path}/${name}`, { ...lease, metadata: lease.metadata, spec }));
    this.#options.log.info({ lease: `${namespace}/${name}` }, 'gave up the Lease');
  }

  async #call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<ApiReply> {
    const timeoutMs = this.#options.renewDeadlineMs;
    return await this.#options.client.call({
      method,
      path,
      timeoutMs,
      ...(body === undefined ? {} : { body }),
    });
  }

  #observe(lease: Lease | null): void {
    const record = JSON.stringify(lease?.spec ?? null);
    if (this.#observed?.record !== record) {
      this.#observed = { record, sinceMs: this.#options.monotonicMs() };
    }
    const leader = lease?.spec.holderIdentity ?? '';
    if (leader !== this.#leaderName && leader !== '' && leader !== this.#options.identity) {
      this.#options.log.info({ leader }, `replica "${leader}" leads`);
    }
    this.#leaderName = leader;
  }

  #hasRunOut(): boolean {
    const { monotonicMs, leaseMs } = this.#options;
    return this.#observed !== null && monotonicMs() >= this.#observed.sinceMs + leaseMs;
  }

  #tellStopped(): void {
    if (!this.#wasLeading) return;
    this.#wasLeading = false;
    this.#options.log.info({ identity: this.#options.identity }, 'this replica leads no more');
    this.#options.onStoppedLeading?.();
  }
}

function newLease(namespace: string, name: string, spec: LeaseSpec): Lease {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
