// Timing: clock, chance and waiting, as one thing that a test can replace.
export interface Timing {
  /** Milliseconds since the epoch; never goes back. */
  readonly nowMs: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Resolves after the time, or at once when the signal aborts; never rejects. */
  readonly wait: (timeMs: number, signal: AbortSignal) => Promise<void>;
}

export const systemTiming: Timing = {
  nowMs: () => performance.timeOrigin + performance.now(),
  random: Math.random,
  wait: (timeMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, timeMs);
      signal.addEventListener('abort', end);
    }),
};
