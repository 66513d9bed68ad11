// The time texts of the access log: the moment, rendered once a second and kept (nginx's $time_local and $time_iso8601, in
// the local zone), and durations.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Holds the texts of the second last asked for. */
export class LogTime {
  /** `21/Nov/2026:01:02:03 +0000` */
  local = '';
  /** `2026-11-21T01:02:03+00:00` */
  iso8601 = '';
  /** Whole seconds since the epoch, as text: the start of $msec. */
  epochSeconds = '';
  #second = Number.NaN;

  /** Makes the texts those of `timeMs`, milliseconds since the epoch. True when they have changed. */
  moveTo(timeMs: number): boolean {
    const second = Math.floor(timeMs / 1000);
    if (second === this.#second) return false;
    this.#render(second);
    return true;
  }

  #render(second: number): void {
    this.#second = second;
    const date = new Date(second * 1000);
    const offsetMinutes = -date.getTimezoneOffset();
    const sign = offsetMinutes < 0 ? '-' : '+';
    const zoneHours = two(Math.floor(Math.abs(offsetMinutes) / 60));
    const zoneMinutes = two(Math.abs(offsetMinutes) % 60);
    const day = two(date.getDate());
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    const year = date.getFullYear();
    this.local = `${day}/${months[date.getMonth()]}/${year}:${time} ${sign}${zoneHours}${zoneMinutes}`;
    this.iso8601 = `${year}-${two(date.getMonth() + 1)}-${day}T${time}${sign}${zoneHours}:${zoneMinutes}`;
    this.epochSeconds = String(second);
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `000` to `999`. */
const fractions: readonly string[] = Array.from({ length: 1000 }, (_, index) =>
  String(index).padStart(3, '0'),
);
const subSeconds: readonly string[] = fractions.map((fraction) => `0.${fraction}`);

/** A duration in milliseconds as nginx prints it: seconds with three decimals, rounded. Negative and NaN count as 0. */
export function renderSeconds(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded < 1000) return subSeconds[rounded] ?? '0.000';
  if (!Number.isFinite(rounded)) return '0.000';
  const seconds = Math.floor(rounded / 1000);
  return `${seconds}.${fractions[rounded - seconds * 1000] ?? '000'}`;
}

/** The milliseconds within the second of a moment, `000` to `999`. */
export function renderMilliseconds(timeMs: number): string {
  return fractions[Math.floor(timeMs) % 1000] ?? '000';
}
