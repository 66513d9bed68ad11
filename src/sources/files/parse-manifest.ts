// Manifest text to raw objects: YAML 1.1 as kubectl reads it (JSON is a part of it), many documents, Lists opened.
// Positions are kept as "which document, which item", 1-based lines; nodes live only as long as the ParsedManifest.
// Never throws: what is wrong with the text comes back as issues.
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type ScalarTag,
  type Tags,
} from 'yaml';
import { expandLists } from '../../kube/index.ts';
import { growsTooMuch, maxAliasNodes } from './alias-growth.ts';

/** How often one anchor may be used, nested uses multiplied; more is a "billion laughs" document. */
const maxAliasCount = 1_000;

/** Syntax errors told of one text, and warnings: a file that is no YAML has one at every character. */
const maxIssues = 100;

/** Which object of a text: the document's index, then the index of the item in each List around it. */
export interface ObjectPosition {
  readonly document: number;
  readonly items: readonly number[];
}

export interface ManifestObject {
  readonly raw: unknown;
  readonly position: ObjectPosition;
  /** 1-based line of the object's first key. */
  readonly line: number;
}

export interface TextIssue {
  readonly line: number;
  readonly message: string;
}

export interface ParsedManifest {
  readonly objects: readonly ManifestObject[];
  /** When there is one, `objects` is empty: after a syntax error no boundary can be trusted. */
  readonly syntaxErrors: readonly TextIssue[];
  readonly warnings: readonly TextIssue[];
  /** The node of an object, to find the lines of its fields. */
  readonly nodeAt: (position: ObjectPosition) => Node | null;
  readonly lineAt: (offset: number) => number;
}

// kubectl's reader (go-yaml v2 into untyped values) leaves time stamps as text and knows no base-60 numbers; the
// collections that are not JSON (set, omap, pairs) and binary have no meaning in a manifest.
const droppedTags = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
);

// go-yaml v2: a digit before or behind the point; a `_` is skipped.
const fractionText = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Parses a whole text. */
export function parseManifest(text: string): ParsedManifest {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(lines.linePos(offset).line, 1);
  const reading: Reading = { lineAt, documents: [], objects: [], syntaxErrors: [], warnings: [] };
  try {
    const parsed = withoutStacks(() =>
      parseAllDocuments(text, {
        version: '1.1',
        uniqueKeys: false,
        prettyErrors: false,
        logLevel: 'error',
        lineCounter: lines,
        customTags: readableTags,
      }),
    );
    reading.documents = Array.isArray(parsed) ? parsed : [];
    for (const [index, document] of reading.documents.entries()) readDocument(document, index, reading);
  } catch (error) {
    // The parser recurses: a text nested too deeply ends here.
    reading.syntaxErrors.push({ line: 1, message: `cannot parse the text: ${messageOf(error)}` });
  }
  const { documents, objects, syntaxErrors, warnings } = reading;
  return {
    objects: syntaxErrors.length === 0 ? objects : [],
    syntaxErrors,
    warnings,
    nodeAt: (position) => nodeOf(documents, position),
    lineAt,
  };
}

