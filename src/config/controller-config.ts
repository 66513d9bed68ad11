// ControllerConfig: everything that `sallyport controller` is told, in the form its parts read. Times in ms.
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { ObjectKey, ProxySettings } from '../model/index.ts';
import { type AcmeSettings, buildAcmeSettings } from './acme-settings.ts';
import { UsageError, readCommandLine, resolveFlags } from './command-line.ts';
import {
  buildAdminTokenFile,
  buildProxySettings,
  buildPlace,
  buildTranslateSettings,
  layersOf,
  refuseSharedPorts,
  selectLogFormat,
  type LogSettings,
  type StatusSettings,
  type Surroundings,
  type TranslateSettings,
} from './config.ts';
import { debugPrefix } from './settings.ts';
import { controllerFlagTable, ineffectiveFlags, type ControllerFlags } from './controller-settings.ts';

/** How to reach the API server; null: worked out from the surroundings. */
export interface ClusterSettings {
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly apiServerUrl: string | null;
  readonly certificateAuthorityPath: string | null;
}

/** Which namespaces are looked at; both null: all. Never both set. */
export interface WatchScope {
  readonly namespace: string | null;
  readonly namespaceSelector: string | null;
}

export interface ElectionSettings {
  readonly isOn: boolean;
  readonly leaseName: string;
  /** Null: worked out from where the controller runs. */
  readonly namespace: string | null;
  readonly leaseMs: number;
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

export interface WebhookSettings {
  readonly address: string;
  readonly port: number;
  readonly certificatePath: string;
  readonly keyPath: string;
}

export interface ControllerConfig {
  readonly cluster: ClusterSettings;
  readonly scope: WatchScope;
  readonly translate: TranslateSettings;
  readonly status: StatusSettings;
  /** Null: certificates are not ordered. */
  readonly acme: AcmeSettings | null;
  readonly election: ElectionSettings;
  /** Service of the replicas among which limits of clients are divided; null: each counts alone. */
  readonly limitsShare: ObjectKey | null;
  readonly webhook: WebhookSettings | null;
  readonly proxy: ProxySettings;
  readonly adminAddress: string;
  /** 0 = no admin listener. */
  readonly adminPort: number;
  /** A further path that answers as /healthz. */
  readonly healthPath: string;
  /** Absolute; null: in the data folder, if there is one. */
  readonly adminTokenFile: string | null;
  /** Absolute; null: nothing is kept between runs. */
  readonly dataDir: string | null;
  readonly log: LogSettings;
  /** Flags that were given and do nothing, for a warning. */
  readonly ineffective: readonly string[];
}

const command = 'sallyport controller';
const minStatusIntervalMs = 5_000;

/** `null` when help is wanted. @throws {UsageError} anything that cannot be used, with a complete message. */
export function parseControllerConfig(
  words: readonly string[],
  surroundings: Surroundings,
): ControllerConfig | null {
  const accepted = { ...controllerFlagTable, ...ineffectiveFlags };
  const line = readCommandLine(command, accepted, words);
  if (line.wantsHelp) return null;
  const [word] = line.positionals;
  if (word !== undefined) throw new UsageError(`${command}: unexpected word "${word}"; a flag is wanted`);
  const layers = layersOf(command, accepted, line);
  const flags = resolveFlags(command, controllerFlagTable, layers);
  const given = new Set(layers.flatMap((layer) => [...layer.keys()]));
  const ineffective = [...given].filter((name) => Object.hasOwn(ineffectiveFlags, name)).sort();
  refuseContradictions(flags);
  return build(flags, surroundings, ineffective);
}

function refuseContradictions(flags: ControllerFlags): void {
  const refuse = (message: string): never => {
    throw new UsageError(`${command}: ${message}`);
  };
  if (flags['watch-namespace'] !== '' && flags['watch-namespace-selector'] !== '') {
    refuse('--watch-namespace and --watch-namespace-selector exclude each other; one of them is wanted');
  }
  if (flags['publish-service'] !== null && flags['publish-status-address'].length > 0) {
    refuse('--publish-service and --publish-status-address exclude each other; one of them is wanted');
  }
  if (flags['status-update-interval'] < minStatusIntervalMs) {
    refuse(`--status-update-interval "${flags['status-update-interval']}ms": at least 5s is wanted`);
  }
  if (flags['http-port'] === 0 && flags['https-port'] === 0) {
    refuse('--http-port 0 and --https-port 0 leave no listener: one port is wanted');
  }
  if (!flags['health-check-path'].startsWith('/')) {
    refuse(`--health-check-path "${flags['health-check-path']}": a path that begins with / is wanted`);
  }
  if (flags['health-check-path'].startsWith(debugPrefix)) {
    refuse(
      `--health-check-path "${flags['health-check-path']}": a path outside ${debugPrefix} is wanted, for probes have no token`,
    );
  }
}

function build(
  flags: ControllerFlags,
  surroundings: Surroundings,
  ineffective: readonly string[],
): ControllerConfig {
  const webhook = buildWebhook(flags);
  refuseSharedPorts(command, [
    ['--http-port', flags['http-port'], flags.bind],
    ['--https-port', flags['https-port'], flags.bind],
    ['--healthz-port', flags['healthz-port'], flags['healthz-host']],
    ['--validating-webhook', webhook?.port ?? 0, webhook?.address ?? ''],
  ]);
  return {
    cluster: {
      kubeconfig: orNull(flags.kubeconfig),
      context: orNull(flags.context),
      apiServerUrl: orNull(flags['apiserver-host']),
      certificateAuthorityPath: orNull(flags['certificate-authority']),
    },
    scope: {
      namespace: orNull(flags['watch-namespace']),
      namespaceSelector: orNull(flags['watch-namespace-selector']),
    },
    translate: {
      ...buildTranslateSettings(flags),
      place: buildPlace(flags, surroundings),
      ingressClassByName: flags['ingress-class-by-name'],
      disableCatchAll: flags['disable-catch-all'],
      disableExternalName: flags['disable-svc-external-name'],
      configMap: flags.configmap,
    },
    status: {
      isOn: flags['update-status'],
      clearsOnShutdown: flags['update-status-on-shutdown'],
      intervalMs: flags['status-update-interval'],
      publishService: flags['publish-service'],
      publishAddresses: flags['publish-status-address'],
      reportsNodeInternalIp: flags['report-node-internal-ip-address'],
    },
    acme: buildAcmeSettings(command, flags),
    election: buildElection(flags),
    limitsShare: flags['limits-share'],
    webhook,
    proxy: buildProxySettings(flags, surroundings),
    adminAddress: flags['healthz-host'],
    adminPort: flags['healthz-port'],
    healthPath: flags['health-check-path'],
    adminTokenFile: buildAdminTokenFile(flags),
    dataDir: flags['data-dir'] === '' ? null : resolve(flags['data-dir']),
    log: { level: flags['log-level'], format: selectLogFormat(flags, surroundings) },
    ineffective,
  };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** 15 s, 10 s and 2 s for the default; other lengths in the same proportion (client-go wants lease > renew > 1.2 retries). */
function buildElection(flags: ControllerFlags): ElectionSettings {
  const leaseMs = flags['election-ttl'];
  if (leaseMs < 1_000) {
    throw new UsageError(`${command}: --election-ttl "${leaseMs}ms": at least 1s is wanted`);
  }
  return {
    isOn: !flags['disable-leader-election'],
    leaseName: flags['election-id'],
    namespace: orNull(flags['election-namespace']),
    leaseMs,
    renewDeadlineMs: Math.round((leaseMs * 2) / 3),
    retryMs: Math.round((leaseMs * 2) / 15),
  };
}

/** `:8443`, `0.0.0.0:8443`, `[::]:8443`; without an address all of them. */
function buildWebhook(flags: ControllerFlags): WebhookSettings | null {
  const text = flags['validating-webhook'];
  if (text === '') return null;
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const address = (match?.[1] ?? match?.[2] ?? '') || '::';
  const port = Number(match?.[3] ?? 0);
  if (match === null || isIP(address) === 0 || port < 1 || port > 65_535) {
    throw new UsageError(
      `${command}: --validating-webhook "${text}": [ADDRESS]:PORT is wanted, for example :8443`,
    );
  }
  const certificatePath = flags['validating-webhook-certificate'];
  const keyPath = flags['validating-webhook-key'];
  if (certificatePath === '' || keyPath === '') {
    throw new UsageError(
      `${command}: --validating-webhook wants --validating-webhook-certificate and --validating-webhook-key`,
    );
  }
  return { address, port, certificatePath, keyPath };
}
