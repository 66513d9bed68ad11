// Changes of field lines that annotations ask for: fields set, added and taken away, for requests and responses alike. Values are templates
// that were cut when the annotation was read; what a request says is inserted as text that nobody reads again.
import type { FieldTemplate } from '../model/index.ts';
import { removeAliases } from '../wire/http1/field-value.ts';
import type { AnnotationValues, ParseResult, RequestView } from './contract.ts';
import type { AnnotationKey } from './contract.ts';
import { parseLines } from './lines.ts';
import { parseRequestTemplate } from './text-template.ts';
import { readValue } from './values.ts';

/** Removals first, then what is set, then what is added. */
export interface FieldChanges {
  readonly remove: readonly string[];
  readonly set: readonly FieldTemplate[];
  readonly add: readonly FieldTemplate[];
}

/** What a direction leaves alone, and which parts of a request its values may repeat. */
export interface FieldRules {
  /** Lower-case names that are refused. */
  readonly isRefused: (name: string) => boolean;
  /** Lower-case names of request fields that no value may repeat. */
  readonly secrets: readonly string[];
}

/** The three annotations of one direction. */
export interface FieldKeys {
  readonly set: AnnotationKey<readonly FieldTemplate[]>;
  readonly add: AnnotationKey<readonly FieldTemplate[]>;
  readonly remove: AnnotationKey<readonly string[]>;
}

const maxFields = 50;
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,126}[A-Za-z0-9])?$/;

const common = {
  dialect: 'sallyport',
  scope: 'route',
  // What an endpoint believes of a client, or a browser of a site, may stand in these fields.
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'none',
  isLines: true,
} as const;

/** `DIRECTION-headers-set` and its like. `removable`: the rules of what may be taken away. */
export function fieldKeys(
  direction: 'request' | 'response',
  rules: FieldRules,
  removable: FieldRules,
  docs: Readonly<Record<keyof FieldKeys, string>>,
): FieldKeys {
  const lines = {
    ...common,
    parse: (text: string) => parseFieldLines(text, rules),
    valueText: 'lines `Name: value`; a value may hold [variables](configmap.md#variables)',
  };
  return {
    set: { ...lines, name: `${direction}-headers-set`, doc: docs.set },
    add: { ...lines, name: `${direction}-headers-add`, doc: docs.add },
    remove: {
      ...common,
      name: `${direction}-headers-remove`,
      parse: (text) => parseFieldNames(text, removable),
      valueText: 'names of fields, with commas or line ends between',
      doc: docs.remove,
    },
  };
}

/** `Name: value` a line. */
export function parseFieldLines(text: string, rules: FieldRules): ParseResult<readonly FieldTemplate[]> {
  return parseLines(text, { maxLines: maxFields, parseLine: (line) => parseFieldLine(line, rules) });
}

/** Names with commas or line ends between. */
export function parseFieldNames(text: string, rules: FieldRules): ParseResult<readonly string[]> {
  return parseLines(text.replaceAll(',', '\n'), {
    maxLines: maxFields,
    parseLine: (name) => checkName(name, rules) ?? { value: name.toLowerCase() },
  });
}

function checkName(name: string, { isRefused }: FieldRules): { readonly wanted: string } | null {
  if (!namePattern.test(name)) return { wanted: 'a field name of letters, digits and "-"' };
  if (!isRefused(name.toLowerCase())) return null;
  return { wanted: `no field that is the business of the proxy alone (${name.toLowerCase()})` };
}

function parseFieldLine(line: string, rules: FieldRules): ParseResult<FieldTemplate> {
  const colon = line.indexOf(':');
  if (colon < 1) return { wanted: '"Name: value"' };
  const name = line.slice(0, colon);
  const text = line.slice(colon + 1).trim();
  const refusal = checkName(name, rules);
  if (refusal !== null) return refusal;
  if (text === '') return { wanted: 'a value that is not empty' };
  const value = parseRequestTemplate(text);
  if ('wanted' in value) return value;
  const repeated = value.value.find(
    (part) =>
      (part.kind === 'cookie' && rules.secrets.includes('cookie')) ||
      (part.kind === 'header' && rules.secrets.includes(part.name)),
  );
  if (repeated !== undefined) return { wanted: 'no variable that holds credentials of the client' };
  return { value: { name, value: value.value } };
}

/** Null: no key is there. */
export function readChanges(values: AnnotationValues, keys: FieldKeys): FieldChanges | null {
  const remove = readValue(values, keys.remove) ?? [];
  const set = readValue(values, keys.set) ?? [];
  const add = readValue(values, keys.add) ?? [];
  return remove.length + set.length + add.length === 0 ? null : { remove, set, add };
}

/** Once per route and table. */
export function compileChanges({
  remove,
  set,
  add,
}: FieldChanges): (request: RequestView, fields: string) => string {
  // Readers that fold `_` to `-` see one name in both.
  const removed = new Set([...remove, ...set.map(({ name }) => name.toLowerCase())]);
  const written = [...set, ...add];
  return (request, fields) => {
    let lines = '';
    for (const field of written) lines += renderField(field, request);
    return (removed.size === 0 ? fields : removeAliases(fields, removed)) + lines;
  };
}

/** A field whose value comes out empty is left out. */
function renderField({ name, value }: FieldTemplate, request: RequestView): string {
  let text = '';
  for (const part of value) text += request.read(part);
  text = text.trim();
  return text === '' ? '' : `${name}: ${text}\r\n`;
}

/** For `describe`: names only, for values may be long. */
export function describeChanges(what: string, { remove, set, add }: FieldChanges): string {
  const part = (verb: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${verb} ${names.join(', ')}`;
  const parts = [
    part('remove', remove),
    part(
      'set',
      set.map(({ name }) => name),
    ),
    part(
      'add',
      add.map(({ name }) => name),
    ),
  ].filter((text) => text !== '');
  return `${what}: ${parts.join('; ')}`;
}
