// JSON and YAML texts of request bodies, parsed with the bounds that hostile texts need. Faults carry the API server's words.
import { isAlias, LineCounter, parseDocument, type Tags, visit } from 'yaml';
import { findDuplicateFields } from '../../kube/index.ts';
import { ApiError } from '../api-error.ts';
import { requestTooLarge } from './refusals.ts';
import { findRepeatedKeys } from './repeated-keys.ts';
import { expectFewValues, maxDepth, maxSentValues, tooManyValues } from './value-bound.ts';

/** The text is no JSON or YAML; the message is what Go's parsers say of it, as far as it can be known. */
export class BodySyntaxError extends Error {}

export interface ParsedText {
  readonly value: unknown;
  /** What strict decoding says of members that occur again. */
  readonly duplicates: readonly string[];
}

/** YAML takes the parser a hundred times as long as JSON, which clients send where they can. */
const maxYamlBytes = 256 * 1024;
/** Aliases repeat what stands behind their anchor; only short texts may have them, so that the sum stays small. */
const maxAliasedBytes = 64 * 1024;
const maxAliases = 100;
const maxStrictErrors = 100;

/** `wantsDuplicates`: the request asked for strict decoding or warnings. @throws {BodySyntaxError} */
export function parseJsonText(text: string, wantsDuplicates: boolean): ParsedText {
  expectModest(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BodySyntaxError(explainJson(text, error));
  }
  return { value, duplicates: wantsDuplicates ? unique(findDuplicateFields(text)) : [] };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, maxStrictErrors);
}

/** Before anything is made of the text. @throws {BodySyntaxError} @throws {ApiError} 413 */
function expectModest(text: string): void {
  let depth = 0;
  let values = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22) isQuoted = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) throw new BodySyntaxError('exceeded max depth');
    } else if (code === 0x2c) values += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  if (values > maxSentValues) throw tooManyValues(maxSentValues);
}

/** V8's messages by the way they begin, and what Go's decoder says at the same place. */
const jsonFaults: readonly (readonly [RegExp, string])[] = [
  [/^Expected ':' after/, 'after object key'],
  [/^Expected ',' or '\}' after/, 'after object key:value pair'],
  [/^Expected ',' or '\]' after/, 'after array element'],
  [/^Unexpected non-whitespace/, 'after top-level value'],
  [/^Bad control character/, 'in string literal'],
  [/^Bad escaped character/, 'in string escape code'],
  [/^Expected (?:property name|double-quoted)/, 'looking for beginning of object key string'],
];

/** V8's message quotes the text; a message that may be logged must not. */
function explainJson(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const place = /at position (\d+)/.exec(message)?.[1];
  // Without a place V8 names the character.
  const token = /^Unexpected token '(.)'/u.exec(message)?.[1];
  if (place === undefined && token !== undefined)
    return `invalid character '${token}' ${explainPlace(message)}`;
  const at = Number(place ?? text.length - text.trimStart().length);
  const isCut = /end of JSON input|Unterminated/.test(message) || at >= text.trimEnd().length;
  if (isCut) return 'unexpected end of JSON input';
  const char = text.charAt(at);
  return `invalid character ${char === "'" ? "'\\''" : `'${char}'`} ${explainPlace(message)}`;
}

function explainPlace(message: string): string {
  return jsonFaults.find(([pattern]) => pattern.test(message))?.[1] ?? 'looking for beginning of value';
}

/** YAML 1.1 as the API server reads it; a text that is JSON takes the short way. @throws {BodySyntaxError} */
export function parseYamlText(text: string, wantsDuplicates: boolean): ParsedText {
  if (/^\s*[{[]/.test(text)) {
    try {
      return parseJsonText(text, wantsDuplicates);
    } catch (error) {
      if (!(error instanceof BodySyntaxError)) throw error;
      // It may be YAML's flow style.
    }
  }
  if (text.length > maxYamlBytes) throw requestTooLarge(maxYamlBytes);
  try {
    return readYaml(text, wantsDuplicates);
  } catch (error) {
    if (error instanceof BodySyntaxError || error instanceof ApiError) throw error;
    // The parser recurses: a text nested too deeply ends here.
    throw new BodySyntaxError('yaml: exceeded max depth');
  }
}

const droppedTags = new Set(
  ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** As Go reads untyped YAML: time stamps stay texts, and there are no numbers to the base 60. */
function readableTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    return !droppedTags.has(tag.tag) && !('format' in tag && tag.format === 'TIME');
  });
}

function readYaml(text: string, wantsDuplicates: boolean): ParsedText {
  const lines = new LineCounter();
  const { stackTraceLimit } = Error;
  // The library makes an Error for every fault of the text; a million stacks are gigabytes.
  Error.stackTraceLimit = 0;
  try {
    const document = parseDocument(text, {
      version: '1.1',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
      lineCounter: lines,
      customTags: readableTags,
    });
    // Documents behind the first are not read.
    const fault = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
    if (fault !== undefined) {
      const { line } = lines.linePos(fault.pos[0]);
      throw new BodySyntaxError(`yaml: line ${line}: ${fault.message}`);
    }
    if (text.length > maxAliasedBytes) {
      visit(document, (_key, node) => {
        if (isAlias(node)) throw new BodySyntaxError('yaml: aliases in a long text');
      });
    }
    const repeated = wantsDuplicates ? findRepeatedKeys(document).slice(0, maxStrictErrors) : [];
    const told = repeated.map(
      (offset) => `  line ${lines.linePos(offset).line}: key "${keyAt(text, offset)}" already set in map`,
    );
    const value: unknown = document.toJS({ maxAliasCount: maxAliases });
    expectFewValues(value, maxSentValues);
    return { value, duplicates: told.length === 0 ? [] : [`yaml: unmarshal errors:\n${told.join('\n')}`] };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function keyAt(text: string, offset: number): string {
  const [key = ''] = /^[^:\n]{0,200}/.exec(text.slice(offset, offset + 200)) ?? [];
  return key.trim().replace(/^(["'])(.*)\1$/, '$2');
}
