// How long answers count: the grammar of auth-cache-duration, `[CODE ...] NUMBER UNIT` with commas between.
import type { AuthLifetime } from '../../model/index.ts';
import type { ParseResult } from '../contract.ts';
import { refuseControls } from '../values.ts';

export const defaultLifetimes: readonly AuthLifetime[] = [
  { statuses: [200, 202, 401], durationMs: 5 * 60_000 },
];

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
};

const wanted = 'times such as "200 202 401 5m", with commas between; units are ms, s, m, h, d, w, M and y';
const maxRules = 32;

export function parseLifetimes(text: string): ParseResult<readonly AuthLifetime[] | undefined> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  if (text.trim() === '') return { value: undefined };
  const rules = text.split(',').map((rule) => parseRule(rule.trim().split(/ +/)));
  const lifetimes = rules.filter((rule) => rule !== null);
  return lifetimes.length === rules.length && rules.length <= maxRules ? { value: lifetimes } : { wanted };
}

function parseRule(words: readonly string[]): AuthLifetime | null {
  const [, digits = '', unit = ''] = /^([0-9]{1,9})(ms|[smhdwMy])$/.exec(words.at(-1) ?? '') ?? [];
  const codes = words.slice(0, -1);
  if (digits === '' || codes.length > maxRules || !codes.every((code) => /^[1-5][0-9]{2}$/.test(code)))
    return null;
  return { statuses: codes.map(Number), durationMs: Number(digits) * (unitMs[unit] ?? 0) };
}
