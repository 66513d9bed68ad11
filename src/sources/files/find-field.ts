// Finds the node of a field path (`spec.rules[0].http.paths[1].path`, `metadata.annotations[a.b/c]`) in a parsed manifest,
// so that a message can name a line. Paths come from validation and translation; a path that leads nowhere (a required field
// that is missing) ends at its deepest existing parent.
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Document, type Node, type Pair } from 'yaml';

/** Offset into the text of the key (or list item) that the path names, or of its deepest existing parent. */
export function findFieldOffset(root: Node, field: string, document?: Document): number {
  const path =
    field.startsWith('annotations.') || field.startsWith('annotations[') ? `metadata.${field}` : field;
  let node: Node = root;
  let offset = root.range?.[0] ?? 0;
  let rest = path;
  while (rest !== '') {
    if (isAlias(node) && document !== undefined) node = node.resolve(document) ?? node;
    const step = isSeq(node)
      ? stepIntoList(node.items, rest)
      : isMap(node)
        ? stepIntoMap(node.items, rest)
        : null;
    if (step === null) return offset;
    offset = step.offset;
    rest = step.rest;
    if (step.node === null) return offset;
    node = step.node;
  }
  return offset;
}

interface Step {
  readonly node: Node | null;
  readonly offset: number;
  readonly rest: string;
}

function stepIntoList(items: readonly unknown[], rest: string): Step | null {
  // Some paths leave indexes out; that is unambiguous for a list of one item only.
  const match = /^\[(\d+)\]/.exec(rest) ?? (items.length === 1 ? /^/.exec(rest) : null);
  const item = match === null ? undefined : items[Number(match[1] ?? 0)];
  if (match === null || !isNode(item)) return null;
  return { node: item, offset: item.range?.[0] ?? 0, rest: afterDot(rest.slice(match[0].length)) };
}

/** Keys may hold dots and slashes (annotations), so the longest key that the path goes on with is taken. */
function stepIntoMap(pairs: readonly unknown[], rest: string): Step | null {
  let best: Step | null = null;
  let bestLength = -1;
  for (const pair of pairs) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    const end = endOfKey(rest, key);
    if (end < 0 || key.length <= bestLength) continue;
    bestLength = key.length;
    best = { node: valueOf(pair), offset: pair.key.range?.[0] ?? 0, rest: afterDot(rest.slice(end)) };
  }
  return best;
}

/** Where in the path the key ends: written `key` or `[key]`, with or without quotes; -1 when the path goes elsewhere. */
function endOfKey(rest: string, key: string): number {
  for (const written of [`[${key}]`, `["${key}"]`]) if (rest.startsWith(written)) return written.length;
  if (!rest.startsWith(key)) return -1;
  const next = rest[key.length];
  return next === undefined || next === '.' || next === '[' ? key.length : -1;
}

function valueOf(pair: Pair): Node | null {
  return isNode(pair.value) ? pair.value : null;
}

function afterDot(rest: string): string {
  return rest.startsWith('.') ? rest.slice(1) : rest;
}
