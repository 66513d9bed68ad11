// Answers: stored objects in the version and form that the request wants: themselves, a Table, or the metadata alone.
import { goQuote } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';
import type { ApiObject } from '../api-object.ts';
import type { ResourceVersion, TablePrinter } from '../registry/resource.ts';
import {
  type IncludeObject,
  parseIncludeObject,
  renderTable,
  type Table,
  type TableListMeta,
} from '../tables/index.ts';
import type { ValueResponse } from './api-request.ts';
import { notAcceptable } from './negotiate.ts';
import { groupVersionOf, type Scope } from './parts.ts';

/** Metadata of a list, without what is empty. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Made once for each object and version: many watches send the same events, and their text is remembered by its object. */
const convertedByVersion = new WeakMap<ResourceVersion, WeakMap<ApiObject, ApiObject>>();

/** A stored object in a served version. */
export function convertStored(object: ApiObject, version: ResourceVersion): ApiObject {
  let converted = convertedByVersion.get(version);
  if (converted === undefined) {
    converted = new WeakMap();
    convertedByVersion.set(version, converted);
  }
  let result = converted.get(object);
  if (result === undefined) {
    const inVersion = version.fromStorage(object);
    result = version.toAnswer?.(inVersion) ?? inVersion;
    converted.set(object, result);
  }
  return result;
}

/** `object` as stored, or as it would be. @throws {ApiError} 400, 406 */
export function answerObject(scope: Scope, status: number, object: ApiObject): ValueResponse {
  return answerValue(scope, status, renderObject(scope, object));
}

function renderObject(scope: Scope, object: ApiObject): unknown {
  const { form } = scope.negotiated;
  if (form === 'object') return convertStored(object, scope.version);
  if (form === 'PartialObjectMetadata') return partialOf(object, scope.negotiated.metaVersion);
  if (form === 'Table') {
    const { resourceVersion = '' } = object.metadata;
    return tableOf(scope, [object], resourceVersion === '' ? {} : { resourceVersion });
  }
  throw notAcceptable(
    `you requested PartialObjectMetadataList, but the requested object is not a list (*${goKind(scope)})`,
  );
}

function goKind({ resource }: Scope): string {
  return `${resource.group === '' ? 'core' : (resource.group.split('.', 1)[0] ?? '')}.${resource.kind}`;
}

/** @throws {ApiError} 400, 406 */
export function answerList(scope: Scope, objects: readonly ApiObject[], metadata: ListMeta): ValueResponse {
  return answerValue(scope, 200, renderList(scope, objects, metadata));
}

function renderList(scope: Scope, objects: readonly ApiObject[], metadata: ListMeta): unknown {
  const { form, metaVersion } = scope.negotiated;
  if (form === 'Table') return tableOf(scope, objects, metadata);
  if (form === 'PartialObjectMetadataList') {
    const items = objects.map((object) => partialOf(object, metaVersion));
    return { kind: 'PartialObjectMetadataList', apiVersion: metaVersion, metadata, items };
  }
  if (form === 'PartialObjectMetadata') {
    const message = `you requested PartialObjectMetadata, but the requested object is a list (*${goKind(scope)}List)`;
    throw notAcceptable(message);
  }
  const converted = objects.map((object) => convertStored(object, scope.version));
  const { isCustom = false } = scope.resource;
  const items = isCustom ? converted : converted.map(withoutType);
  // Go leaves the empty token out of typed lists only.
  const listMeta = isCustom ? { continue: '', ...metadata } : metadata;
  return { kind: scope.resource.listKind, apiVersion: groupVersionOf(scope), metadata: listMeta, items };
}

const untyped = new WeakMap<ApiObject, object>();

/** As an item of a list, which says its kind once. Always the same value for an object, so that its text is remembered. */
function withoutType(object: ApiObject): object {
  let item = untyped.get(object);
  if (item === undefined) {
    const { apiVersion: _apiVersion, kind: _kind, ...members } = object;
    item = members;
    untyped.set(object, item);
  }
  return item;
}

/** The metadata of an object, as an object of its own. */
export function partialOf(object: ApiObject, metaVersion: string): ApiObject {
  return { kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata: object.metadata };
}

/** @throws {ApiError} 400 */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  const wanted = parseIncludeObject(text);
  if (wanted !== null) return wanted;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${goQuote(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** `hasColumns` false: the reader of a watch knows them from an earlier frame. */
export function tableOf(
  scope: Scope,
  objects: readonly ApiObject[],
  listMeta: TableListMeta,
  hasColumns = true,
): Omit<Table, 'apiVersion'> & { readonly apiVersion: string } {
  const { version, request, parts, negotiated } = scope;
  const table = renderTable(objects, printerOf(scope), {
    includeObject: includeObjectOf(request.query),
    nowMs: parts.nowMs(),
    listMeta,
    fromStorage: (object) => convertStored(object, version),
    hasColumns,
  });
  return inMetaVersion(table, negotiated.metaVersion);
}

/** A table in the version that the client asked for, and the metadata in its rows too. */
function inMetaVersion(
  table: Table,
  apiVersion: string,
): Omit<Table, 'apiVersion'> & { readonly apiVersion: string } {
  if (apiVersion === table.apiVersion) return table;
  const rows = table.rows.map((row) =>
    row.object?.['kind'] === 'PartialObjectMetadata'
      ? { ...row, object: { ...row.object, apiVersion } }
      : row,
  );
  return { ...table, apiVersion, rows };
}

export function printerOf({ resource, version }: Scope): TablePrinter {
  return version.printer ?? resource.printer;
}

export function answerValue(scope: Scope, status: number, value: unknown): ValueResponse {
  return { kind: 'value', status, value, warnings: scope.warnings.texts };
}
