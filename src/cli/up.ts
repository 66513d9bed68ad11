// `sallyport up`: flags → config → parts → start → signals. Wiring only.
import { closeSync, openSync } from 'node:fs';
import { UsageError, flagTable, parseUpConfig, readSurroundings, renderFlagsHelp } from '../config/index.ts';
import type { AccessLogSettings } from '../model/index.ts';
import { createLogger } from '../observe/logger.ts';
import type { Command, Terminal } from './command.ts';
import { createServing, runServing } from './run-serving.ts';
import { createStandalone } from './standalone.ts';
import { renderStartFailure } from './start-failure.ts';
import { renderUpReport, reportUp } from './up-report.ts';
import { readVersion } from './version.ts';

function renderHelp(): string {
  return [
    'Usage: sallyport up [-f PATH …] [flags]',
    '',
    'Serves the traffic of Ingresses on this machine, without a cluster. It brings an API server that kubectl works with: the line',
    '"export KUBECONFIG=…", printed on a terminal, says how (in a JSON log it is "kubeconfig"). Manifests named with -f are applied to it',
    'and watched: a saved edit is live at once and closes no connection. SIGTERM and SIGINT (Ctrl-C) finish what is in flight; a second',
    'one ends at once.',
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

async function runUp(words: readonly string[], terminal: Terminal): Promise<number> {
  const config = parseUpConfig(words, readSurroundings());
  if (config === null) throw new UsageError(renderHelp().trimEnd());
  refuseUnwritableAccessLog(config.proxy.accessLog);
  const logger = createLogger({ level: config.log.level, format: config.log.format });
  const renderFailure = (error: unknown): string | null => renderStartFailure(error, config);
  const serving = createServing(() => createStandalone(config, logger), { terminal, renderFailure });
  if (serving === null) return 1;
  return await runServing(serving, {
    logger,
    terminal,
    renderFailure,
    onReady: () => {
      const { controller, kubeconfigPath } = serving.control;
      const report = reportUp(config, controller.counts(), serving.table(), kubeconfigPath);
      if (config.log.format === 'json') logger.info({ ...report }, 'ready');
      else terminal.err(renderUpReport(report, config.manifestPaths, readVersion()));
    },
  });
}

export const upCommand: Command = { help: renderHelp, run: runUp };
