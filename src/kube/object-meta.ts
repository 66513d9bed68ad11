// Metadata common to all Kubernetes objects, and small readings of it. Values only.

/** `metadata` of an object. Field names and meanings are those of `meta/v1 ObjectMeta`. */
export interface ObjectMeta {
  readonly name: string;
  readonly generateName?: string;
  /** Always filled after normalisation for namespaced kinds; absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque: compare for equality only. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, UTC, whole seconds. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly selfLink?: string;
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** `meta/v1 OwnerReference`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** `meta/v1 ManagedFieldsEntry`; `fieldsV1` is a free-form set of field paths. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
  readonly subresource?: string;
}

/** What every object has: its version, kind and metadata. */
export interface ObjectBase<Kind extends string, ApiVersion extends string> {
  readonly apiVersion: ApiVersion;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
}