/** The library makes an Error for every fault of the text; a million stacks are gigabytes. */
function withoutStacks<Result>(parse: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parse();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface Reading {
  readonly lineAt: (offset: number) => number;
  documents: readonly Document[];
  readonly objects: ManifestObject[];
  readonly syntaxErrors: TextIssue[];
  readonly warnings: TextIssue[];
}

/** The library's tags of YAML 1.1 without those that kubectl does not know, and with its idea of a fraction. */
function readableTags(tags: Tags): Tags {
  return tags
    .filter((tag) => typeof tag === 'string' || !(droppedTags.has(tag.tag) || isBase60(tag)))
    .map((tag) => (isFraction(tag) ? { ...tag, test: fractionText } : tag));
}

function isBase60(tag: object): boolean {
  return 'format' in tag && tag.format === 'TIME';
}

/** The library's own patterns ask for no digit before the exponent or around the point: for them `e1` and `.` are numbers. */
function isFraction(tag: Tags[number]): tag is ScalarTag {
  if (typeof tag === 'string' || !('test' in tag)) return false;
  return tag.test instanceof RegExp && (tag.test.test('e1') || tag.test.test('.'));
}

function readDocument(document: Document, index: number, reading: Reading): void {
  const { lineAt, syntaxErrors, warnings } = reading;
  for (const error of document.errors.slice(0, Math.max(0, maxIssues - syntaxErrors.length))) {
    syntaxErrors.push({ line: lineAt(error.pos[0]), message: decapitalise(error.message) });
  }
  for (const warning of document.warnings.slice(0, Math.max(0, maxIssues - warnings.length))) {
    warnings.push({ line: lineAt(warning.pos[0]), message: decapitalise(warning.message) });
  }
  const { contents } = document;
  // An empty document, for example a leading or trailing `---`, is no object.
  if (document.errors.length > 0 || contents === null || (isScalar(contents) && contents.value === null))
    return;
  const circular = inspectNode(contents, document, [], reading);
  if (circular !== null) {
    syntaxErrors.push({
      line: lineAt(circular),
      message: 'an alias stands for a value that holds the alias itself',
    });
    return;
  }
  if (growsTooMuch(document)) {
    const message = `aliases stand for more than ${maxAliasNodes} values`;
    syntaxErrors.push({ line: lineAt(offsetOf(contents)), message });
    return;
  }
  try {
    const raw: unknown = document.toJS({ maxAliasCount });
    collectObjects(raw, contents, index, reading);
  } catch (error) {
    syntaxErrors.push({ line: lineAt(offsetOf(contents)), message: decapitalise(messageOf(error)) });
  }
}

/** Opens Lists, as kubectl does; the positions are those of the same items in the same order. */
function collectObjects(raw: unknown, node: Node, document: number, reading: Reading): void {
  const objects = expandLists(raw);
  const positions = [...itemPositions(raw, [])];
  for (const [index, object] of objects.entries()) {
    const position = { document, items: positions[index] ?? [] };
    const item = itemAt(node, position.items) ?? node;
    reading.objects.push({ raw: object, position, line: reading.lineAt(offsetOf(item)) });
  }
}

function* itemPositions(raw: unknown, parents: readonly number[]): Generator<readonly number[]> {
  // An empty item is no object.
  if (raw === null || raw === undefined) return;
  const items = listItems(raw);
  if (items === null) yield parents;
  else for (const [index, item] of items.entries()) yield* itemPositions(item, [...parents, index]);
}

function listItems(raw: unknown): readonly unknown[] | null {
  if (typeof raw !== 'object' || raw === null || !('kind' in raw) || !('items' in raw)) return null;
  const { kind, items } = raw;
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : null;
}

function nodeOf(documents: readonly Document[], { document, items }: ObjectPosition): Node | null {
  const contents = documents[document]?.contents ?? null;
  return contents === null ? null : itemAt(contents, items);
}

function itemAt(root: Node, items: readonly number[]): Node | null {
  let node: Node | null = root;
  for (const index of items) node = node === null ? null : itemNode(node, index);
  return node;
}

function itemNode(list: Node, index: number): Node | null {
  const items = isMap(list) ? list.get('items', true) : null;
  const item = isSeq(items) ? items.items[index] : null;
  return isNode(item) ? item : null;
}

/** Warns of keys given twice (kubectl silently takes the last) and returns the offset of an alias to one of its own parents. */
function inspectNode(node: unknown, document: Document, parents: Node[], reading: Reading): number | null {
  if (isAlias(node)) {
    const named = parents.filter((parent) => isCollection(parent) && parent.anchor === node.source);
    return named.length > 0 && named.includes(node.resolve(document) as Node) ? offsetOf(node) : null;
  }
  if (!isCollection(node)) return null;
  parents.push(node);
  const children = isMap(node) ? node.items.map((pair) => pair.value) : isSeq(node) ? node.items : [];
  if (isMap(node)) warnOfRepeatedKeys(node.items, reading);
  for (const child of children) {
    const circular = inspectNode(child, document, parents, reading);
    if (circular !== null) return circular;
  }
  parents.pop();
  return null;
}

function warnOfRepeatedKeys(pairs: readonly { readonly key: unknown }[], reading: Reading): void {
  const seen = new Set<unknown>();
  for (const { key } of pairs) {
    if (!isScalar(key) || key.value === '<<') continue;
    if (seen.has(key.value) && reading.warnings.length < maxIssues) {
      const message = `key "${String(key.value)}" is given twice in one mapping, the last one counts`;
      reading.warnings.push({ line: reading.lineAt(offsetOf(key)), message });
    }
    seen.add(key.value);
  }
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function decapitalise(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
