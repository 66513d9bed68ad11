// Parsers of annotation values, shared by all features. Each reads the whole value or says what was wanted, and refuses CR, LF
// and NUL before anything else (http-hardening.md, G1). The grammars are ingress-nginx's.
import { parseCidr } from '../wire/forwarded/index.ts';
import type { AnnotationKey, AnnotationValues, ParseResult } from './contract.ts';

/** What a key's parser made of its annotation; undefined when the key is absent or fell back to its default. */
export function readValue<T>(values: AnnotationValues, key: AnnotationKey<T>): T | undefined {
  // The value under a key's name was made by that key's own parser.
  return values.get(key.name) as T | undefined;
}

/** The refusal of a value that could break out of a line, or null. */
export function refuseControls(text: string): { readonly wanted: string } | null {
  return /[\r\n\0]/.test(text) ? { wanted: 'a single line without CR, LF or NUL' } : null;
}

const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseTexts = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Exactly the set of Go's `strconv.ParseBool`: neither `yes` nor `on`, no spaces. */
export function goBool(text: string): ParseResult<boolean> {
  if (trueTexts.has(text)) return { value: true };
  if (falseTexts.has(text)) return { value: false };
  return refuseControls(text) ?? { wanted: '"true" or "false"' };
}

/** nginx's flags: exactly `on` or `off`. */
export function onOff(text: string): ParseResult<boolean> {
  if (text === 'on' || text === 'off') return { value: text === 'on' };
  return refuseControls(text) ?? { wanted: '"on" or "off"' };
}

/** One of a few words, byte for byte. */
export function oneOf<Value extends string>(values: readonly Value[]): (text: string) => ParseResult<Value> {
  const wanted = values.map((value) => `"${value}"`).join(' or ');
  return (text) => {
    const value = values.find((each) => each === text);
    return value === undefined ? (refuseControls(text) ?? { wanted }) : { value };
  };
}

/** Go's `strconv.Atoi`: optional sign and decimal digits, no unit, no spaces. Beyond 2^53 - 1 it is refused. */
export function goInt(text: string): ParseResult<number> {
  const value = /^[-+]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return { value: value === 0 ? 0 : value };
  return refuseControls(text) ?? { wanted: 'a whole number without unit' };
}

export interface Size {
  readonly bytes: number;
  /** Lower case; empty when none was written. */
  readonly unit: '' | 'b' | 'k' | 'm' | 'g';
}

const unitBytes: Readonly<Record<Size['unit'], number>> = {
  '': 1,
  b: 1,
  k: 1_024,
  m: 1_048_576,
  g: 1_073_741_824,
};

/** Digits and one optional unit of `b k m g`, any case, powers of 1024; spaces around it are cut. */
export function size(text: string): ParseResult<Size> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const match = /^ *([0-9]+)([bkmg]?) *$/i.exec(text);
  const unit = (match?.[2] ?? '').toLowerCase() as Size['unit'];
  const bytes = match === null ? Number.NaN : Number(match[1]) * unitBytes[unit];
  if (!Number.isSafeInteger(bytes)) return { wanted: 'a size such as "8k", "10m" or "1g", or "0"' };
  return { value: { bytes, unit } };
}

/**
 * The character sets of ingress-nginx's validators, by the names that its documentation of each annotation uses. Each as the
 * inside of a class, and in words.
 */
const charsets = {
  basic: { members: 'A-Za-z0-9\\-._~/:', words: 'letters, digits and - . _ ~ / :' },
  'basic+space': { members: 'A-Za-z0-9\\-._~/: ', words: 'letters, digits, spaces and - . _ ~ / :' },
  extended: { members: 'A-Za-z0-9\\-._~/:, ', words: 'letters, digits, spaces and - . _ ~ / : ,' },
  headers: { members: 'A-Za-z0-9\\-_, ', words: 'letters, digits, spaces and - _ ,' },
  'nginx-var': { members: 'A-Za-z0-9\\-_${}', words: 'letters, digits and - _ $ { }' },
  url: { members: 'A-Za-z0-9\\-._~/:,?&=', words: 'letters, digits and - . _ ~ / : , ? & =' },
  'url+var': {
    members: 'A-Za-z0-9\\-._~/:,?&= $',
    words: 'letters, digits, spaces and - . _ ~ / : , ? & = $',
  },
  regex: {
    members: 'A-Za-z0-9\\-._~/:^$[\\](){}*+?|&=\\\\',
    words: 'letters, digits and - . _ ~ / : ^ $ [ ] ( ) { } * + ? | & = \\',
  },
  'path+capture': { members: 'A-Za-z0-9\\-._~/:$', words: 'letters, digits and - . _ ~ / : $' },
} as const;

export type Charset = keyof typeof charsets;

/** A parser of text that is not empty and holds nothing but the characters of a set. Outer spaces are cut if the set has spaces. */
export function textOf(charset: Charset): (text: string) => ParseResult<string> {
  const { members, words } = charsets[charset];
  const whole = new RegExp(`^[${members}]+$`);
  return (text) => {
    const refusal = refuseControls(text);
    if (refusal !== null) return refusal;
    if (text.trim() === '') return { wanted: 'a value that is not empty' };
    return whole.test(text) ? { value: text.trim() } : { wanted: `only ${words}` };
  };
}

const maxCidrs = 2_000;

/** Addresses and networks with commas between, spaces around them allowed. Empty is refused: a list that protects names somebody. */
export function cidrList(text: string): ParseResult<readonly string[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const cidrs = text.split(',').map((part) => part.trim());
  const wrong = cidrs.find((cidr) => parseCidr(cidr) === null);
  if (wrong !== undefined || cidrs.length > maxCidrs) {
    return { wanted: `up to ${maxCidrs} addresses or networks such as "10.0.0.0/8", with commas between` };
  }
  return { value: cidrs };
}
