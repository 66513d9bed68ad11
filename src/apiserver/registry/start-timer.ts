// Timers that tests replace. None of them keeps the process alive.

/** Calls `run` once, `delayMs` from now, unless the function that it returns is called before. */
export type StartTimer = (delayMs: number, run: () => void) => () => void;

export const startUnrefTimer: StartTimer = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
