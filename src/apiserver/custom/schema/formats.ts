// `format` of strings, as the API server checks it for custom resources (kube-openapi pkg/validation/strfmt): names are compared
// without dashes, unknown ones are ignored. All checks take linear time.
import { parseIpSloppy } from '../../../kube/index.ts';
import {
  isBase64,
  isCreditCard,
  isDate,
  isDateTime,
  isDuration,
  isHostName,
  isIsbn10,
  isIsbn13,
} from './format-checks.ts';
import { isCidr, isEmail, isMac, isRequestUri } from './network-formats.ts';
import type { JsonKind } from './json-value.ts';
import type { JsonSchema } from './json-schema.ts';

type TextCheck = (text: string) => boolean;

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const uuid3 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const uuid4 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const uuid5 = /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i;
const hexColor = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i;
const channel = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const rgbColor = new RegExp(`^rgb\\(\\s*${channel}\\s*,\\s*${channel}\\s*,\\s*${channel}\\s*\\)$`);
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const textFormats: ReadonlyMap<string, TextCheck> = new Map<string, TextCheck>([
  ['bsonobjectid', (text) => /^[0-9a-f]{24}$/i.test(text)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostName],
  ['ipv4', (text) => parseIpSloppy(text) !== null && text.includes('.')],
  ['ipv6', (text) => parseIpSloppy(text) !== null && text.includes(':')],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', (text) => uuid.test(text)],
  ['uuid3', (text) => uuid3.test(text)],
  ['uuid4', (text) => uuid4.test(text)],
  ['uuid5', (text) => uuid5.test(text)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', (text) => hexColor.test(text)],
  ['rgbcolor', (text) => rgbColor.test(text)],
  ['byte', isBase64],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && label.test(text)],
  ['k8slongname', (text) => text.length <= 253 && text.split('.').every((part) => label.test(part))],
]);

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** The check of a text, 'number' for a format of numbers, null where the format is not checked. */
export function formatCheckOf({ type, format }: JsonSchema): TextCheck | 'number' | null {
  if (format === '') return null;
  if (type === '' || type === 'string') return textFormats.get(format.replaceAll('-', '')) ?? null;
  return numberFormats[type]?.includes(format) === true ? 'number' : null;
}

/** The format that kube-openapi sees in a value of a wrong type. */
export function inferredFormat(kind: JsonKind): string {
  if (kind === 'integer') return 'int64';
  return kind === 'number' ? 'float64' : '';
}
