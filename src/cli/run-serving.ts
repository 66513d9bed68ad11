// The life of a serving process: start, ready, a signal, an orderly end; and what a start that fails says.
import type { Logger } from '../observe/logger.ts';
import type { ControlSide } from './control-side.ts';
import type { Terminal } from './command.ts';
import type { Serving } from './serving.ts';
import { listenForStop, stopExitCodes } from './stop-signals.ts';

export interface RunOptions {
  readonly logger: Logger;
  readonly terminal: Terminal;
  readonly onReady: () => void;
  /** A line for an error that its reader can act on; null: a bug, which shows its stack. */
  readonly renderFailure: (error: unknown) => string | null;
}

/** Resolves to the exit code. */
export async function runServing<Control extends ControlSide>(
  serving: Serving<Control>,
  { logger, terminal, onReady, renderFailure }: RunOptions,
): Promise<number> {
  const signals = listenForStop((signal) => {
    serving.kill();
    process.exit(stopExitCodes[signal]);
  });
  try {
    await Promise.race([serving.start(), signals.first]);
    if (serving.isReady()) onReady();
    const signal = await signals.first;
    logger.info({ signal }, `${signal}: finishing what is in flight`);
    await serving.stop();
    return 0;
  } catch (error) {
    serving.kill();
    await serving.stop();
    const message = renderFailure(error);
    if (message === null) throw error;
    terminal.err(`${message}\n`);
    return 1;
  } finally {
    signals.release();
  }
}

/** Null: the parts cannot be made, and the person was told. */
export function createServing<Control extends ControlSide>(
  create: () => Serving<Control>,
  { terminal, renderFailure }: Pick<RunOptions, 'terminal' | 'renderFailure'>,
): Serving<Control> | null {
  try {
    return create();
  } catch (error) {
    const message = renderFailure(error);
    if (message === null) throw error;
    terminal.err(`${message}\n`);
    return null;
  }
}
