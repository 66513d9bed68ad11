// `sallyport controller`: flags → config → parts → start → signals. Wiring only.
import { homedir } from 'node:os';
import {
  type ClusterSettings,
  controllerFlagTable,
  parseControllerConfig,
  readSurroundings,
  renderFlagsHelp,
  UsageError,
} from '../config/index.ts';
import { createLogger } from '../observe/logger.ts';
import { type ClusterConnection, KubeconfigError, loadKubeconfig } from '../sources/index.ts';
import { ClusterControl } from './cluster-control.ts';
import type { Command, Terminal } from './command.ts';
import { renderListenFailure } from './start-failure.ts';
import { runServing } from './run-serving.ts';
import { Serving } from './serving.ts';

function renderHelp(): string {
  return [
    'Usage: sallyport controller [flags]',
    '',
    'Serves the traffic of the Ingresses of a Kubernetes cluster. It reads the cluster by a kubeconfig, in a pod by its service',
    'account. An API server that is away never stops traffic. SIGTERM finishes what is in flight; a second one ends at once.',
    'Flags of ingress-nginx that have no meaning here are accepted with a warning.',
    renderFlagsHelp(controllerFlagTable),
  ].join('\n');
}

/** @throws {UsageError} there is no cluster to talk to, or it cannot be made out. */
function connect(settings: ClusterSettings, env: NodeJS.ProcessEnv): ClusterConnection {
  const { kubeconfig, context, apiServerUrl, certificateAuthorityPath } = settings;
  try {
    return loadKubeconfig({
      env,
      homeDir: homedir(),
      ...(kubeconfig === null ? {} : { path: kubeconfig }),
      ...(context === null ? {} : { context }),
      ...(apiServerUrl === null ? {} : { server: apiServerUrl }),
      ...(certificateAuthorityPath === null ? {} : { authorityFile: certificateAuthorityPath }),
    });
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UsageError(`sallyport controller: ${error.message}`);
    throw error;
  }
}

async function runController(words: readonly string[], terminal: Terminal): Promise<number> {
  const config = parseControllerConfig(words, readSurroundings());
  if (config === null) throw new UsageError(renderHelp().trimEnd());
  const logger = createLogger({ level: config.log.level, format: config.log.format });
  for (const name of config.ineffective) {
    logger.warn({ flag: `--${name}` }, `--${name} has no effect here`);
  }
  const connection = connect(config.cluster, process.env);
  logger.info(
    { server: connection.server.href, origin: connection.origin },
    'reads the objects of a cluster',
  );
  const serving = new Serving({
    ...config,
    logger,
    createControl: (publish, shareLimits) =>
      new ClusterControl({ config, connection, env: process.env, logger, publish, shareLimits }),
  });
  return await runServing(serving, {
    logger,
    terminal,
    onReady: () => {
      const { tableVersion, objectsByKind } = serving.control.controller.counts();
      const ingresses = objectsByKind.get('Ingress') ?? 0;
      logger.info({ ...config.proxy.listen, admin: config.adminPort, ingresses, tableVersion }, 'ready');
    },
    renderFailure: (error) => renderListenFailure('sallyport controller', error),
  });
}

export const controllerCommand: Command = { help: renderHelp, run: runController };
