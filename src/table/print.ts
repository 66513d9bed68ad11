// Prints a table as compact text, one route per line, what is default left out: the form of the golden files, of
// `sallyport` dumps and of diffs. Equal tables print equally, whatever order their units were set in. Keys are never printed.
import { isDeepStrictEqual } from 'node:util';
import {
  type ArrivalSettings,
  defaultArrivalSettings,
  defaultTlsSettings,
  defaultTrafficSettings,
  defaultUpstreamSettings,
  notFoundRoute,
  type Backend,
  type Certificate,
  type Challenge,
  type ClientAuth,
  type ClientAuthority,
  type ClientTls,
  type Credentials,
  type Endpoint,
  type HostTls,
  type Route,
  type RouteTable,
  type StreamRoute,
  type TlsSettings,
  type Upstream,
  type UpstreamSettings,
  type VirtualHost,
} from '../model/index.ts';
import { escapeUnprintable } from '../std/printable.ts';
import { printCanary } from './print-canary.ts';
import { printTraffic } from './print-traffic.ts';

export interface PrintOptions {
  /** One phrase for a feature's policy; without it policies are printed as JSON. */
  readonly describePolicy?: (feature: string, policy: unknown) => string;
}

/** The whole table: hosts, fallback, upstreams, certificates, challenges, each sorted by name. Ends with a line end; empty for the empty table. */
export function printTable(table: RouteTable, options: PrintOptions = {}): string {
  const blocks: string[] = [];
  for (const host of sortedUnits(table.hosts)) blocks.push(printHost(host, options).join('\n'));
  const fallback = printFallback(table, options);
  if (fallback !== null) blocks.push(fallback);
  for (const upstream of sortedUnits(table.upstreams)) blocks.push(printUpstream(upstream).join('\n'));
  const certificates = sortedUnits(table.certificates).map(printCertificate);
  certificates.push(...sortedUnits(table.authorities).map(printAuthority));
  certificates.push(...sortedUnits(table.clientTls).map(printClientTls));
  certificates.push(...sortedUnits(table.credentials).map(printCredentials));
  if (table.defaultCertificate !== null) certificates.push(`default certificate ${table.defaultCertificate}`);
  if (certificates.length > 0) blocks.push(certificates.join('\n'));
  const challenges = sortedUnits(table.challenges).map(printChallenge);
  if (challenges.length > 0) blocks.push(challenges.join('\n'));
  const streams = sortedUnits(table.streams).map(printStream);
  if (streams.length > 0) blocks.push(streams.join('\n'));
  if (!isDeepStrictEqual(table.tls, defaultTlsSettings)) blocks.push(printTlsSettings(table.tls));
  if (!isDeepStrictEqual(table.arrivals, defaultArrivalSettings)) blocks.push(printArrivals(table.arrivals));
  if (!isDeepStrictEqual(table.traffic, defaultTrafficSettings)) blocks.push(printTraffic(table.traffic));
  return blocks.map((block) => `${block}\n`).join('\n');
}

/** A host: its name and TLS, its routes in order of precedence with their columns aligned, its default backend. */
export function printHost(virtualHost: VirtualHost, options: PrintOptions = {}): string[] {
  const { tls } = virtualHost;
  const tlsText = tls === null ? '' : `  tls ${printHostTls(tls)}`;
  const { passthrough } = virtualHost;
  const header =
    passthrough === undefined || passthrough.proxyProtocol === 'off'
      ? ''
      : ` with PROXY ${passthrough.proxyProtocol}`;
  const passText =
    passthrough === undefined
      ? ''
      : `  TLS passed through to ${passthrough.upstream}${header} by ${passthrough.source}`;
  const rows = virtualHost.routes.map((route) => [
    route.match.kind,
    route.match.path,
    `→ ${renderBackend(route.backend)}`,
    renderRouteEnd(route, options),
  ]);
  for (const { namespace, routes } of virtualHost.groups ?? []) {
    const groupRows = routes.map((route) => [
      `in ${namespace}: ${route.match.kind}`,
      route.match.path,
      `→ ${renderBackend(route.backend)}`,
      renderRouteEnd(route, options),
    ]);
    rows.push(...groupRows);
  }
  if (virtualHost.fallback !== null) {
    const { fallback } = virtualHost;
    rows.push(['default', '', `→ ${renderBackend(fallback.backend)}`, renderRouteEnd(fallback, options)]);
  }
  return [
    `host ${renderHost(virtualHost.host)}${tlsText}${passText}${printClientAuth(virtualHost.clientAuth)}`,
    ...alignRows(rows),
  ];
}

