// The way from a parsed manifest to an object: structure, conversion, defaults, validation, in the API server's order.
// Pure and total: whatever was parsed, the answer is an object, a list of what is wrong, or "not ours".
import { deprecationWarning } from './convert.ts';
import { decodeStructure, isJsonObject } from './decode-structure.ts';
import type { FieldError } from './field-error.ts';
import { renderFieldErrors } from './status.ts';
import { goQuote } from './go-text.ts';
import { groupOf, isKnownKind, lookupKind } from './kinds.ts';
import type { KindVersion } from './kinds.ts';
import { unknownObjectSchema } from './schema-tables.ts';
import type { KubeObject, KubeRef, ObjectMeta, UnknownObject } from './types.ts';
import { validateObjectMeta } from './validate-metadata.ts';

export interface DecodeOptions {
  /** Namespace of namespaced objects that name none. */
  readonly defaultNamespace: string;
  /** Accept loopback endpoint addresses, which a cluster refuses. */
  readonly allowLoopback: boolean;
  /** Unknown fields are errors (`fieldValidation=Strict`); otherwise they are warnings. */
  readonly strict: boolean;
}

export type DecodeResult =
  | {
      readonly kind: 'object';
      /** In the newest version, defaulted and valid. */
      readonly object: KubeObject;
      readonly warnings: readonly string[];
    }
  | {
      readonly kind: 'invalid';
      readonly ref: KubeRef;
      /** Rules that the object breaks (HTTP 422). Empty if it could not be decoded. */
      readonly errors: readonly FieldError[];
      /** Why it could not be decoded (HTTP 400), in document order. */
      readonly decodeErrors: readonly string[];
      readonly warnings: readonly string[];
    }
  | {
      /** An object of a kind that is not handled here. */
      readonly kind: 'ignored';
      readonly ref: KubeRef;
      /** As it came, if its metadata could be read. */
      readonly object: UnknownObject | undefined;
      readonly warnings: readonly string[];
    };

/** Longest piece of an unreadable document that a message shows, in characters. */
const maxShownChars = 200;

/** Decodes one parsed document. Lists are expanded before, by `expandLists`. */
export function decodeObject(raw: unknown, options: DecodeOptions): DecodeResult {
  if (!isJsonObject(raw)) {
    return undecodable({ apiVersion: '', kind: '', name: '' }, [missing('Kind', raw)]);
  }
  const ref = readRef(raw);
  if (ref.kind === '') return undecodable(ref, [missing('Kind', raw)]);
  if (ref.apiVersion === '') return undecodable(ref, [missing('apiVersion', raw)]);
  const row = lookupKind(ref.apiVersion, ref.kind);
  if (row !== undefined) return decodeKnown(raw, row, ref, options);
  if (isKnownKind(ref.apiVersion, ref.kind)) {
    return undecodable(ref, [
      `no matches for kind ${goQuote(ref.kind)} in version ${goQuote(ref.apiVersion)}`,
    ]);
  }
  return decodeUnknown(raw, ref);
}

function undecodable(ref: KubeRef, decodeErrors: readonly string[]): DecodeResult {
  return { kind: 'invalid', ref, errors: [], decodeErrors, warnings: [] };
}

/** The server shows the whole document here. This one shows no values: a Secret whose kind is misspelt must not reach a log (G3). */
function missing(field: 'Kind' | 'apiVersion', raw: unknown): string {
  const text = isJsonObject(raw) ? showNames(raw) : Array.isArray(raw) ? '[...]' : '...';
  const shown = text.length > maxShownChars ? `${text.slice(0, maxShownChars)}...` : text;
  return `Object '${field}' is missing in '${shown}'`;
}

