// Config: everything that `sallyport up` is told, in the form its parts read. Made from the flags; sizes in bytes, times in ms.
import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ObjectKey, ProxySettings } from '../model/index.ts';
import { type AcmeSettings, buildAcmeSettings } from './acme-settings.ts';
import { UsageError, readCommandLine, resolveFlags } from './command-line.ts';
import type { CommandLine, WrittenFlags } from './command-line.ts';
import { readConfigFile } from './config-file.ts';
import type { FlagTable, ServiceName } from './flag-spec.ts';
import { flagTable } from './settings.ts';
import type { UpFlags } from './settings.ts';

/** What decides which objects are served, and how; the input of translation besides the objects. */
export interface TranslateSettings {
  /** `spec.controller` of the IngressClasses that are ours. */
  readonly controllerClass: string;
  /** Value of the old class annotation that is ours. */
  readonly ingressClass: string;
  readonly watchIngressWithoutClass: boolean;
  /** Besides those of our controller, the class of the name `ingressClass`. */
  readonly ingressClassByName: boolean;
  readonly disableCatchAll: boolean;
  readonly disableExternalName: boolean;
  /** Whether hosts may have their TLS connections passed through. */
  readonly passesTls: boolean;
  /** ConfigMaps of the TCP and UDP services. */
  readonly tcpServices: ObjectKey | null;
  readonly udpServices: ObjectKey | null;
  /** The ConfigMap of the controller-wide settings. */
  readonly configMap: ObjectKey | null;
  readonly annotationsPrefix: string;
  /** Routing has the quirks of ingress-nginx unless settings or annotations say otherwise. */
  readonly hasNginxQuirks: boolean;
  readonly defaultBackendService: ServiceName | null;
  readonly defaultSslCertificate: ObjectKey | null;
  /** Where the proxy runs; empty: not known. */
  readonly place: { readonly zone: string; readonly node: string };
}

/** Where the addresses in the status of the Ingresses come from, and who writes them. */
export interface StatusSettings {
  readonly isOn: boolean;
  readonly clearsOnShutdown: boolean;
  readonly intervalMs: number;
  readonly publishService: ObjectKey | null;
  /** Empty: not given. */
  readonly publishAddresses: readonly string[];
  readonly reportsNodeInternalIp: boolean;
}

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'text' | 'json';
}

export interface Config {
  /** Files, folders or `-`, as written. */
  readonly manifestPaths: readonly string[];
  /** Namespace of objects that name none. */
  readonly defaultNamespace: string;
  readonly translate: TranslateSettings;
  /** The embedded API server; port 0: off. */
  readonly api: { readonly address: string; readonly port: number };
  readonly status: StatusSettings;
  /** Null: certificates are not ordered. */
  readonly acme: AcmeSettings | null;
  readonly proxy: ProxySettings;
  readonly adminAddress: string;
  /** 0 = no admin listener. */
  readonly adminPort: number;
  /** Absolute; null: in the data folder. */
  readonly adminTokenFile: string | null;
  /** Absolute. */
  readonly dataDir: string;
  readonly log: LogSettings;
}

/** What the defaults that are worked out at start depend on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly cores: number;
  /** The process's limit on open files; null: unknown. */
  readonly openFilesLimit: number | null;
  readonly isLogTerminal: boolean;
}

/** The surroundings of this process. */
export function readSurroundings(): Surroundings {
  return {
    env: process.env,
    homeDir: homedir(),
    cores: availableParallelism(),
    openFilesLimit: readOpenFilesLimit(),
    isLogTerminal: process.stderr.isTTY,
  };
}

function readOpenFilesLimit(): number | null {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return match === null ? null : Number(match[1]);
  } catch {
    return null; // Not Linux: the ceiling alone decides.
  }
}

