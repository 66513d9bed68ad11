// StatusWriter: keeps `status.loadBalancer.ingress` of our Ingresses at the addresses by which we are reached (ingress-api.md G.2).
// Only while leading, only on difference, a few writes at a time. Never in the way of traffic: what fails is tried again.
import type { Ingress } from '../../kube/index.ts';
import { objectKey, type ObjectKey, type ObjectRef, splitObjectKey } from '../../model/index.ts';
import { type ApiClient, expectOk } from '../../sources/kube/api-client.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import type { ControllerLog } from '../problem-log.ts';
import type { AddressSource } from './address-source.ts';
import { hasAddresses, type IngressAddress } from './ingress-addresses.ts';

export interface StatusWriterOptions {
  readonly client: ApiClient;
  readonly view: ControllerView;
  readonly addresses: AddressSource;
  /** Asked before each write. */
  readonly isLeading: () => boolean;
  readonly log: ControllerLog;
  /** Between two looks at everything. */
  readonly intervalMs: number;
  /** Writes at a time. */
  readonly maxInFlight?: number;
  readonly schedule?: (run: () => void, afterMs: number) => () => void;
}

export interface StatusCounts {
  readonly written: number;
  readonly failed: number;
  readonly waiting: number;
}

/** A write that failed is tried again after so long, with the double after each further failure. */
const firstRetryMs = 500;
const maxRetryMs = 30_000;
const defaultMaxInFlight = 8;
/** Between two looks at everything, so often is put right at once what somebody else has written over our addresses. */
const maxRepeats = 3;

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #schedule: (run: () => void, afterMs: number) => () => void;
  readonly #maxInFlight: number;
  /** Ingresses to look at. */
  readonly #queue = new Set<ObjectKey>();
  readonly #inFlight = new Map<ObjectKey, Promise<void>>();
  /** The version that a write was decided by: while the view still shows it, our own write is on its way back. */
  readonly #decided = new Map<ObjectKey, { readonly version: string; readonly wanted: string }>();
  /** What was written since the last look at everything, and how often. */
  readonly #repeats = new Map<ObjectKey, { readonly wanted: string; readonly count: number }>();
  /** Ingresses that got our addresses from this process. */
  readonly #ours = new Set<ObjectKey>();
  #retryMs = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelInterval: (() => void) | null = null;
  #lastAddresses = '';
  #lastError = '';
  #isToldContested = false;
  #written = 0;
  #failed = 0;
  #isStopped = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? defaultMaxInFlight;
    this.#schedule =
      options.schedule ??
      ((run, afterMs) => {
        const timer = setTimeout(run, afterMs).unref();
        return () => clearTimeout(timer);
      });
  }

  /** Looks at everything now, and again after each interval. Called again when this replica begins to lead. */
  start(): void {
    this.#cancelInterval?.();
    void this.#lookAtAll();
  }

  onStep(step: ControllerStep): void {
    if (this.#options.addresses.concerns(step) || step.changes.some(isClass)) this.#queueAll();
    for (const change of step.changes) {
      if (change.kind === 'removed') {
        if (change.ref.kind === 'Ingress') this.#forget(keyOf(change.ref));
      } else if (change.object.kind === 'Ingress') {
        this.#queue.add(objectKey(change.object.metadata.namespace ?? '', change.object.metadata.name));
      }
    }
    this.#work();
  }

  counts(): StatusCounts {
    return { written: this.#written, failed: this.#failed, waiting: this.#queue.size + this.#inFlight.size };
  }

  /** Resolves when nothing is left to write for now. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight.values());
  }

  /** Nothing is written after this. `clear`: takes our addresses away before, for at most `timeoutMs`. */
  async stop(clear: boolean, timeoutMs = 10_000): Promise<void> {
    this.#cancelInterval?.();
    this.#cancelRetry?.();
    this.#queue.clear();
    // From here on, since the watch tells of what is cleared while the rest is still being cleared.
    this.#isStopped = true;
    await this.idle();
    if (clear) await this.#clearAll(performance.now() + timeoutMs);
  }

  async #lookAtAll(): Promise<void> {
    const { addresses, isLeading, intervalMs } = this.#options;
    this.#cancelInterval = this.#schedule(() => void this.#lookAtAll(), intervalMs);
    if (!isLeading() || this.#isStopped) return;
    try {
      await addresses.refresh();
    } catch (error) {
      this.#tellFailure('find the addresses of the nodes', error);
      return;
    }
    this.#repeats.clear();
    this.#queueAll();
    this.#work();
  }

  #queueAll(): void {
    for (const object of this.#options.view.objects()) {
      if (object.kind !== 'Ingress') continue;
      this.#queue.add(objectKey(object.metadata.namespace ?? '', object.metadata.name));
    }
  }

  #work(): void {
    const { addresses, isLeading, log } = this.#options;
    if (this.#isStopped || this.#queue.size === 0 || !isLeading()) return;
    const wanted = addresses.current();
    if (wanted === null) return;
    const text = JSON.stringify(wanted);
    if (text !== this.#lastAddresses) {
      log.info({ addresses: wanted.map(({ ip, hostname }) => ip ?? hostname) }, 'addresses of the Ingresses');
      this.#lastAddresses = text;
    }
    for (const key of this.#queue) {
      if (this.#inFlight.size >= this.#maxInFlight) return;
      if (this.#inFlight.has(key)) continue;
      this.#queue.delete(key);
      const entries = this.#decide(key, wanted);
      if (entries !== null) this.#write(key, entries);
    }
  }

  /** What is to be written; null: nothing. */
  #decide(key: ObjectKey, wanted: readonly IngressAddress[]): readonly IngressAddress[] | null {
    const { view } = this.#options;
    const ingress = view.lookup({ kind: 'Ingress', ...splitObjectKey(key) }) as Ingress | undefined;
    if (ingress === undefined) return null;
    const present = ingress.status?.loadBalancer?.ingress;
    const isOurs = view.isOurs(key);
    // What is not ours is touched only to take back what we wrote, as long as it is what we wrote.
    if (!isOurs && !(this.#ours.has(key) && hasAddresses(present, wanted))) {
      this.#ours.delete(key);
      return null;
    }
    const entries = isOurs ? wanted : [];
    if (hasAddresses(present, entries)) {
      if (isOurs) this.#ours.add(key);
      this.#decided.delete(key);
      return null;
    }
    const version = ingress.metadata.resourceVersion ?? '';
    const decision = { version, wanted: JSON.stringify(entries) };
    const last = this.#decided.get(key);
    if (version !== '' && last?.version === version && last.wanted === decision.wanted) return null;
    const repeats = this.#repeats.get(key);
    if (repeats?.wanted === decision.wanted && repeats.count >= maxRepeats) {
      this.#tellContested(key);
      return null;
    }
    this.#decided.set(key, decision);
    return entries;
  }

  #write(key: ObjectKey, entries: readonly IngressAddress[]): void {
    const { client } = this.#options;
    const { namespace, name } = splitObjectKey(key);
    const run = async (): Promise<void> => {
      try {
        // A merge patch without resourceVersion: only this field changes, whatever else was written meanwhile.
        const reply = await client.call({
          method: 'PATCH',
          path: `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`,
          contentType: 'application/merge-patch+json',
          body: { status: { loadBalancer: { ingress: entries.length === 0 ? null : entries } } },
        });
        // Gone meanwhile: its removal is on its way.
        if (reply.status !== 404) {
          expectOk(reply);
          this.#written += 1;
          this.#countRepeat(key, JSON.stringify(entries));
          if (entries.length > 0) this.#ours.add(key);
          else this.#ours.delete(key);
        }
        this.#retryMs = 0;
        this.#lastError = '';
      } catch (error) {
        this.#failed += 1;
        this.#decided.delete(key);
        this.#tellFailure(`write the status of Ingress ${key}`, error);
        this.#queue.add(key);
        this.#scheduleRetry();
      } finally {
        this.#inFlight.delete(key);
        if (this.#retryMs === 0) this.#work();
      }
    };
    this.#inFlight.set(key, run());
  }

  #scheduleRetry(): void {
    if (this.#cancelRetry !== null || this.#isStopped) return;
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs === 0 ? firstRetryMs : this.#retryMs * 2);
    this.#cancelRetry = this.#schedule(() => {
      this.#cancelRetry = null;
      this.#work();
    }, this.#retryMs);
  }

  async #clearAll(untilMs: number): Promise<void> {
    const { addresses, view, isLeading } = this.#options;
    const wanted = addresses.current();
    if (wanted === null) return;
    for (const object of view.objects()) {
      if (performance.now() > untilMs || !isLeading()) return;
      if (object.kind !== 'Ingress') continue;
      const key = objectKey(object.metadata.namespace ?? '', object.metadata.name);
      const isWritten = this.#ours.has(key) || hasAddresses(object.status?.loadBalancer?.ingress, wanted);
      if (!view.isOurs(key) || !isWritten) continue;
      while (this.#inFlight.size >= this.#maxInFlight) await Promise.race(this.#inFlight.values());
      this.#write(key, []);
    }
    await Promise.all(this.#inFlight.values());
  }

  #forget(key: ObjectKey): void {
    this.#queue.delete(key);
    this.#decided.delete(key);
    this.#repeats.delete(key);
    this.#ours.delete(key);
  }

  #countRepeat(key: ObjectKey, wanted: string): void {
    const before = this.#repeats.get(key);
    this.#repeats.set(key, { wanted, count: before?.wanted === wanted ? before.count + 1 : 1 });
  }

  /** Two that each put right what the other writes would do nothing else any more, and keep the API server from it too. */
  #tellContested(key: ObjectKey): void {
    if (this.#isToldContested) return;
    this.#isToldContested = true;
    this.#options.log.warn(
      { ingress: key },
      'somebody else writes other addresses into the status of Ingresses of ours, perhaps a controller with the same class; ' +
        'they are put right from time to time only',
    );
  }

  #tellFailure(what: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#lastError)
      this.#options.log.warn({}, `cannot ${what}: ${message}; it is tried again`);
    this.#lastError = message;
  }
}

function isClass(change: ControllerStep['changes'][number]): boolean {
  return (change.kind === 'set' ? change.object.kind : change.ref.kind) === 'IngressClass';
}

function keyOf({ namespace, name }: ObjectRef): ObjectKey {
  return objectKey(namespace ?? '', name);
}