function printClientAuth(clientAuth: ClientAuth | undefined): string {
  if (clientAuth === undefined) return '';
  const { authority, mode, maxIntermediates, errorUrl, passesCertificate, subjectPattern } = clientAuth;
  const texts = [
    `client certificate ${mode} by ${authority ?? '(nobody)'} depth ${maxIntermediates}`,
    subjectPattern === '' ? '' : `for ${subjectPattern}`,
    errorUrl === '' ? '' : `else ${errorUrl}`,
    passesCertificate ? 'passed on' : '',
  ];
  return escapeUnprintable(`  ${texts.filter((text) => text !== '').join(' ')}`);
}

/** Authorities over clients by name, and what tells two versions apart. */
export function printAuthority({ id, digest, crlPem }: ClientAuthority): string {
  return `authority ${id}  sha256 ${digest.slice(0, 16)}${crlPem === '' ? '' : '  with revocations'}`;
}

function printHostTls({ certificate, ciphers, prefersClientOrder, source }: HostTls): string {
  const list = ciphers === undefined ? '' : ` with ciphers ${ciphers}`;
  const order = prefersClientOrder === true ? ` in the client's order` : '';
  return `${certificate ?? '(default certificate)'}${list}${order} by ${source}`;
}

/** What the settings say of arriving connections, on one line. */
export function printArrivals(arrivals: ArrivalSettings): string {
  const { wantsProxyHeader, proxyHeaderMs, trustedCidrs, trustsForwarded, tcpIdleMs } = arrivals;
  const { takesRealIp, appendsFor, forwardedForName } = arrivals;
  const parts = [
    wantsProxyHeader === null ? [] : [wantsProxyHeader ? 'PROXY headers wanted' : 'no PROXY headers'],
    proxyHeaderMs === null ? [] : [`within ${proxyHeaderMs} ms`],
    trustedCidrs === null
      ? []
      : [`trusted: ${trustedCidrs.length === 0 ? 'nobody' : trustedCidrs.join(', ')}`],
    trustsForwarded === null ? [] : [trustsForwarded ? 'forwarded fields' : 'no forwarded fields'],
    takesRealIp ? ['client addresses'] : [],
    appendsFor === null ? [] : [appendsFor ? 'list of addresses kept' : 'list of addresses replaced'],
    forwardedForName === defaultArrivalSettings.forwardedForName ? [] : [`addresses in ${forwardedForName}`],
    tcpIdleMs === null ? [] : [`TCP services idle for ${tcpIdleMs} ms`],
  ].flat();
  return `arrivals  ${parts.length === 0 ? 'by the flags' : parts.join('  ')}`;
}

/** The settings of TLS for all hosts on one line. */
export function printTlsSettings(tls: TlsSettings): string {
  const {
    minVersion,
    maxVersion,
    ciphers,
    groups,
    ticketLifeSeconds,
    hsts,
    allowsHttp2,
    ocspResponders,
    refusesUnknownNames,
  } = tls;
  return [
    `tls ${minVersion} to ${maxVersion}`,
    ciphers === '' ? '' : `ciphers ${ciphers}`,
    groups === '' ? '' : `groups ${groups}`,
    ticketLifeSeconds === 0 ? 'no tickets' : `tickets ${ticketLifeSeconds} s`,
    hsts === '' ? 'no HSTS' : `HSTS ${hsts}`,
    ocspResponders === 'none' ? '' : `OCSP of ${ocspResponders} responders`,
    allowsHttp2 ? '' : 'no HTTP/2',
    refusesUnknownNames ? 'unknown names refused' : '',
  ]
    .filter((text) => text !== '')
    .join('  ');
}

/** The table's default backend on one line; null when it is the plain 404 of the empty table. */
export function printFallback(table: RouteTable, options: PrintOptions = {}): string | null {
  const { fallback } = table;
  if (fallback.id === notFoundRoute.id && fallback.backend.kind === 'status') return null;
  return `default  → ${renderBackend(fallback.backend)}  ${renderRouteEnd(fallback, options)}`;
}

/** An upstream: its name, one line per endpoint; those that are used only while no ready one exists are marked. */
export function printUpstream({ id, target, protocol, hashesClients, settings }: Upstream): string[] {
  const head = protocol === undefined ? `upstream ${id}` : `upstream ${id}  by ${protocol}`;
  if (target.kind === 'unavailable') return [escapeUnprintable(`${head}  unavailable: ${target.reason}`)];
  if (target.kind === 'dns') return [`${head}  dns ${target.name}:${target.port}`];
  if (target.endpoints.length === 0) return [`${head}  no endpoints`];
  const affinity = (hashesClients === true ? '  clients stay' : '') + renderSettings(settings);
  return [`${head}${affinity}`, ...target.endpoints.map((endpoint) => `  ${renderEndpoint(endpoint)}`)];
}

