// NamedObjects: what is read by name: ConfigMaps always; Secrets where they cannot be listed; and what the options name outside
// of the namespaces that are read. Which names, the Ingresses and IngressClasses say until somebody says better.
import { type ObjectKey, splitObjectKey } from '../../model/index.ts';
import type { ObjectChange } from '../object-change.ts';
import { Mirror, type MirrorParts } from './mirror.ts';
import { NamedReads } from './named-reads.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import { References } from './references.ts';
import type { SourceLog } from './source-log.ts';
import { configMaps, endpointSlices, secrets, services } from './watched-resources.ts';

type NamedKind = 'configMaps' | 'secrets';

export interface NamedObjectsOptions {
  readonly parts: MirrorParts;
  readonly log: SourceLog;
  readonly scope: NamespaceScope;
  readonly controllerName: string | null;
  readonly always: Partial<Readonly<Record<NamedKind | 'services', readonly ObjectKey[]>>>;
}

export class NamedObjects {
  readonly #options: NamedObjectsOptions;
  readonly #reads: Readonly<Record<NamedKind | 'services', NamedReads>>;
  /** Endpoints of the named Services, by the Service. */
  readonly #slices = new Map<ObjectKey, Mirror>();
  readonly #references: References;
  /** What somebody wants instead of the references. */
  readonly #wanted: Record<NamedKind, ReadonlySet<ObjectKey> | null> = { configMaps: null, secrets: null };
  #isDirty = true;
  #isStopped = false;

  constructor(options: NamedObjectsOptions) {
    const { parts, log, controllerName, always } = options;
    this.#options = options;
    this.#references = new References(controllerName, always.configMaps);
    this.#reads = {
      configMaps: new NamedReads({ resource: configMaps, parts, log }),
      secrets: new NamedReads({ resource: secrets, parts, log }),
      services: new NamedReads({ resource: services, parts, log }),
    };
  }

  /** Counts at the next update. */
  want(kind: NamedKind, keys: ReadonlySet<ObjectKey>): void {
    this.#wanted[kind] = keys;
    this.#isDirty = true;
  }

  takeChange(change: ObjectChange): void {
    const keys = this.#references.take(change);
    if (change.kind === 'set' && change.object.kind === 'Ingress') this.#reads.secrets.poke(keys);
  }

  /** Permissions or namespaces may have changed. */
  markDirty(): void {
    this.#isDirty = true;
  }

  /** Starts and stops readings as names, namespaces and permissions are now; costs nothing when none of them has changed. */
  update(): void {
    const isDirty = this.#references.takeDirty() || this.#isDirty;
    if (this.#isStopped || !isDirty) return;
    this.#isDirty = false;
    const { scope, always } = this.#options;
    const groupOf = (key: ObjectKey): ReturnType<NamespaceScope['groupOf']> =>
      scope.groupOf(splitObjectKey(key).namespace);
    this.#reads.configMaps.want(this.#keysOf('configMaps'));
    const unlisted = [...this.#keysOf('secrets')].filter((key) => !(groupOf(key)?.isListingSecrets ?? false));
    this.#reads.secrets.want(new Set(unlisted), (key) => groupOf(key)?.hasSecret(key) ?? false);
    const outside = new Set((always.services ?? []).filter((key) => groupOf(key) === null));
    this.#reads.services.want(outside, (key) => groupOf(key) !== null);
    this.#wantSlices(outside);
  }

  get isSettled(): boolean {
    return (
      Object.values(this.#reads).every(({ isSettled }) => isSettled) &&
      [...this.#slices.values()].every(({ isSettled }) => isSettled)
    );
  }

  mirrors(): Mirror[] {
    return [...Object.values(this.#reads).flatMap((reads) => reads.mirrors()), ...this.#slices.values()];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const slices = [...this.#slices.values()].map((mirror) => mirror.stop());
    await Promise.all([...Object.values(this.#reads).map((reads) => reads.stop()), ...slices]);
  }

  #keysOf(kind: NamedKind): Set<ObjectKey> {
    const { scope, always } = this.#options;
    const told = this.#wanted[kind];
    // An Ingress names Secrets of its own namespace, and by a setting of others that are read: where those are listed there is nothing to read by name.
    const isListed = kind === 'secrets' && scope.isListingSecrets;
    const referring = kind === 'secrets' ? 'Ingress' : 'IngressClass';
    const named = told ?? (isListed ? [] : this.#references.all(referring));
    const isMaps = kind === 'configMaps';
    const ofSettings = isMaps ? this.#references.all('ConfigMap') : [];
    const ofIngresses = isMaps ? this.#references.all('IngressMap') : [];
    return new Set([...named, ...ofSettings, ...ofIngresses, ...(always[kind] ?? [])]);
  }

  #wantSlices(keys: ReadonlySet<ObjectKey>): void {
    for (const [key, mirror] of this.#slices) {
      if (keys.has(key)) continue;
      this.#slices.delete(key);
      // Its namespace is read now: the group tells them anew.
      void mirror.stop();
    }
    for (const key of keys) {
      if (this.#slices.has(key)) continue;
      const { namespace, name } = splitObjectKey(key);
      const mirror = new Mirror(this.#options.parts, {
        resource: endpointSlices,
        namespace,
        query: { labelSelector: `kubernetes.io/service-name=${name}` },
        isOptional: true,
      });
      this.#slices.set(key, mirror.start());
    }
  }
}
