// Resource: one row of the API: its names, versions, shape, behaviour and columns. The REST layer knows nothing else about a kind.
import type { FieldError, StructSchema, StructureResult } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { ObjectStore, StoredKey } from '../storage/store.ts';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export type Subresource = 'status' | 'finalize' | 'approval' | 'scale';

/** One version in which a resource is served; requests and answers are in it, storage is in the storage version. */
export interface ResourceVersion {
  readonly version: string;
  /** Shape of the kind in this version; decides decoding, unknown fields, protobuf, merging, OpenAPI. */
  readonly schema: StructSchema;
  /** Text of the Warning header of every answer in this version; null: none. */
  readonly deprecation: string | null;
  /** A decoded object of this version → the storage version, defaulted. Never throws for what `decodeStructure` accepted. */
  readonly toStorage: (object: ApiObject) => ApiObject;
  readonly fromStorage: (object: ApiObject) => ApiObject;
  /** Instead of `decodeStructure(raw, schema)`: custom resources, whose wrong types are a 422 by the strategy and no 400. */
  readonly decode?: (raw: Readonly<Record<string, unknown>>) => StructureResult;
  /** The OpenAPI v3 schema to publish instead of one made of `schema`; its `metadata` is the publisher's to fill in. */
  readonly openApi?: Readonly<Record<string, unknown>>;
  /** What an answer shows and no write says: times that are not set, as null. Absent: nothing. */
  readonly toAnswer?: (object: ApiObject) => ApiObject;
  /** Instead of the resource's: columns of custom resources belong to a version. */
  readonly printer?: TablePrinter;
}

export interface WriteContext {
  readonly store: ObjectStore;
  readonly nowMs: number;
  /** Empty: the object itself. */
  readonly subresource: '' | Subresource;
  /** Of the request, e.g. `networking.k8s.io/v1beta1`; absent: the storage version. Some rules depend on it. */
  readonly apiVersion?: string;
  readonly isDryRun: boolean;
  /** Adds a Warning header. */
  readonly warn: (text: string) => void;
}

/** How a kind behaves when it is written; as in k8s.io/kubernetes pkg/registry/X/strategy.go. All functions are pure but for `context`. */
export interface Strategy {
  /** Wipes what a client may not set (status, …), fills what the server chooses. Generation, uid and times are the REST layer's. */
  readonly prepareCreate: (object: ApiObject, context: WriteContext) => ApiObject;
  /** Keeps what this request may not change (spec on /status, status on the main endpoint). */
  readonly prepareUpdate: (next: ApiObject, old: ApiObject, context: WriteContext) => ApiObject;
  readonly validateCreate: (object: ApiObject, context: WriteContext) => readonly FieldError[];
  readonly validateUpdate: (next: ApiObject, old: ApiObject, context: WriteContext) => readonly FieldError[];
  readonly warnings: (object: ApiObject, context: WriteContext) => readonly string[];
  /** After validation, before the store: values that must be free (a cluster IP). @throws {ApiError} */
  readonly allocate?: (object: ApiObject, old: ApiObject | null, context: WriteContext) => ApiObject;
  /** Before a deletion: refuses it (ApiError), or returns the object to store instead of removing it (Namespace: Terminating). */
  readonly beforeDelete?: (object: ApiObject, context: WriteContext) => ApiObject | null;
  /** An object with a deletionTimestamp that no finalizer of its metadata keeps stays while this is true (Namespace: spec.finalizers). */
  readonly holdsDeletion?: (object: ApiObject) => boolean;
  /** Objects that go when this one is gone, though it does not own them (Service: the Endpoints of its name). */
  readonly companions?: (object: ApiObject) => readonly StoredKey[];
  /** Whether a change counts a generation; absent: the kind has none. */
  readonly countsGeneration?: (next: ApiObject, old: ApiObject) => boolean;
  readonly allowsCreateOnUpdate: boolean;
  readonly allowsUnconditionalUpdate: boolean;
  /** Top-level fields that server-side apply does not track, by endpoint: `{ '': ['status'], status: ['spec'] }`. */
  readonly resetFields: Readonly<Partial<Record<'' | Subresource, readonly string[]>>>;
}

/** A column of the Table form (meta/v1 TableColumnDefinition). */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format: '' | 'name' | 'date-time' | 'int32';
  readonly description: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number;
}

export type TableCell = string | number | boolean | null;

export interface TablePrinter {
  readonly columns: readonly TableColumn[];
  readonly cells: (object: ApiObject, nowMs: number) => readonly TableCell[];
}

export interface Resource {
  /** Empty: the core group. */
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Where its objects are kept, e.g. `networking.k8s.io/ingresses`; views of one kind in several groups share it. */
  readonly storage: string;
  /** apiVersion of stored objects. */
  readonly storageApiVersion: string;
  /** The preferred one first. */
  readonly versions: readonly ResourceVersion[];
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  readonly strategy: Strategy;
  /** Field selectors besides metadata.name and metadata.namespace, read from the storage version. */
  readonly selectableFields: ReadonlyMap<string, (object: ApiObject) => string>;
  readonly printer: TablePrinter;
  /** Objects are JSON without a Go type: no strategic merge patch (415), no protobuf. */
  readonly isCustom?: boolean;
  /** A deletion answers with the object that is gone, not with a Status. */
  readonly returnsDeleted?: boolean;
  /** One or two sentences for `kubectl explain`. */
  readonly doc: string;
}

/** The resources that are served now; custom resources come and go. */
export interface Registry {
  /** In discovery's order: networking.k8s.io before extensions. */
  readonly resources: () => readonly Resource[];
  readonly lookup: (group: string, version: string, plural: string) => Resource | null;
  readonly lookupKind: (group: string, version: string, kind: string) => Resource | null;
  /** Grows whenever `resources` changes; for caches of discovery and OpenAPI. */
  readonly version: () => number;
}

/** What mutating and validating admission sees of a write. `old` null: create. */
export interface AdmissionRequest {
  readonly resource: Resource;
  /** Of the request, e.g. `extensions`. */
  readonly group: string;
  readonly object: ApiObject;
  readonly old: ApiObject | null;
  readonly namespace: string;
  readonly context: WriteContext;
}

/** Runs before validation on creates and updates: the object, changed or not. @throws {ApiError} */
export type Admission = (request: AdmissionRequest) => ApiObject;
