// An Explanation as text for people, in a stable form: goldens and the command line print the same.
import { escapeUnprintable } from '../std/printable.ts';
import { renderEndpoint, renderHost } from './print.ts';
import { printCanary } from './print-canary.ts';
import type { ClientAuth } from '../model/index.ts';
import type { Explanation } from './explain.ts';

const tierText: Readonly<Record<Explanation['host']['tier'], string>> = {
  exact: 'exact',
  wildcard: 'wildcard, one label',
  'catch-all': 'no host of the table is named so',
  none: 'no host of the table is named so, and no rule takes every host',
};

const viaText: Readonly<Record<Explanation['via'], string>> = {
  rule: 'a rule',
  'host-default-backend': 'the default backend of the host, since no rule matches',
  'table-fallback': 'the default backend of the controller, since no rule matches',
};

/** Several lines, without a final line end. */
export function renderExplanation(explanation: Explanation): string {
  const { request, host, candidates, route } = explanation;
  const lines = [
    `request   ${request.method} ${request.scheme}://${request.host === '' ? '(no host)' : request.host}${request.path}`,
    `host      ${host.tier === 'none' ? 'none' : renderHost(host.pattern)} (${tierText[host.tier]})`,
    candidates.length === 0 ? 'rules     none' : 'rules',
  ];
  const kinds = Math.max(...candidates.map((candidate) => candidate.match.kind.length), 0);
  const paths = Math.max(...candidates.map((candidate) => candidate.match.path.length), 0);
  for (const { id, match, outcome, why } of candidates) {
    lines.push(
      `  ${outcome.padEnd(5)} ${match.kind.padEnd(kinds)} ${match.path.padEnd(paths)}  ${id}: ${why}`,
    );
  }
  lines.push(`route     ${route.id}, ${viaText[explanation.via]}`);
  lines.push(`backend   ${renderBackendOf(explanation)}`);
  for (const endpoint of explanation.endpoints) lines.push(`  ${renderEndpoint(endpoint)}`);
  if (route.canary !== undefined) lines.push(`canary    ${printCanary(route.canary)}, by ${route.canary.id}`);
  for (const endpoint of explanation.canaryEndpoints ?? []) lines.push(`  ${renderEndpoint(endpoint)}`);
  lines.push(`tls       ${renderTls(explanation)}`);
  const { clientAuth } = explanation;
  if (clientAuth !== undefined) lines.push(`clients   ${renderClientAuth(clientAuth)}`);
  return lines.map(escapeUnprintable).join('\n');
}

function renderBackendOf({ backend, upstream, endpoints }: Explanation): string {
  if (backend.kind === 'status') return `the proxy answers ${backend.status}: ${backend.reason}`;
  if (upstream === null) return `${backend.upstream}, which the table does not hold: the proxy answers 503`;
  if (upstream.target.kind === 'unavailable') {
    return `${upstream.id}, unavailable: ${upstream.target.reason}; the proxy answers 503`;
  }
  if (endpoints.length === 0) return `${upstream.id}, without endpoints: the proxy answers 503`;
  return upstream.protocol === undefined ? upstream.id : `${upstream.id}, by ${upstream.protocol}`;
}

const modeText: Readonly<Record<ClientAuth['mode'], string>> = {
  required: 'a certificate is required',
  optional: 'a certificate is asked for and may be missing',
  'optional-no-ca': 'a certificate is asked for, and may be missing or unknown',
};

function renderClientAuth({ mode, authority, subjectPattern, source }: ClientAuth): string {
  if (authority === null) return `nobody can be verified, by ${source}: the proxy answers 503`;
  const subject = subjectPattern === '' ? '' : `, for ${JSON.stringify(subjectPattern)}`;
  return `${modeText[mode]}, authorities in Secret ${authority}${subject}, by ${source}`;
}

function renderTls({ tls, passthrough }: Explanation): string {
  if (passthrough !== undefined) {
    return `passed through to ${passthrough.upstream}, by ${passthrough.source}: no request is read here, the rules above count for plain HTTP`;
  }
  if (tls === null) return 'none';
  if (tls.certificate === null) return `the default certificate, by ${tls.source}`;
  const names = tls.names.length === 0 ? '' : ` for ${tls.names.join(', ')}`;
  return `certificate ${tls.certificate}${names}, by ${tls.source}`;
}
