// `sallyport controller`: flags → config → parts → start → signals. Wiring only.
import { homedir } from 'node:os';
import { readFileSync } from 'node:fs';
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
import { ClusterController } from './cluster-controller.ts';
import type { Command, Terminal } from './command.ts';
import { renderListenFailure } from './start-failure.ts';
import { listenForStop, stopExitCodes } from './stop-signals.ts';

function renderHelp(): string {
  return [
    'Usage: sallyport controller [flags]',
    '',
    'Serves the traffic of the Ingresses of a Kubernetes cluster. It reads the cluster by its service account in a pod, else by a',
    'kubeconfig. An API server that is away never stops traffic. SIGTERM finishes what is in flight; a second one ends at once.',
    'Flags of ingress-nginx that have no meaning here are accepted with a warning.',
    renderFlagsHelp(controllerFlagTable),
  ].join('\n');
}

/** @throws {UsageError} there is no cluster to talk to, or it cannot be made out. */
function connect(settings: ClusterSettings, env: NodeJS.ProcessEnv): ClusterConnection {
  const { kubeconfig, context, apiServerUrl, certificateAuthorityPath } = settings;
  try {
    const connection = loadKubeconfig({
      env,
      homeDir: homedir(),
      ...(kubeconfig === null ? {} : { path: kubeconfig }),
      ...(context === null ? {} : { context }),
    });
    return {
      ...connection,
      ...(apiServerUrl === null ? {} : { server: new URL(apiServerUrl) }),
      ...(certificateAuthorityPath === null
        ? {}
        : { tls: { ...connection.tls, authorities: authorityOf(certificateAuthorityPath) } }),
    };
  } catch (error) {
    if (error instanceof KubeconfigError) throw new UsageError(`sallyport controller: ${error.message}`);
    if (error instanceof TypeError) {
      throw new UsageError(`sallyport controller: --apiserver-host "${apiServerUrl}": a URL is wanted`);
    }
    throw error;
  }
}

function authorityOf(path: string): ClusterConnection['tls']['authorities'] {
  try {
    const text = readFileSync(path, 'utf8');
    return { read: () => text, reread: () => text };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `sallyport controller: --certificate-authority "${path}": a readable PEM file is wanted (${reason})`,
    );
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
  const controller = new ClusterController(config, connection, process.env, logger);
  const signals = listenForStop((signal) => {
    controller.kill();
    process.exit(stopExitCodes[signal]);
  });
  try {
    await Promise.race([controller.start(), signals.first]);
    if (controller.isReady()) {
      const { listen } = config.proxy;
      const { tableVersion, objectsByKind } = controller.plane.controller.counts();
      const ingresses = objectsByKind.get('Ingress') ?? 0;
      logger.info({ ...listen, admin: config.adminPort, ingresses, tableVersion }, 'ready');
    }
    const signal = await signals.first;
    logger.info({ signal }, `${signal}: finishing what is in flight`);
    await controller.stop();
    return 0;
  } catch (error) {
    controller.kill();
    await controller.stop();
    const message = renderListenFailure('sallyport controller', error);
    if (message === null) throw error;
    terminal.err(`${message}\n`);
    return 1;
  } finally {
    signals.release();
  }
}

export const controllerCommand: Command = { help: renderHelp, run: runController };
