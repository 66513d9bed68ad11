// Label selectors as `kubectl -l` and `labelSelector=` write them: `a=b,c!=d,e in (f,g),h,!i`. Grammar, order and texts are
// those of apimachinery pkg/labels. Linear in the length of the text.
import { type FieldError, invalidError, renderFieldError } from './field-error.ts';
import { SelectorTokens } from './label-selector-tokens.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, each once; empty for `exists` and `!`. */
  readonly values: readonly string[];
}

/** All must hold; an empty list matches everything. Sorted by key. */
export type LabelSelector = readonly LabelRequirement[];

export type LabelSelectorResult =
  | { readonly kind: 'selector'; readonly selector: LabelSelector }
  /** `message` is the API server's. */
  | { readonly kind: 'invalid'; readonly message: string };

type Labels = Readonly<Record<string, string>>;

class SelectorFault extends Error {}

/** Parses a selector; an empty or blank text selects everything. */
export function parseLabelSelector(text: string): LabelSelectorResult {
  try {
    const selector = parseRequirements(new SelectorTokens(text));
    return {
      kind: 'selector',
      selector: selector.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    };
  } catch (error) {
    if (!(error instanceof SelectorFault)) throw error;
    return { kind: 'invalid', message: error.message };
  }
}

function parseRequirements(tokens: SelectorTokens): LabelRequirement[] {
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const first = tokens.peek();
    if (first.kind === 'end') return requirements;
    if (first.kind !== 'word' && first.text !== '!') {
      throw new SelectorFault(`found '${first.text}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(parseRequirement(tokens));
    const separator = tokens.take();
    if (separator.kind === 'end') return requirements;
    if (separator.text !== ',') {
      throw new SelectorFault(`found '${separator.text}', expected: ',' or 'end of string'`);
    }
    const next = tokens.peek();
    if (next.kind !== 'word' && next.text !== '!') {
      throw new SelectorFault(`found '${next.text}', expected: identifier after ','`);
    }
  }
}

function parseRequirement(tokens: SelectorTokens): LabelRequirement {
  try {
    return readRequirement(tokens);
  } catch (error) {
    if (!(error instanceof SelectorFault)) throw error;
    throw new SelectorFault(`unable to parse requirement: ${error.message}`);
  }
}

function readRequirement(tokens: SelectorTokens): LabelRequirement {
  const isNegated = tokens.peek().kind === 'symbol' && tokens.peek().text === '!';
  if (isNegated) tokens.take();
  const { kind, text: key } = tokens.take();
  if (kind !== 'word') throw new SelectorFault(`found '${key}', expected: identifier`);
  const keyFaults = checkQualifiedName(key);
  // The server gives no path here, and so prints Go's nil.
  if (keyFaults.length > 0) throw faultOf([invalidError('<nil>', key, keyFaults.join('; '))]);
  const next = tokens.peek();
  if (isNegated) return { key, operator: '!', values: [] };
  if (next.kind === 'end' || (next.kind === 'symbol' && next.text === ',')) {
    return { key, operator: 'exists', values: [] };
  }
  const operator = readOperator(tokens);
  const isSet = operator === 'in' || operator === 'notin';
  const values = [...new Set(isSet ? readValues(tokens) : [readExactValue(tokens)])].sort();
  const errors = checkValues(key, operator, values);
  if (errors.length > 0) throw faultOf(errors);
  return { key, operator, values };
}

const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['in', 'in'],
  ['notin', 'notin'],
  ['>', 'gt'],
  ['<', 'lt'],
]);

function readOperator(tokens: SelectorTokens): LabelOperator {
  const { text } = tokens.take();
  const operator = operators.get(text);
  if (operator !== undefined) return operator;
  throw new SelectorFault(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
}

/** The value after `=`; nothing there is the empty value. */
function readExactValue(tokens: SelectorTokens): string {
  const next = tokens.peek();
  if (next.kind === 'end' || (next.kind === 'symbol' && next.text === ',')) return '';
  tokens.take();
  if (next.kind === 'word') return next.text;
  throw new SelectorFault(`found '${next.text}', expected: identifier`);
}

/** `(a,b)`; a place without a word is the empty value. */
function readValues(tokens: SelectorTokens): string[] {
  const open = tokens.take();
  if (open.kind !== 'symbol' || open.text !== '(') {
    throw new SelectorFault(`found '${open.text}' expected: '('`);
  }
  const first = tokens.peek();
  if (first.kind !== 'word' && first.text !== ',' && first.text !== ')') {
    throw new SelectorFault(`found '${first.text}', expected: ',', ')' or identifier`);
  }
  const values: string[] = [];
  /** True where a value may stand: at the start, and after a comma. */
  let isOpen = true;
  for (;;) {
    const { kind, text } = tokens.take();
    if (kind === 'word') {
      if (!isOpen) throw new SelectorFault(`found '${text}', expected: ',' or ')'`);
      values.push(text);
      isOpen = false;
    } else if (text === ',' || text === ')') {
      if (isOpen) values.push('');
      if (text === ')') return values;
      isOpen = true;
    } else {
      const wanted = isOpen ? "',', or identifier" : "',' or ')'";
      throw new SelectorFault(`found '${text}', expected: ${wanted}`);
    }
  }
}

const maxInt64 = 2n ** 63n - 1n;

function isInt64(text: string): boolean {
  if (!/^[+-]?0*[0-9]{1,19}$/.test(text)) return false;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value <= maxInt64 && value >= -maxInt64 - 1n;
}

function checkValues(key: string, operator: LabelOperator, values: readonly string[]): FieldError[] {
  const numeric = operator === 'gt' || operator === 'lt';
  const errors = values.flatMap((value, index) =>
    numeric && !isInt64(value)
      ? [invalidError(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")]
      : [],
  );
  for (const [index, value] of values.entries()) {
    const faults = checkLabelValue(value);
    if (faults.length > 0) errors.push(invalidError(`values[${index}][${key}]`, value, faults.join('; ')));
  }
  return errors;
}

function faultOf(errors: readonly FieldError[]): SelectorFault {
  const texts = errors.map(renderFieldError);
  return new SelectorFault(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
}

/** Whether all requirements hold for an object's labels. */
export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => holds(requirement, lookup(labels, requirement.key)));
}

function lookup(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function holds({ operator, values }: LabelRequirement, value: string | undefined): boolean {
  if (operator === 'gt' || operator === 'lt') return holdsNumerically(operator, values[0] ?? '', value ?? '');
  if (operator === 'exists') return value !== undefined;
  if (operator === '!') return value === undefined;
  const isAmong = value !== undefined && values.includes(value);
  return operator === '!=' || operator === 'notin' ? !isAmong : isAmong;
}

function holdsNumerically(operator: 'gt' | 'lt', limit: string, value: string): boolean {
  if (!isInt64(value) || !isInt64(limit)) return false;
  return operator === 'gt' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
}

/** The selector in its canonical form, as a query would carry it. */
export function renderLabelSelector(selector: LabelSelector): string {
  return selector.map(renderRequirement).join(',');
}

function renderRequirement({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
  const sign = operator === 'gt' ? '>' : operator === 'lt' ? '<' : operator;
  return `${key}${sign}${values.join(',')}`;
}
