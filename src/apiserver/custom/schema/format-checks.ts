// Formats of texts that say nothing about networks: dates, durations, numbers with check digits, base64.
import { byteLength } from '../../../kube/index.ts';

const digitPairs = /^(\d{4})-(\d\d)-(\d\d)$/;

/** `2006-01-02`, a day that exists. */
export function isDate(text: string): boolean {
  const match = digitPairs.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}

const timeOfDay = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/;

/** RFC 3339, letters in either case. */
export function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  if (!isDate(date)) return false;
  const match = timeOfDay.exec(time);
  if (match === null) return false;
  return Number(match[1]) <= 23 && Number(match[2]) <= 59 && Number(match[3]) <= 59;
}

/** As Go's time.ParseDuration reads it. */
const goDuration = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const unitNames = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
];

/** Longer texts are no durations; searching them would take quadratic time. */
const maxDurationChars = 500;

/** Go's notation, or amounts with units such as `3 days`. */
export function isDuration(text: string): boolean {
  if (text.length > maxDurationChars) return false;
  if (goDuration.test(text)) return true;
  for (const match of text.matchAll(/\d+\s*([A-Za-zµ]+)/g)) {
    const unit = (match[1] ?? '').toLowerCase();
    const isKnown = unitNames.some((names) => names.includes(unit) || unit.startsWith(names.at(-1) ?? ''));
    if (isKnown) return true;
  }
  return false;
}

const hostName =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;

/** Labels below a top-level domain of letters, or a single label, which may end in a dash. */
export function isHostName(text: string): boolean {
  // Length first: it bounds the expression's work.
  if (byteLength(text) > 255) return false;
  return text.split('.').every((part) => byteLength(part) <= 63) && hostName.test(text);
}

/** The padded standard alphabet; empty is none. */
export function isBase64(text: string): boolean {
  return text !== '' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function withoutGaps(text: string): string {
  return text.replace(/[\s-]+/g, '');
}

export function isIsbn10(text: string): boolean {
  const digits = withoutGaps(text);
  if (!/^[0-9]{9}[0-9X]$/.test(digits)) return false;
  const sum = digits
    .split('')
    .reduce((total, char, index) => total + (index + 1) * (char === 'X' ? 10 : Number(char)), 0);
  return sum % 11 === 0;
}

export function isIsbn13(text: string): boolean {
  const digits = withoutGaps(text);
  if (!/^[0-9]{13}$/.test(digits)) return false;
  const sum = digits
    .split('')
    .reduce((total, char, index) => total + (index % 2 === 0 ? 1 : 3) * Number(char), 0);
  return sum % 10 === 0;
}

const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|(222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11}|6[27][0-9]{14})$/;

export function isCreditCard(text: string): boolean {
  const digits = withoutGaps(text);
  if (!creditCard.test(digits)) return false;
  const sum = digits
    .split('')
    .reverse()
    .reduce((total, char, index) => {
      const digit = Number(char) * (index % 2 === 0 ? 1 : 2);
      return total + (digit > 9 ? digit - 9 : digit);
    }, 0);
  return sum % 10 === 0;
}