/** `null` when help is wanted. @throws {UsageError} anything that cannot be used, with a complete message. */
export function parseUpConfig(words: readonly string[], surroundings: Surroundings): Config | null {
  const command = 'sallyport up';
  const line = readCommandLine(command, flagTable, words);
  if (line.wantsHelp) return null;
  const config = buildConfig(
    resolveFlags(command, flagTable, layersOf(command, flagTable, line)),
    surroundings,
  );
  refuseWhatCannotServe(command, line, config);
  return config;
}

/** What was written, the strongest first: the command line, then the file that it names. @throws {UsageError} */
export function layersOf(command: string, table: FlagTable, line: CommandLine): readonly WrittenFlags[] {
  const path = line.flags.get('config')?.texts.at(-1);
  return path === undefined ? [line.flags] : [line.flags, readConfigFile(command, table, path)];
}

function refuseWhatCannotServe(command: string, line: CommandLine, config: Config): void {
  const [word] = line.positionals;
  if (word !== undefined) {
    throw new UsageError(`${command}: unexpected word "${word}"; manifests are named with -f PATH`);
  }
  if (config.manifestPaths.length === 0 && config.api.port === 0) {
    throw new UsageError(
      `${command}: --api-port 0 and no manifests leave nothing to serve: at least one -f PATH (a file, a folder or -) is wanted, for example "${command} -f examples"`,
    );
  }
  if (config.acme !== null && config.api.port === 0) {
    throw new UsageError(
      `${command}: --acme-agree-tos keeps certificates in the embedded API server, which --api-port 0 turns off`,
    );
  }
  const { httpPort, httpsPort, address } = config.proxy.listen;
  if (httpPort === 0 && httpsPort === 0) {
    throw new UsageError(
      `${command}: --http-port 0 and --https-port 0 leave no listener: one port is wanted`,
    );
  }
  const ports = [
    ['--http-port', httpPort, address],
    ['--https-port', httpsPort, address],
    ['--admin-port', config.adminPort, config.adminAddress],
    ['--api-port', config.api.port, config.api.address],
  ] as const;
  refuseSharedPorts(command, ports);
}

/** @throws {UsageError} two listeners want the same port of the same address. */
export function refuseSharedPorts(
  command: string,
  ports: readonly (readonly [flag: string, port: number, address: string])[],
): void {
  for (const [index, [flag, port, host]] of ports.entries()) {
    const other = ports.slice(0, index).find(([, taken, owner]) => taken === port && owner === host);
    if (port !== 0 && other !== undefined) {
      throw new UsageError(`${command}: ${flag} "${port}": a port other than that of ${other[0]} is wanted`);
    }
  }
}

/** Flags to Config; `auto` and empty defaults are worked out from the surroundings. */
export function buildConfig(flags: UpFlags, surroundings: Surroundings): Config {
  return {
    manifestPaths: flags.filename,
    defaultNamespace: flags.namespace,
    translate: {
      ...buildTranslateSettings(flags),
      configMap: flags.configmap,
      place: buildPlace(flags, surroundings),
    },
    api: { address: flags['api-bind'], port: flags['api-port'] },
    status: {
      isOn: true,
      clearsOnShutdown: false,
      intervalMs: 60_000,
      publishService: null,
      publishAddresses: flags['publish-status-address'],
      reportsNodeInternalIp: false,
    },
    acme: buildAcmeSettings('sallyport up', flags),
    proxy: buildProxySettings(flags, surroundings),
    adminAddress: flags['admin-bind'],
    adminPort: flags['admin-port'],
    adminTokenFile: buildAdminTokenFile(flags),
    dataDir: resolve(flags['data-dir'] === '' ? defaultDataDir(surroundings) : flags['data-dir']),
    log: { level: flags['log-level'], format: selectLogFormat(flags, surroundings) },
  };
}

export function buildAdminTokenFile(flags: Pick<UpFlags, 'admin-token-file'>): string | null {
  return flags['admin-token-file'] === '' ? null : resolve(flags['admin-token-file']);
}