function showNames(raw: Readonly<Record<string, unknown>>): string {
  return `{${Object.keys(raw)
    .slice(0, maxShownChars)
    .map((name) => `${goQuote(name)}:...`)
    .join(',')}}`;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

/** What the document calls itself, read leniently for messages. */
function readRef(raw: Readonly<Record<string, unknown>>): KubeRef {
  const metadata = isJsonObject(raw['metadata']) ? raw['metadata'] : {};
  const namespace = textOr(metadata['namespace'], '');
  return {
    apiVersion: textOr(raw['apiVersion'], ''),
    kind: textOr(raw['kind'], ''),
    ...(namespace === '' ? {} : { namespace }),
    name: textOr(metadata['name'], ''),
  };
}

function decodeKnown(
  raw: Readonly<Record<string, unknown>>,
  row: KindVersion,
  rawRef: KubeRef,
  options: DecodeOptions,
): DecodeResult {
  const { value, typeErrors, unknownFields } = decodeStructure(raw, row.schema);
  const fieldTexts = unknownFields.map((path) => `unknown field ${goQuote(path)}`);
  const deprecation = deprecationWarning(row.apiVersion, row.kind);
  const warnings = [
    ...(deprecation === undefined ? [] : [deprecation]),
    ...(options.strict ? [] : fieldTexts),
  ];
  const ref =
    row.namespaced && rawRef.namespace === undefined
      ? { ...rawRef, namespace: options.defaultNamespace }
      : rawRef;
  const decodeErrors = [...typeErrors, ...(options.strict ? fieldTexts : [])];
  if (decodeErrors.length > 0) return { kind: 'invalid', ref, errors: [], decodeErrors, warnings };
  const completed = row.complete(placeInNamespace(value, row, options.defaultNamespace), options);
  const allWarnings = [...warnings, ...completed.warnings];
  if (completed.errors.length > 0) {
    return { kind: 'invalid', ref, errors: completed.errors, decodeErrors: [], warnings: allWarnings };
  }
  return { kind: 'object', object: completed.object, warnings: allWarnings };
}

/** Namespaced objects get the default namespace; an empty one means absent. */
function placeInNamespace(
  value: Readonly<Record<string, unknown>>,
  row: KindVersion,
  defaultNamespace: string,
): Readonly<Record<string, unknown>> {
  const { namespace, ...metadata } = value['metadata'] as ObjectMeta;
  const placed =
    namespace === undefined || namespace === '' ? (row.namespaced ? defaultNamespace : '') : namespace;
  return { ...value, metadata: placed === '' ? metadata : { ...metadata, namespace: placed } };
}

function decodeUnknown(raw: Readonly<Record<string, unknown>>, ref: KubeRef): DecodeResult {
  const { value, typeErrors } = decodeStructure(raw, unknownObjectSchema);
  const metadata = value['metadata'] as ObjectMeta;
  const namespaced = (metadata.namespace ?? '') !== '';
  // Names of unknown kinds may have any form: only the common parts are checked.
  const errors = validateObjectMeta(metadata, { namespaced, checkName: () => [] });
  const object: UnknownObject = { ...raw, apiVersion: ref.apiVersion, kind: ref.kind, metadata };
  const isReadable = typeErrors.length === 0 && errors.length === 0;
  return {
    kind: 'ignored',
    ref,
    object: isReadable ? object : undefined,
    warnings: [...typeErrors, ...(errors.length === 0 ? [] : [renderFieldErrors(errors)])],
  };
}

/**
 * The API server's whole sentence for an object that could not be decoded (HTTP 400): a type error alone, or all findings
 * of strict decoding.
 */
export function renderDecodeFailure(ref: KubeRef, decodeErrors: readonly string[]): string {
  const version = ref.apiVersion.slice(groupOf(ref.apiVersion).length).replace(/^\//, '');
  const isStrict = (text: string): boolean =>
    text.startsWith('unknown field ') || text.startsWith('duplicate field ');
  const typeError = decodeErrors.find((text) => !isStrict(text));
  const reason = typeError ?? `strict decoding error: ${decodeErrors.join(', ')}`;
  return `${ref.kind} in version ${goQuote(version)} cannot be handled as a ${ref.kind}: ${reason}`;
}

/**
 * The documents in a parsed document: the items of a `List` (or `IngressList` and the like), at any depth; else itself.
 * Nothing for an empty document. Items of a typed list that omit apiVersion and kind get the list's. A list that occurs
 * again (a YAML alias, possibly within itself) is expanded once.
 */
export function expandLists(raw: unknown): unknown[] {
  const documents: unknown[] = [];
  const expanded = new Set<unknown>();
  const pending: unknown[] = [raw];
  while (pending.length > 0) {
    const next = pending.pop();
    if (next === null || next === undefined) continue;
    const items = isJsonObject(next) ? itemsOf(next) : undefined;
    if (items === undefined) documents.push(next);
    else if (!expanded.has(next)) {
      expanded.add(next);
      for (const item of items.toReversed()) pending.push(item);
    }
  }
  return documents;
}

/** The items of a list, each with a version and kind; undefined for what is no list. */
function itemsOf(raw: Readonly<Record<string, unknown>>): unknown[] | undefined {
  const { apiVersion, kind, items } = raw;
  if (typeof kind !== 'string' || !kind.endsWith('List')) return undefined;
  if (!Array.isArray(items)) return kind === 'List' ? [] : undefined;
  const itemKind = kind.slice(0, -'List'.length);
  if (itemKind === '') return items;
  return items.map((item: unknown) =>
    isJsonObject(item) && item['kind'] === undefined ? { apiVersion, kind: itemKind, ...item } : item,
  );
}
