// Ages as kubectl shows them: two or three significant figures (apimachinery pkg/util/duration, HumanDuration).
const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const daysPerYear = 365;

/** A duration; more than a second before now is `<invalid>`. */
export function renderAge(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(durationMs / minuteMs);
  if (minutes < 10) return joinParts(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(durationMs / hourMs);
  if (hours < 8) return joinParts(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return joinParts(days, 'd', hours % 24, 'h');
  if (days < 2 * daysPerYear) return `${days}d`;
  const years = Math.trunc(days / daysPerYear);
  if (years < 8) return joinParts(years, 'y', days % daysPerYear, 'd');
  return `${years}y`;
}

/** A part of zero is left out. */
function joinParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** The age of a moment in RFC 3339; `<unknown>` without one. */
export function renderSince(timestamp: string, nowMs: number): string {
  const atMs = Date.parse(timestamp);
  return Number.isNaN(atMs) ? '<unknown>' : renderAge(nowMs - atMs);
}
