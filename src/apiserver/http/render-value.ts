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
  if (options.encoding === 'yaml') return list === null ? [yamlDocument(value)] : yamlPieces(list);
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

/** A block of YAML takes thirty times as long as JSON; what is longer than this is written as JSON, which is YAML too. */
const maxBlockCharacters = 128 * 1024;
/** In a text of YAML 1.1 they end the line or must not stand. */
const beyondYaml = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** In one line; null: short enough for a block. */
function longFlow(value: unknown): string | null {
  const text = serialize(value) ?? 'null';
  if (text.length <= maxBlockCharacters) return null;
  return text.replace(beyondYaml, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function yamlDocument(value: unknown): string {
  const flow = longFlow(value);
  return flow === null ? renderYaml(value) : `${flow}\n`;
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
      for (const item of value) {
        const flow = longFlow(item);
        yield flow === null ? renderYaml([item]) : `- ${flow}\n`;
      }
    } else if (value !== undefined) {
      const flow = longFlow(value);
      yield flow === null ? renderYaml({ [key]: value }) : `${renderYaml(key).trimEnd()}: ${flow}\n`;
    }
  }
}
