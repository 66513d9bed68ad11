// What every source of objects reports: objects set and removed, and what is wrong with what it read.
// Plain values; translate/ takes the changes as they are.
import type { KubeObject } from '../kube/index.ts';
import type { ObjectRef } from '../model/index.ts';

/** An object set (new or changed, always whole) or removed. */
export type ObjectChange =
  | { readonly kind: 'set'; readonly object: KubeObject }
  | { readonly kind: 'removed'; readonly ref: ObjectRef };

/**
 * - `SyntaxError`: the file is not YAML or JSON; none of its objects could be read.
 * - `Unreadable`: the file, folder or stream could not be read, or is too large.
 * - `InvalidObject`: an object breaks a rule of the API. As a warning: it is accepted, but likely not as meant.
 * - `DeprecatedVersion`: an object was converted from an old API version.
 * - `DuplicateObject`: another file has the same object, and that one counts.
 */
export type FileFailureCode =
  | 'SyntaxError'
  | 'Unreadable'
  | 'InvalidObject'
  | 'DeprecatedVersion'
  | 'DuplicateObject';

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
