// The Table form of custom resources: the columns of a CustomResourceDefinition's version (apiextensions-apiserver
// pkg/registry/customresource/tableconvertor).
import { goJson, isJsonObject } from '../../../kube/index.ts';
import type { TableCell, TableColumn, TablePrinter } from '../../registry/resource.ts';
import type { DefinitionColumn } from '../definition/definition-types.ts';
import { evaluateJsonPath } from '../json-path/evaluate-json-path.ts';
import { type JsonPath, parseJsonPath } from '../json-path/parse-json-path.ts';
import { goNumber } from '../schema/json-value.ts';
import { renderAge } from '../../tables/age.ts';

const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace. Cannot be updated.',
  priority: 0,
};

/** Shown where a definition names no columns. */
const ageColumn: DefinitionColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description: 'Time of creation of this object, set by the server.',
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
};

interface CellReader {
  readonly column: TableColumn;
  readonly path: JsonPath;
}

/** A column with a path that cannot be read ends the list, as in the API server. */
export function customPrinter(columns: readonly DefinitionColumn[]): TablePrinter {
  const readers: CellReader[] = [];
  for (const column of columns.length === 0 ? [ageColumn] : columns) {
    const parsed = parseJsonPath(column.jsonPath);
    if ('problem' in parsed) break;
    readers.push({ column: toTableColumn(column), path: parsed.path });
  }
  return {
    columns: [nameColumn, ...readers.map(({ column }) => column)],
    cells: (object, nowMs) => [
      object.metadata.name,
      ...readers.map(({ column, path }) => {
        const value = evaluateJsonPath(path, object)?.[0];
        return renderCell(column.type, value, nowMs);
      }),
    ],
  };
}

const columnTypes: readonly string[] = [
  'string',
  'integer',
  'number',
  'boolean',
  'date',
] satisfies readonly TableColumn['type'][];

function isColumnType(type: string): type is TableColumn['type'] {
  return columnTypes.includes(type);
}

function toTableColumn(column: DefinitionColumn): TableColumn {
  const { name, type, format = '', description = '', priority = 0, jsonPath } = column;
  const fallback = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return {
    name,
    type: isColumnType(type) ? type : 'string',
    format: format === 'date-time' || format === 'int32' ? format : '',
    description: description === '' ? fallback : description,
    priority,
  };
}

function renderCell(type: TableColumn['type'], value: unknown, nowMs: number): TableCell {
  if (value === undefined) return null;
  if (type === 'string') return renderText(value);
  if (value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
    default:
      return typeof value === 'string' ? renderDate(value, nowMs) : null;
  }
}

function renderText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'boolean') return String(value);
  return Array.isArray(value) || isJsonObject(value) ? goJson(value) : '<nil>';
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function renderDate(text: string, nowMs: number): string {
  if (text === '') return '<unknown>';
  const atMs = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? '<invalid>' : renderAge(nowMs - atMs);
}