/** The flags that `up` shares with the commands that only look at manifests. */
type TranslateFlags = Pick<
  UpFlags,
  | 'controller-class'
  | 'compatibility'
  | 'ingress-class'
  | 'watch-ingress-without-class'
  | 'annotations-prefix'
  | 'default-backend-service'
  | 'default-ssl-certificate'
  | 'enable-ssl-passthrough'
  | 'tcp-services-configmap'
  | 'udp-services-configmap'
>;

export function buildTranslateSettings(flags: TranslateFlags): TranslateSettings {
  return {
    controllerClass: flags['controller-class'],
    ingressClass: flags['ingress-class'],
    watchIngressWithoutClass: flags['watch-ingress-without-class'],
    ingressClassByName: false,
    disableCatchAll: false,
    disableExternalName: false,
    passesTls: flags['enable-ssl-passthrough'],
    tcpServices: flags['tcp-services-configmap'],
    udpServices: flags['udp-services-configmap'],
    configMap: null,
    annotationsPrefix: flags['annotations-prefix'],
    hasNginxQuirks: hasNginxQuirks(flags),
    defaultBackendService: flags['default-backend-service'],
    defaultSslCertificate: flags['default-ssl-certificate'],
    place: { zone: '', node: '' },
  };
}

/** Who says that they are an ingress-nginx gets what it does. */
function hasNginxQuirks(flags: Pick<UpFlags, 'controller-class' | 'compatibility'>): boolean {
  const { compatibility } = flags;
  if (compatibility === 'auto') return flags['controller-class'] === 'k8s.io/ingress-nginx';
  return compatibility === 'ingress-nginx';
}

/** Where the proxy runs, as the flags or the environment say. */
export function buildPlace(
  flags: Pick<UpFlags, 'zone' | 'node-name'>,
  { env }: Surroundings,
): TranslateSettings['place'] {
  return {
    zone: flags.zone === '' ? (env['NODE_ZONE'] ?? '') : flags.zone,
    node: flags['node-name'] === '' ? (env['NODE_NAME'] ?? '') : flags['node-name'],
  };
}

export function selectLogFormat(
  flags: Pick<UpFlags, 'log-format'>,
  surroundings: Surroundings,
): 'text' | 'json' {
  if (flags['log-format'] !== 'auto') return flags['log-format'];
  return surroundings.isLogTerminal ? 'text' : 'json';
}

/** By the XDG Base Directory Specification: a relative XDG_DATA_HOME is invalid and ignored. */
export function defaultDataDir({ env, homeDir }: Pick<Surroundings, 'env' | 'homeDir'>): string {
  const dataHome = env['XDG_DATA_HOME'] ?? '';
  return dataHome.startsWith('/') ? join(dataHome, 'sallyport') : join(homeDir, '.local/share/sallyport');
}

/** The flags that make the data plane, the same for every command that serves. */
type ProxyFlags = Omit<
  UpFlags,
  'filename' | 'namespace' | 'admin-bind' | 'admin-port' | 'admin-token-file' | 'api-bind' | 'api-port'
>;

