// A value as JSON or YAML in pieces, so that a list of ten thousand objects neither blocks the process nor lies in memory twice.
import { stringify } from 'yaml';
import type { Encoding } from './negotiate.ts';
import { serialize } from './serialized.ts';

export interface RenderOptions {
  readonly encoding: Encoding;
  /** JSON with line ends and two spaces a level. */
  readonly isPretty: boolean;
}

/** Lists shorter than this are rendered in one go. */
const minPiecewiseItems = 32;

/** Small pieces; whoever sends them puts them together. JSON ends with a line end, as kube-apiserver's does. */
export function renderValue(value: unknown, options: RenderOptions): Iterable<string> {
  const list = isPiecewise(value) ? value : null;
  if (options.encoding === 'yaml') return list === null ? [renderYaml(value)] : yamlPieces(list);
  if (options.isPretty) return list === null ? [`${JSON.stringify(value, null, 2)}\n`] : prettyPieces(list);
  return list === null ? [`${serialize(value) ?? 'null'}\n`] : jsonPieces(list);
}

type JsonObject = Readonly<Record<string, unknown>>;

/** An object with a long list among its members: `items` of a List, `rows` of a Table. */
function isPiecewise(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).some((member) => isLongList(member));
}

function isLongList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length >= minPiecewiseItems;
}

function* jsonPieces(object: JsonObject): Generator<string> {
  let separator = '{';
  for (const [key, value] of Object.entries(object)) {
    if (isLongList(value)) {
      yield `${separator}${JSON.stringify(key)}:`;
      let before = '[';
      for (const item of value) {
        yield `${before}${serialize(item) ?? 'null'}`;
        before = ',';
      }
      yield ']';
    } else {
      const text = serialize(value);
      if (text === undefined) continue;
      yield `${separator}${JSON.stringify(key)}:${text}`;
    }
    separator = ',';
  }
  yield '}\n';
}

/** Strings in JSON have no raw line ends, so that a deeper level is a replacement. */
function prettyAt(value: unknown, level: number): string | undefined {
  return JSON.stringify(value, null, 2)?.replaceAll('\n', `\n${'  '.repeat(level)}`);
}

function* prettyPieces(object: JsonObject): Generator<string> {
  let separator = '{\n';
  for (const [key, value] of Object.entries(object)) {
    if (isLongList(value)) {
      yield `${separator}  ${JSON.stringify(key)}: `;
      let before = '[\n';
      for (const item of value) {
        yield `${before}    ${prettyAt(item, 2) ?? 'null'}`;
        before = ',\n';
      }
      yield '\n  ]';
    } else {
      const text = prettyAt(value, 1);
      if (text === undefined) continue;
      yield `${separator}  ${JSON.stringify(key)}: ${text}`;
    }
    separator = ',\n';
  }
  yield '\n}\n';
}

/** Version 1.1 puts `yes`, `on` and `1_000` in quotes, which readers of Go's YAML would take for other values. */
function renderYaml(value: unknown): string {
  return stringify(value, {
    version: '1.1',
    indentSeq: false,
    lineWidth: 0,
    aliasDuplicateObjects: false,
    sortMapEntries: true,
  });
}

/** Members sorted by name, as kube-apiserver sends them. */
function* yamlPieces(object: JsonObject): Generator<string> {
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (isLongList(value)) {
      yield `${renderYaml(key).trimEnd()}:\n`;
      for (const item of value) yield renderYaml([item]);
    } else if (value !== undefined) {
      yield renderYaml({ [key]: value });
    }
  }
}
