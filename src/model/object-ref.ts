// Names of things: which object a unit, a problem or a log line comes from.

/** A Kubernetes object, by kind and name. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** `NAMESPACE/NAME`. Neither part can hold a slash (Kubernetes names), so the joint is unambiguous. */
export type ObjectKey = `${string}/${string}`;

/** Where in the sources a compiled thing comes from, e.g. `ingress/shop/web/rule/1/path/0`. */
export type SourceId = string;

export function objectKey(namespace: string, name: string): ObjectKey {
  return `${namespace}/${name}`;
}

/** The parts of an `objectKey`. */
export function splitObjectKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** `Ingress shop/web`, for messages. */
export function renderObjectRef(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** `Ingress/shop/web`: an identity as a key of maps. Cluster-scoped objects have an empty middle part. */
export function refKey(ref: ObjectRef): string {
  return `${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}
