// The signals that end `sallyport up`: the first one asks for an orderly end, a second one for an immediate one.

/**
 * Ctrl-C under a wrapper such as npx arrives twice at once: from the terminal, and passed on by the wrapper. A second signal
 * means "now" only after this time.
 */
const secondAfterMs = 500;

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Exit codes of a process that a signal ended, by shell convention: 128 + number. */
export const stopExitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

export interface StopSignals {
  /** Resolves with the first signal. */
  readonly first: Promise<StopSignal>;
  /** Ends listening, so that signals have their usual effect again. */
  readonly release: () => void;
}

/** Listens for SIGINT and SIGTERM; SIGHUP is ignored, because a terminal that closes must not stop traffic. */
export function listenForStop(
  onSecond: (signal: StopSignal) => void,
  emitter: NodeJS.EventEmitter = process,
  nowMs: () => number = () => performance.now(),
): StopSignals {
  const { promise: first, resolve } = Promise.withResolvers<StopSignal>();
  let firstMs: number | null = null;
  const onSignal = (signal: StopSignal): void => {
    if (firstMs === null) {
      firstMs = nowMs();
      resolve(signal);
    } else if (nowMs() - firstMs >= secondAfterMs) onSecond(signal);
  };
  const ignore = (): void => {};
  emitter.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', ignore);
  const release = (): void => {
    emitter.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', ignore);
  };
  return { first, release };
}
