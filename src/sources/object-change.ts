// What every source of objects reports: objects set and removed, and what is wrong with what it read.
// Plain values; translate/ takes the changes as they are.
import type { KubeObject } from '../kube/index.ts';
import type { ObjectRef } from '../model/index.ts';

/** An object set (new or changed, always whole) or removed. */
export type ObjectChange =
  | { readonly kind: 'set'; readonly object: KubeObject }
  | { readonly kind: 'removed'; readonly ref: ObjectRef };

/** A document as the API takes it: JSON values, a Kubernetes object by its apiVersion, kind and metadata.name. */
export type RawManifest = Readonly<Record<string, unknown>>;

/**
 * The document of an object, of whatever kind, set (new or changed, always whole) or removed. `apiVersion` is the document's. One
 * in a version that no API server serves any more comes converted to the newest. `ref.namespace` of a kind that kube/ does not know is
 * absent where the document has none, since only the API knows whether that kind has namespaces.
 */
export type ManifestChange =
  | {
      readonly kind: 'set';
      readonly ref: ObjectRef;
      readonly apiVersion: string;
      readonly raw: RawManifest;
    }
  | { readonly kind: 'removed'; readonly ref: ObjectRef; readonly apiVersion: string };

/**
 * - `SyntaxError`: the file is not YAML or JSON; none of its objects could be read.
 * - `Unreadable`: the file, folder or stream could not be read, or is too large.
 * - `InvalidObject`: an object breaks a rule of the API. As a warning: it is accepted, but likely not as meant.
 * - `DeprecatedVersion`: an object was converted from an old API version.
 * - `DuplicateObject`: another file has the same object, and that one counts.
 * - `NotApplied`: the API refuses the object, or has one of that name that is not the file's. As a warning: nothing is lost by it.
 * - `EditKept`: somebody changed the field in the API, and the file's value waits.
 */
export type FileFailureCode =
  | 'SyntaxError'
  | 'Unreadable'
  | 'InvalidObject'
  | 'DeprecatedVersion'
  | 'DuplicateObject'
  | 'NotApplied'
  | 'EditKept';

/** One thing wrong with a file or an object in it. */
export interface FileFailure {
  /** The path as found from the command line's, or `<stdin>`. */
  readonly file: string;
  /** 1-based; 0 when the whole file is meant. */
  readonly line: number;
  readonly severity: 'error' | 'warning';
  readonly code: FileFailureCode;
  /** Null when no object could be made out. */
  readonly object: ObjectRef | null;
  /** Field path as the API server writes it; empty: the whole object or file. */
  readonly field: string;
  readonly message: string;
  /** True: an earlier version, without this error, is still in force. */
  readonly lastGoodServes: boolean;
}

export interface FileLocation {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** The identity of a decoded object. */
export function refOf(object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? { kind: object.kind, name } : { kind: object.kind, namespace, name };
}
