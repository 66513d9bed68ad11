// An API server with Ingresses and a controller's view of it, for tests of the status writer.
import assert from 'node:assert/strict';
import type { Ingress, KubeObject } from '../../kube/index.ts';
import { refKey, type ObjectRef } from '../../model/index.ts';
import type { ApiCall, ApiClient, ApiReply } from '../../sources/kube/api-client.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import type { AddressSource } from './address-source.ts';
import { StatusWriter } from './status-writer.ts';

/** An API server with Ingresses, and the view of a controller that lags behind it until `sync`. */
export class World implements ControllerView {
  readonly stored = new Map<string, Ingress>();
  readonly seen = new Map<string, KubeObject>();
  readonly notOurs = new Set<string>();
  readonly writes: { readonly name: string; readonly wasLeading: boolean }[] = [];
  isLeading = true;
  isAway = false;
  /** Told of each write before it is answered. */
  onWritten: () => void = () => {};
  #revision = 0;

  put(name: string, status?: Ingress['status']): void {
    this.#revision += 1;
    const metadata = { namespace: 'shop', name, resourceVersion: String(this.#revision) };
    const base = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: {} } as const;
    this.stored.set(name, status === undefined ? base : { ...base, status });
  }

  /** Everything that the view has not seen yet, as a step. */
  sync(): ControllerStep {
    const changes: ControllerStep['changes'][number][] = [];
    for (const [name, object] of this.stored) {
      const key = `Ingress/shop/${name}`;
      if (this.seen.get(key) === object) continue;
      this.seen.set(key, object);
      changes.push({ kind: 'set', object });
    }
    for (const [key, { kind, metadata }] of this.seen) {
      if (kind !== 'Ingress' || this.stored.has(metadata.name)) continue;
      this.seen.delete(key);
      changes.push({ kind: 'removed', ref: { kind, namespace: 'shop', name: metadata.name } });
    }
    return { version: 1, changes, problemsChanged: [] };
  }

  readonly client: ApiClient = {
    call: async (call: ApiCall): Promise<ApiReply> => {
      if (this.isAway) throw new Error('connection refused');
      const name = call.path.split('/').at(-2) ?? '';
      const before = this.stored.get(name);
      if (before === undefined) return { status: 404, value: {}, retryAfterMs: null };
      this.writes.push({ name, wasLeading: this.isLeading });
      const { status } = call.body as { status: { loadBalancer: { ingress: never } } };
      const { ingress } = status.loadBalancer;
      this.put(name, ingress === null ? undefined : { loadBalancer: { ingress } });
      this.onWritten();
      return { status: 200, value: this.stored.get(name), retryAfterMs: null };
    },
    watch: async () => assert.fail('no watch is wanted'),
  };

  lookup = (ref: ObjectRef): KubeObject | undefined => this.seen.get(refKey(ref));
  objects = (): Iterable<KubeObject> => this.seen.values();
  isOurs = (key: string): boolean => this.seen.has(`Ingress/${key}`) && !this.notOurs.has(key);
  problemsOf = (): [] => [];

  ips(name: string): readonly (string | undefined)[] {
    return (this.stored.get(name)?.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  }
}

export const silent = { info: () => {}, warn: () => {}, error: () => {} };

export function writerOf(world: World, addresses: AddressSource, timers: (() => void)[] = []): StatusWriter {
  return new StatusWriter({
    client: world.client,
    view: world,
    addresses,
    isLeading: () => world.isLeading,
    log: silent,
    intervalMs: 60_000,
    maxInFlight: 2,
    schedule: (run) => {
      timers.push(run);
      return () => {
        const at = timers.indexOf(run);
        if (at >= 0) timers.splice(at, 1);
      };
    },
  });
}