export function buildProxySettings(flags: ProxyFlags, surroundings: Surroundings): ProxySettings {
  return {
    listen: {
      address: flags.bind,
      httpPort: flags['http-port'],
      httpsPort: flags['https-port'],
      publicHttpsPort: flags['public-https-port'] ?? choosePublicHttpsPort(flags),
      isShared: flags['share-ports'],
    },
    workers: flags.workers ?? surroundings.cores,
    limits: buildLimits(flags, surroundings),
    http2: buildHttp2(flags),
    timeouts: {
      tlsHandshakeMs: flags['tls-handshake-timeout'],
      requestHeadMs: flags['client-header-timeout'],
      requestBodyMs: flags['client-body-timeout'],
      keepAliveMs: flags['keep-alive-timeout'],
      sendStallMs: flags['send-timeout'],
      tunnelIdleMs: flags['tunnel-idle-timeout'],
    },
    pool: {
      maxIdlePerWorker: flags['upstream-keepalive-connections'],
      idleMs: flags['upstream-keepalive-timeout'],
      maxRequestsPerConnection: flags['upstream-keepalive-requests'],
      maxAgeMs: flags['upstream-keepalive-time'],
    },
    forwarded: {
      trust: flags['use-forwarded-headers'],
      trustedCidrs: flags['proxy-real-ip-cidr'],
      appendFor: flags['compute-full-forwarded-for'],
    },
    proxyProtocol: {
      isOn: flags['use-proxy-protocol'],
      headerTimeoutMs: flags['proxy-protocol-header-timeout'],
    },
    streams: {
      passesTls: flags['enable-ssl-passthrough'],
      tcpIdleMs: flags['proxy-stream-timeout'],
      udpIdleMs: flags['udp-session-timeout'],
    },
    accessLog: {
      format: flags['access-log'] === 'off' ? 'off' : flags['access-log-format'],
      path: flags['access-log'] === 'off' ? '-' : flags['access-log'],
    },
    serverName: flags['server-name'],
    shutdownGraceMs: flags['shutdown-grace-period'],
    maxTries: flags['proxy-next-upstream-tries'],
    health: {
      maxFailures: flags['endpoint-max-failures'],
      ejectMs: flags['endpoint-ejection-time'],
      maxEjectMs: Math.max(flags['endpoint-ejection-time'], flags['endpoint-max-ejection-time']),
      maxEjectedPercent: flags['endpoint-max-ejected'],
      panicPercent: flags['endpoint-panic-threshold'],
    },
    retries: {
      budgetPercent: flags['retry-budget'],
      minConcurrent: flags['retry-budget-minimum'],
    },
  };
}

function buildLimits(flags: ProxyFlags, surroundings: Surroundings): ProxySettings['limits'] {
  return {
    maxRequestLineBytes: flags['max-request-line'],
    maxFieldLineBytes: flags['max-field-line'],
    maxFieldsBytes: flags['max-fields-size'],
    maxFields: flags['max-fields'],
    maxResponseHeadBytes: flags['max-response-head'],
    maxResponseFields: flags['max-response-fields'],
    maxTrailerBytes: flags['max-trailers-size'],
    maxRequestsPerConnection: flags['keep-alive-requests'],
    maxConnectionsPerWorker: flags['max-worker-connections'] ?? chooseMaxConnections(surroundings),
    highWaterBytes: flags['buffer-size'],
  };
}

function buildHttp2(flags: ProxyFlags): ProxySettings['http2'] {
  return {
    isOn: flags['use-http2'],
    maxConcurrentStreams: flags['http2-max-concurrent-streams'],
    maxFieldListBytes: flags['http2-max-header-size'],
    maxResets: flags['http2-max-resets'],
    maxControlFrames: flags['http2-max-control-frames'],
    streamWindowBytes: flags['http2-stream-window'],
    connectionWindowBytes: flags['http2-connection-window'],
  };
}

/** Clients of a loopback listener reach it directly; any other stands behind a Service or a load balancer on 443. */
function choosePublicHttpsPort(flags: ProxyFlags): number {
  const isLoopback = loopback.check(flags.bind, flags.bind.includes(':') ? 'ipv6' : 'ipv4');
  return isLoopback && flags['https-port'] !== 0 ? flags['https-port'] : 443;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** http-hardening rule L11: 90 % of the file limit minus a reserve of 256 for logs, admin and upstreams. */
function chooseMaxConnections({ openFilesLimit }: Surroundings): number {
  const ceiling = 16_384;
  return openFilesLimit === null
    ? ceiling
    : Math.min(ceiling, Math.max(64, Math.floor(openFilesLimit * 0.9) - 256));
}
