// Parsers of the values of the controller's settings: each reads the whole value or says what was wanted.
import { type ParseResult, refuseControls } from '../features/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';

export const switchText = '`true` or `false`';
export const timeText = 'a time such as `75`, `75s`, `500ms`, `10m` or `1h`; without unit seconds';

const unitMs: Readonly<Record<string, number>> = { ms: 1, '': 1_000, s: 1_000, m: 60_000, h: 3_600_000 };
/** As long as a timer of the runtime can wait. */
const maxMs = 2_147_483_647;
const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1_024, m: 1_048_576 };

/** The value of a key; undefined: absent, or its text could not be read. */
export function readSetting<T>(values: ControllerValues, key: ControllerSetting<T>): T | undefined {
  // The value under a key's name was made by that key's own parser.
  return values.get(key.name) as T | undefined;
}

/** nginx's times, as far as they make sense here; from one millisecond on. */
export function parseTimeMs(text: string): ParseResult<number> {
  const ms = readTimeMs(text);
  if (ms !== null && ms >= 1) return { value: ms };
  return refuseControls(text) ?? { wanted: 'a time such as "5s", "500ms" or "10m"' };
}

/** The same, and `0`. */
export function parseTimeOrZeroMs(text: string): ParseResult<number> {
  const ms = readTimeMs(text);
  if (ms !== null) return { value: ms };
  return refuseControls(text) ?? { wanted: 'a time such as "75s" or "10m", or "0"' };
}

function readTimeMs(text: string): number | null {
  const match = /^([0-9]{1,9})(ms|s|m|h|)$/.exec(text);
  const ms = match === null ? -1 : Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
  return ms >= 0 && ms <= maxMs ? ms : null;
}

/** A parser of whole numbers between two bounds. */
export function countBetween(least: number, most: number): (text: string) => ParseResult<number> {
  return (text) => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= most) return { value };
    return refuseControls(text) ?? { wanted: `a whole number from ${least} to ${most}` };
  };
}

/** Bytes of a size such as `8k`; null: it is none. */
export function readBytes(text: string): number | null {
  const match = /^([0-9]{1,7})([km]?)$/i.exec(text);
  if (match === null) return null;
  return Number(match[1]) * (unitBytes[(match[2] ?? '').toLowerCase()] ?? 0);
}

/** Members between commas, without outer blanks and empty ones. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}