/** A stream on one line: its port and where its bytes go. */
export function printStream({ id, upstream, wantsProxyHeader, proxyProtocol, source }: StreamRoute): string {
  const marks = [
    ...(wantsProxyHeader ? ['wants PROXY'] : []),
    ...(proxyProtocol === 'off' ? [] : [`sends PROXY ${proxyProtocol}`]),
  ];
  return `stream ${id}  → ${upstream}  ${source}${marks.length === 0 ? '' : `  [${marks.join('; ')}]`}`;
}

/** What is not ordinary. */
function renderSettings(settings: UpstreamSettings = defaultUpstreamSettings): string {
  const { slowStartMs, maxActive, maxWaiting, maxWaitMs, check, outliers, adaptiveLimit } = settings;
  const { min, max, tolerancePercent } = adaptiveLimit;
  const parts = [
    ...(slowStartMs > 0 ? [`slow start ${slowStartMs} ms`] : []),
    ...(maxActive > 0 ? [`at most ${maxActive} requests each, ${maxWaiting} waiting ${maxWaitMs} ms`] : []),
    ...(check.kind === 'off' ? [] : [`checked by ${check.kind} every ${check.intervalMs} ms`]),
    ...(outliers.isOn
      ? [`ejects by success rate, ${outliers.deviations} deviations in ${outliers.intervalMs} ms`]
      : []),
    ...(adaptiveLimit.isOn ? [`adaptive limit ${min} to ${max}, ${tolerancePercent} % tolerated`] : []),
  ];
  return parts.length === 0 ? '' : `  ${parts.join(', ')}`;
}

/** A certificate by name, the names it is for and its leaf's fingerprint (the first 16 digits tell rotations apart). */
export function printCertificate({ id, names, fingerprint }: Certificate): string {
  return escapeUnprintable(`certificate ${id}  for ${names.join(', ')}  sha256 ${fingerprint.slice(0, 16)}`);
}

/** What an ACME server asks for, and for which host. */
export function printChallenge({ id, host }: Challenge): string {
  return escapeUnprintable(`challenge ${id}  for ${host}`);
}

/** What the proxy trusts and shows as a TLS client, by fingerprints. */
export function printClientTls({ id, caFingerprints, fingerprint }: ClientTls): string {
  const trusted = caFingerprints.map((each) => each.slice(0, 16)).join(', ');
  const trusts = caFingerprints.length === 0 ? "the system's authorities" : `sha256 ${trusted}`;
  const shows = fingerprint === '' ? 'no certificate' : `sha256 ${fingerprint.slice(0, 16)}`;
  return escapeUnprintable(`client tls ${id}  trusts ${trusts}, shows ${shows}`);
}

/** How many may sign in, and nothing of what they are known by. */
export function printCredentials({ id, users }: Credentials): string {
  return `credentials ${id}  for ${users.length} ${users.length === 1 ? 'user' : 'users'}`;
}

/** `10.0.0.1:80`, `[::1]:80`; marked when it is not ready, or of another weight than 1. */
export function renderEndpoint({ address, port, ready, weight, near }: Endpoint): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${port}${ready ? '' : ' (terminating)'}${weight === undefined ? '' : ` weight ${weight}`}${near === true ? ' near' : ''}`;
}

/** A host pattern for people: the catch-all has no text of its own. */
export function renderHost(pattern: string): string {
  return pattern === '' ? '(any)' : pattern;
}

function renderBackend(backend: Backend): string {
  return backend.kind === 'upstream' ? backend.upstream : `${backend.status} (${backend.reason})`;
}

function renderRouteEnd(route: Route, { describePolicy }: PrintOptions): string {
  const policies = Object.entries(route.policies).sort(([a], [b]) => (a < b ? -1 : 1));
  const phrases = policies.map(
    ([feature, policy]) => `${feature}: ${describePolicy?.(feature, policy) ?? JSON.stringify(policy)}`,
  );
  if (route.canary !== undefined) phrases.push(`canary ${route.canary.id} → ${printCanary(route.canary)}`);
  return phrases.length === 0 ? route.id : `${route.id}  [${phrases.join('; ')}]`;
}

function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    escapeUnprintable(
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
  );
}

function sortedUnits<Unit>(units: ReadonlyMap<string, Unit>): Unit[] {
  return [...units].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, unit]) => unit);
}
