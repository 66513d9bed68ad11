// PathElement: one step of a field path: a member's name, the key or the value of a list element, or an index; with its text in
// fieldsV1, its order and its form in messages (structured-merge-diff fieldpath).
import { goJson, goQuote, isJsonObject } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';
import { printNumber } from '../patch/index.ts';

export type KeyField = readonly [name: string, value: unknown];

interface Step {
  /** As fieldsV1 has it, e.g. `f:spec` or `k:{"port":80,"protocol":"TCP"}`; equal elements have equal texts. */
  readonly text: string;
}

export type PathElement = Step &
  (
    | { readonly kind: 'field'; readonly name: string }
    | { readonly kind: 'key'; readonly fields: readonly KeyField[] }
    | { readonly kind: 'value'; readonly value: unknown }
    | { readonly kind: 'index'; readonly index: number }
  );

export type FieldPath = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return { kind: 'field', text: `f:${name}`, name };
}

export function keyElement(fields: readonly KeyField[]): PathElement {
  const sorted = fields.toSorted(([a], [b]) => compareText(a, b));
  const members = sorted.map(([name, value]) => `${JSON.stringify(name)}:${goJson(value)}`);
  return { kind: 'key', text: `k:{${members.join(',')}}`, fields: sorted };
}

export function valueElement(value: unknown): PathElement {
  return { kind: 'value', text: `v:${goJson(value)}`, value };
}

function indexElement(index: number): PathElement {
  return { kind: 'index', text: `i:${index}`, index };
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `unknown`: of a type that a later version may know; it is dropped. Null: malformed. */
export function parsePathElement(text: string): PathElement | 'unknown' | null {
  if (text.length < 2 || text[1] !== ':') return null;
  const content = text.slice(2);
  if (text.startsWith('f')) return fieldElement(content);
  if (text.startsWith('v')) {
    const value = parseJson(content);
    return value === undefined || !isScalar(value) ? null : valueElement(value);
  }
  if (text.startsWith('k')) {
    const key = parseJson(content);
    if (!isJsonObject(key) || !Object.values(key).every(isScalar)) return null;
    return keyElement(Object.entries(key));
  }
  if (!text.startsWith('i')) return 'unknown';
  return /^[+-]?[0-9]{1,15}$/.test(content) ? indexElement(Number(content)) : null;
}

/** Numbers before texts before booleans before the rest. */
function rankOf(value: unknown): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return 1;
  return typeof value === 'boolean' ? 2 : 3;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return Math.sign(a - b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const order = rankOf(a) - rankOf(b);
  return order !== 0 ? order : compareText(goJson(a), goJson(b));
}

function compareKeys(a: readonly KeyField[], b: readonly KeyField[]): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const kindOrder: Readonly<Record<PathElement['kind'], number>> = { field: 0, key: 1, value: 2, index: 3 };

/** The order in which fieldsV1 lists elements: fields, keys, values, indexes. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  if (a.kind === 'field' && b.kind === 'field') return compareText(a.name, b.name);
  if (a.kind === 'key' && b.kind === 'key') return compareKeys(a.fields, b.fields);
  if (a.kind === 'value' && b.kind === 'value') return compareValues(a.value, b.value);
  if (a.kind === 'index' && b.kind === 'index') return a.index - b.index;
  return kindOrder[a.kind] - kindOrder[b.kind];
}

function displayValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  return typeof value === 'number' ? printNumber(value) : goJson(value);
}

/** As messages name it: `.spec`, `[port=80,protocol="TCP"]`, `[="a"]`, `[0]`. */
export function displayPathElement(element: PathElement): string {
  if (element.kind === 'field') return `.${element.name}`;
  if (element.kind === 'index') return `[${element.index}]`;
  if (element.kind === 'value') return `[=${displayValue(element.value)}]`;
  return `[${element.fields.map(([name, value]) => `${name}=${displayValue(value)}`).join(',')}]`;
}

/** E.g. `.spec.ports[port=80,protocol="TCP"].name`. */
export function displayPath(path: FieldPath): string {
  return path.map(displayPathElement).join('');
}
