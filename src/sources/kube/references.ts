// References: which Secrets the Ingresses name, and which ConfigMaps the IngressClasses and the settings, as long as nobody says better what is
// wanted. Kept per object, so that a change costs only its own names.
import type { ConfigMap, Ingress, IngressClass } from '../../kube/index.ts';
import { type ObjectKey, objectKey, refKey } from '../../model/index.ts';
import { type ObjectChange, refOf } from '../object-change.ts';

/** `IngressMap`: ConfigMaps of Ingresses; `Ingress`: their Secrets. */
type Referring = 'Ingress' | 'IngressMap' | 'IngressClass' | 'ConfigMap';

export class References {
  readonly #controllerName: string | null;
  readonly #keysOf = new Map<string, readonly ObjectKey[]>();
  /** How often each name occurs. */
  readonly #counts: Readonly<Record<Referring, Map<ObjectKey, number>>> = {
    Ingress: new Map(),
    IngressMap: new Map(),
    IngressClass: new Map(),
    ConfigMap: new Map(),
  };
  readonly #settings: ReadonlySet<ObjectKey>;
  #isDirty = false;

  /** `controllerName`: IngressClasses of others do not count; null: all count. `settings`: ConfigMaps that may name others. */
  constructor(controllerName: string | null, settings: Iterable<ObjectKey> = []) {
    this.#controllerName = controllerName;
    this.#settings = new Set(settings);
  }

  /** Takes any change; the names in an object that was set. */
  take(change: ObjectChange): readonly ObjectKey[] {
    const ref = change.kind === 'set' ? refOf(change.object) : change.ref;
    if (ref.kind !== 'Ingress' && ref.kind !== 'IngressClass' && ref.kind !== 'ConfigMap') return [];
    const id = refKey(ref);
    if (ref.kind === 'Ingress') {
      const isSet = change.kind === 'set' && change.object.kind === 'Ingress';
      this.#replace('IngressMap', `maps of ${id}`, isSet ? fieldMapsOf(change.object) : []);
    }
    const keys = change.kind === 'set' ? this.#keysIn(change.object) : [];
    this.#replace(ref.kind, id, keys);
    return keys;
  }

  #replace(kind: Referring, id: string, keys: readonly ObjectKey[]): void {
    const before = this.#keysOf.get(id) ?? [];
    for (const key of keys) this.#count(kind, key, 1);
    for (const key of before) this.#count(kind, key, -1);
    if (keys.length === 0) this.#keysOf.delete(id);
    else this.#keysOf.set(id, keys);
  }

  /** True once after names came or went. */
  takeDirty(): boolean {
    const wasDirty = this.#isDirty;
    this.#isDirty = false;
    return wasDirty;
  }

  all(kind: Referring): Iterable<ObjectKey> {
    return this.#counts[kind].keys();
  }

  #count(kind: Referring, key: ObjectKey, step: number): void {
    const counts = this.#counts[kind];
    const before = counts.get(key) ?? 0;
    const after = before + step;
    if (after === 0) counts.delete(key);
    else counts.set(key, after);
    if (before === 0 || after === 0) this.#isDirty = true;
  }

  #keysIn(object: Extract<ObjectChange, { kind: 'set' }>['object']): readonly ObjectKey[] {
    if (object.kind === 'Ingress') return secretsOf(object);
    if (object.kind === 'ConfigMap') return this.#fieldMapsOf(object);
    return object.kind === 'IngressClass' ? this.#configMapsOf(object) : [];
  }

  /** Those with fields of requests and responses. */
  #fieldMapsOf({ metadata, data = {} }: ConfigMap): ObjectKey[] {
    if (!this.#settings.has(objectKey(metadata.namespace ?? '', metadata.name))) return [];
    const named = [data['proxy-set-headers'] ?? '', data['add-headers'] ?? ''];
    return named.filter((text): text is ObjectKey => /^[^/]+\/[^/]+$/.test(text));
  }

  #configMapsOf({ spec }: IngressClass): ObjectKey[] {
    if (this.#controllerName !== null && spec.controller !== this.#controllerName) return [];
    const { kind = '', apiGroup = '', scope, namespace = '', name = '' } = spec.parameters ?? {};
    const isConfigMap = kind === 'ConfigMap' && apiGroup === '' && scope === 'Namespace';
    return isConfigMap && namespace !== '' && name !== '' ? [objectKey(namespace, name)] : [];
  }
}

/** May name it without its namespace. */
const passwordSuffix = '/auth-secret';
/** The annotations that name a Secret, under whatever prefix the controller reads. */
const secretSuffixes = ['/proxy-ssl-secret', '/auth-tls-secret', passwordSuffix];

/** Secrets of the Ingress's own namespace: of `tls`, and of annotations. */
function secretsOf({ metadata, spec }: Ingress): ObjectKey[] {
  const namespace = metadata.namespace ?? '';
  const names = (spec?.tls ?? []).map(({ secretName = '' }) => secretName);
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    if (!secretSuffixes.some((suffix) => key.endsWith(suffix))) continue;
    const name = value.trim();
    if (name.startsWith(`${namespace}/`)) names.push(name.slice(namespace.length + 1));
    else if (key.endsWith(passwordSuffix) && !name.includes('/')) names.push(name);
  }
  return names.filter((name) => name !== '').map((name) => objectKey(namespace, name));
}

/** May name it without its namespace. */
const paramsSuffix = '/fastcgi-params-configmap';
const mapSuffixes = ['/auth-proxy-set-headers', '/custom-headers', paramsSuffix];

/** ConfigMaps of the Ingress's own namespace, by the annotations that name one. */
function fieldMapsOf({ metadata }: Ingress): ObjectKey[] {
  const namespace = metadata.namespace ?? '';
  return Object.entries(metadata.annotations ?? {})
    .filter(([key]) => mapSuffixes.some((suffix) => key.endsWith(suffix)))
    .map(([key, value]) => {
      const name = value.trim();
      return key.endsWith(paramsSuffix) && !name.includes('/') ? `${namespace}/${name}` : name;
    })
    .filter((key): key is ObjectKey => key.startsWith(`${namespace}/`) && /^[^/]+\/[^/]+$/.test(key));
}
