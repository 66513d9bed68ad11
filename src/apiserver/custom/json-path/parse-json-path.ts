// Parses the JSONPath of columns and scale paths, as client-go's util/jsonpath reads what stands between braces; without
// `range`, `end` and text. Never throws.

/** `[from:to:step]`; absent parts are null. A single index has `isIndex`. */
export interface SliceStep {
  readonly kind: 'slice';
  readonly from: number | null;
  readonly to: number | null;
  readonly step: number | null;
  readonly isIndex: boolean;
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Operand =
  | { readonly kind: 'path'; readonly path: JsonPath }
  | { readonly kind: 'value'; readonly value: string | number | boolean };

export type JsonPathStep =
  | { readonly kind: 'member'; readonly name: string }
  | SliceStep
  | { readonly kind: 'everything' }
  | { readonly kind: 'descendants' }
  | { readonly kind: 'union'; readonly paths: readonly JsonPath[] }
  /** `comparison` null: items in which the left side is there. */
  | {
      readonly kind: 'filter';
      readonly left: Operand;
      readonly comparison: Comparison | null;
      readonly right: Operand | null;
    };

export type JsonPath = readonly JsonPathStep[];

export type ParsedJsonPath = { readonly path: JsonPath } | { readonly problem: string };

/** Longest path, in characters. */
export const maxPathChars = 2_000;
const maxFilterDepth = 4;

class PathError extends Error {}

export function parseJsonPath(text: string): ParsedJsonPath {
  if (text.length > maxPathChars) return { problem: `longer than ${maxPathChars} characters` };
  try {
    return { path: parseSteps(text, 0) };
  } catch (error) {
    if (error instanceof PathError) return { problem: error.message };
    throw error;
  }
}

const member = /\.((?:\\.|[^\\ \t\r\n.,[\]$@{}])*)/y;
const bracket = /\[([^\]\n]*)\]/y;
const dictKey = /^'([^']*)'$/;
const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;

function parseSteps(text: string, depth: number): JsonPath {
  const steps: JsonPathStep[] = [];
  let at = 0;
  while (at < text.length) {
    if (text.startsWith('[?(', at)) {
      const end = findFilterEnd(text, at + 3);
      steps.push(parseFilter(text.slice(at + 3, end), depth));
      at = end + 2;
    } else if (text.startsWith('..', at)) {
      if (steps.at(-1)?.kind === 'descendants') throw new PathError('invalid multiple recursive descent');
      steps.push({ kind: 'descendants' });
      // `..name` is `..` and `.name`.
      at += /[\p{L}\p{Nd}_]/u.test(text.charAt(at + 2)) ? 1 : 2;
    } else if (text.charAt(at) === '.') {
      member.lastIndex = at;
      const match = member.exec(text);
      if (match === null) throw new PathError('unterminated field');
      const name = (match[1] ?? '').replace(/\\/g, '');
      steps.push(name === '*' ? { kind: 'everything' } : { kind: 'member', name });
      at = member.lastIndex;
    } else if (text.charAt(at) === '[') {
      bracket.lastIndex = at;
      const match = bracket.exec(text);
      if (match === null) throw new PathError('unterminated array');
      steps.push(...parseBracket(match[1] ?? ''));
      at = bracket.lastIndex;
    } else if (/[ @$]/.test(text.charAt(at))) at += 1;
    else throw new PathError(`unrecognized character in action: ${text.charAt(at)}`);
  }
  return steps;
}

function parseBracket(inner: string): JsonPathStep[] {
  const parts = inner.split(',');
  if (parts.length > 1) {
    return [{ kind: 'union', paths: parts.map((part) => parseBracket(part.trim())) }];
  }
  const key = dictKey.exec(inner);
  if (key !== null) return [{ kind: 'member', name: (key[1] ?? '').replace(/\\/g, '') }];
  if (inner === '*') return [{ kind: 'slice', from: null, to: null, step: null, isIndex: false }];
  const match = slice.exec(inner);
  if (match === null) throw new PathError(`invalid array index ${inner}`);
  const [, from = '', to, step] = match;
  return [
    {
      kind: 'slice',
      from: readIndex(from),
      to: readIndex((to ?? '').slice(1)),
      step: readIndex((step ?? '').slice(1)),
      isIndex: to === undefined,
    },
  ];
}

function readIndex(text: string): number | null {
  if (text === '') return null;
  const index = Number(text);
  if (!Number.isSafeInteger(index)) throw new PathError(`array index ${text} is not a number`);
  return index;
}

/** Where the `)` of a filter is; one in quotes does not count. */
function findFilterEnd(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\n') break;
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote && text.charAt(at - 1) !== '\\') quote = '';
    else if (char === ')' && quote === '') {
      if (text.charAt(at + 1) !== ']') throw new PathError('unclosed array expect ]');
      return at;
    }
  }
  throw new PathError('unterminated filter');
}

const filterParts = /^([^!<>=]+)([!<>=]+)(.+)$/s;
const comparisons: readonly string[] = ['==', '!=', '<', '<=', '>', '>='] satisfies readonly Comparison[];

function isComparison(text: string): text is Comparison {
  return comparisons.includes(text);
}

function parseFilter(text: string, depth: number): JsonPathStep {
  if (depth >= maxFilterDepth) throw new PathError('filters are nested too deep');
  const match = filterParts.exec(text);
  if (match === null) {
    return { kind: 'filter', left: parseOperand(text, depth), comparison: null, right: null };
  }
  const [, left = '', comparison = '', right = ''] = match;
  if (!isComparison(comparison)) throw new PathError(`unrecognized filter operator ${comparison}`);
  return {
    kind: 'filter',
    left: parseOperand(left, depth),
    comparison,
    right: parseOperand(right, depth),
  };
}

function parseOperand(text: string, depth: number): Operand {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed);
  if (quoted !== null) return { kind: 'value', value: (quoted[2] ?? '').replace(/\\(.)/gs, '$1') };
  if (trimmed === 'true' || trimmed === 'false') return { kind: 'value', value: trimmed === 'true' };
  if (/^[-+]?[\d.]+$/.test(trimmed)) {
    const value = Number(trimmed);
    if (Number.isNaN(value)) throw new PathError(`cannot parse number ${trimmed}`);
    return { kind: 'value', value };
  }
  return { kind: 'path', path: parseSteps(trimmed, depth + 1) };
}
