// The monotonic clock: for durations, time-outs and rates. It never jumps; the wall clock (Date.now) is for logs and certificates.

/** Milliseconds, with fractions, since an arbitrary moment of this process's start. */
export function monotonicMs(): number {
  return performance.now();
}
