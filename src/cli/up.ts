// `sallyport up`: flags → config → parts → start → signals. Wiring only.
import { closeSync, openSync } from 'node:fs';
import {
  type Config,
  UsageError,
  flagTable,
  parseUpConfig,
  readSurroundings,
  renderFlagsHelp,
} from '../config/index.ts';
import type { AccessLogSettings } from '../model/index.ts';
import { createLogger, type Logger } from '../observe/logger.ts';
import type { Command, Terminal } from './command.ts';
import { Standalone } from './standalone.ts';
import { renderStartFailure } from './start-failure.ts';
import { listenForStop, stopExitCodes } from './stop-signals.ts';
import { renderUpReport, reportUp } from './up-report.ts';
import { readVersion } from './version.ts';

function renderHelp(): string {
  return [
    'Usage: sallyport up [-f PATH …] [flags]',
    '',
    'Serves the traffic of Ingresses on this machine, without a cluster. It brings an API server that kubectl works with: the line',
    '"export KUBECONFIG=…" that is printed says how. Manifests named with -f are applied to it and watched: a saved edit is live at once',
    'and closes no connection. SIGTERM and SIGINT (Ctrl-C) finish what is in flight; a second one ends at once.',
    renderFlagsHelp(flagTable),
  ].join('\n');
}

/** Tried here, so that the message comes once and before anything starts, not from every worker. */
function refuseUnwritableAccessLog({ format, path }: AccessLogSettings): void {
  if (format === 'off' || path === '-') return;
  try {
    closeSync(openSync(path, 'a', 0o640));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `sallyport up: --access-log "${path}": a file that can be written is wanted (${reason})`,
    );
  }
}

/** Null: the state cannot be used, and the person was told. */
function createStandalone(config: Config, logger: Logger, terminal: Terminal): Standalone | null {
  try {
    return new Standalone(config, logger);
  } catch (error) {
    const message = renderStartFailure(error, config);
    if (message === null) throw error;
    terminal.err(`${message}\n`);
    return null;
  }
}

async function runUp(words: readonly string[], terminal: Terminal): Promise<number> {
  const config = parseUpConfig(words, readSurroundings());
  if (config === null) throw new UsageError(renderHelp().trimEnd());
  refuseUnwritableAccessLog(config.proxy.accessLog);
  const logger = createLogger({ level: config.log.level, format: config.log.format });
  const standalone = createStandalone(config, logger, terminal);
  if (standalone === null) return 1;
  const signals = listenForStop((signal) => {
    standalone.kill();
    process.exit(stopExitCodes[signal]);
  });
  try {
    await Promise.race([standalone.start(), signals.first]);
    if (standalone.isReady()) {
      const report = reportUp(
        config,
        standalone.controller.counts(),
        standalone.table(),
        standalone.kubeconfigPath,
      );
      if (config.log.format === 'json') logger.info({ ...report }, 'ready');
      else terminal.err(renderUpReport(report, config.manifestPaths, readVersion()));
    }
    const signal = await signals.first;
    logger.info({ signal }, `${signal}: finishing what is in flight`);
    await standalone.stop();
    return 0;
  } catch (error) {
    standalone.kill();
    await standalone.stop();
    const message = renderStartFailure(error, config);
    if (message === null) throw error;
    terminal.err(`${message}\n`);
    return 1;
  } finally {
    signals.release();
  }
}

export const upCommand: Command = { help: renderHelp, run: runUp };
