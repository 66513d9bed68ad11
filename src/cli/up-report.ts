// What `sallyport up` says when it is ready: where it listens, what it serves, what is wrong.
import type { Config } from '../config/index.ts';
import type { ControllerCounts } from '../controller/index.ts';
import type { RouteTable } from '../model/index.ts';
import { renderAuthority } from './start-failure.ts';

/** The facts, as fields of a log line. Addresses are absent for listeners that are off. */
export interface UpReport {
  readonly http?: string;
  readonly https?: string;
  readonly admin?: string;
  readonly api?: string;
  /** How kubectl reaches the API server. */
  readonly kubeconfig?: string;
  /** TCP and UDP services, as `tcp/5432`. */
  readonly streams?: readonly string[];
  readonly ingresses: number;
  readonly hosts: number;
  readonly workers: number;
  readonly errors: number;
  readonly warnings: number;
}

export function reportUp(
  config: Config,
  counts: ControllerCounts,
  table: RouteTable | null,
  kubeconfig: string | null,
): UpReport {
  const { address, httpPort, httpsPort } = config.proxy.listen;
  const url = (scheme: string, host: string, port: number): string =>
    `${scheme}://${renderAuthority(host, port)}`;
  return {
    ...(httpPort === 0 ? {} : { http: url('http', address, httpPort) }),
    ...(httpsPort === 0 ? {} : { https: url('https', address, httpsPort) }),
    ...(config.adminPort === 0 ? {} : { admin: url('http', config.adminAddress, config.adminPort) }),
    ...(kubeconfig === null ? {} : { api: url('https', config.api.address, config.api.port), kubeconfig }),
    ...(table === null || table.streams.size === 0 ? {} : { streams: [...table.streams.keys()].sort() }),
    ingresses: counts.objectsByKind.get('Ingress') ?? 0,
    hosts: table?.hosts.size ?? 0,
    workers: config.proxy.workers,
    errors: counts.problemsBySeverity.error,
    warnings: counts.problemsBySeverity.warning,
  };
}

function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}

/** For a person at a terminal; ends with a line break. */
export function renderUpReport(report: UpReport, manifestPaths: readonly string[], version: string): string {
  const lines = [
    `Sallyport ${version} is ready: ${count(report.ingresses, 'Ingress', 'Ingresses')}, ${count(report.hosts, 'host')}, ${count(report.workers, 'worker')}`,
  ];
  if (report.http !== undefined) lines.push(`  http   ${report.http}`);
  if (report.https !== undefined) lines.push(`  https  ${report.https}`);
  if (report.admin !== undefined) lines.push(`  admin  ${report.admin} (/healthz, /readyz, /metrics)`);
  if (report.api !== undefined) lines.push(`  api    ${report.api}`);
  if (report.streams !== undefined) lines.push(`  ports  ${report.streams.join(', ')}`);
  if (report.errors + report.warnings > 0) {
    const found = `${count(report.errors, 'error')} and ${count(report.warnings, 'warning')}`;
    const paths = manifestPaths.map((path) => `-f ${path}`).join(' ');
    lines.push(
      paths === ''
        ? `  ${found} in the objects: the log and "kubectl describe" say which`
        : `  ${found} in the manifests: "sallyport check ${paths}" lists them`,
    );
  }
  if (report.kubeconfig !== undefined) {
    lines.push('', `export KUBECONFIG=${quoteForShell(report.kubeconfig)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** As one word of a POSIX shell. */
function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
