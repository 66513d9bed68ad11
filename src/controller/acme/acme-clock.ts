// Time and chance for the room, so that tests have their own.

export interface AcmeClock {
  /** Since the epoch: certificates and Retry-After are told by it. */
  readonly nowMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Returns what cancels it. */
  readonly schedule: (run: () => void, afterMs: number) => () => void;
}

export const systemClock: AcmeClock = {
  nowMs: Date.now,
  random: Math.random,
  sleep: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms).unref();
    }),
  schedule: (run, afterMs) => {
    const timer = setTimeout(run, afterMs).unref();
    return () => clearTimeout(timer);
  },
};

const maxRetryAfterMs = 7 * 86_400_000;

/** Seconds or a date (RFC 9110, 10.2.3), as milliseconds from now, at most a week; null: neither. */
export function parseRetryAfter(text: string, nowMs: number): number | null {
  if (text === '') return null;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), maxRetryAfterMs);
}
