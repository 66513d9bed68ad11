// The Table form of objects (meta/v1 Table): what `kubectl get` asks for and prints.
import type { ApiObject } from '../api-object.ts';
import type { TableCell, TableColumn, TablePrinter } from '../registry/resource.ts';

/** What a row carries besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface TableOptions {
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  /** Of the list; for a single object and a watch event its own resourceVersion. */
  readonly listMeta: TableListMeta;
  /** For `includeObject: Object`: objects come in the storage version and leave in that of the request. */
  readonly fromStorage?: (object: ApiObject) => ApiObject;
  /** False: a later event of a watch, whose reader knows the columns. */
  readonly hasColumns?: boolean;
}

export interface TableRow {
  readonly cells: readonly TableCell[];
  readonly object: ApiObject | Readonly<Record<string, unknown>> | null;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: TableListMeta;
  readonly columnDefinitions: readonly TableColumn[] | null;
  readonly rows: readonly TableRow[];
}

/** Parses `?includeObject=`; null for anything else. Empty and absent mean metadata. */
export function parseIncludeObject(text: string): IncludeObject | null {
  if (text === '') return 'Metadata';
  return text === 'None' || text === 'Metadata' || text === 'Object' ? text : null;
}

/** The table of objects of one kind, in their storage version. Priorities are kept: kubectl picks what it shows. */
export function renderTable(
  objects: readonly ApiObject[],
  printer: TablePrinter,
  options: TableOptions,
): Table {
  const { nowMs, listMeta, hasColumns = true } = options;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: hasColumns ? printer.columns : null,
    rows: objects.map((object) => ({
      cells: printer.cells(object, nowMs),
      object: renderRowObject(object, options),
    })),
  };
}

function renderRowObject(object: ApiObject, options: TableOptions): TableRow['object'] {
  const { includeObject, fromStorage } = options;
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return fromStorage === undefined ? object : fromStorage(object);
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** The table of one object. */
export function renderObjectTable(
  object: ApiObject,
  printer: TablePrinter,
  options: Omit<TableOptions, 'listMeta'>,
): Table {
  const { resourceVersion } = object.metadata;
  return renderTable([object], printer, {
    ...options,
    listMeta: resourceVersion === undefined ? {} : { resourceVersion },
  });
}

/**
 * The table of a bookmark: no columns, one row of empty cells. kube sends such a row too, because its annotation (the end of the
 * first events) is looked for in the row's metadata, whatever `includeObject` says.
 */
export function renderBookmarkTable(
  metadata: Readonly<Record<string, unknown>>,
  printer: TablePrinter,
): Table {
  const resourceVersion = metadata['resourceVersion'];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: typeof resourceVersion === 'string' ? { resourceVersion } : {},
    columnDefinitions: null,
    rows: [
      {
        cells: printer.columns.map(() => ''),
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      },
    ],
  };
}
