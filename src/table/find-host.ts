// Which virtual host answers for a name, and which TLS it gets. One lookup for routing, SNI, redirects and the 421 check, so
// that they cannot disagree (ingress-api.md C.5, E.2; http-hardening.md H5). Names are as normalizeHost of wire/ gives them:
// lower case, no port, no trailing dot; '' when the request named none.
import type { Certificate, HostTls, RouteTable, VirtualHost } from '../model/index.ts';
import { coversHost, wildcardOf } from '../std/host-name.ts';

/**
 * The virtual host of a name: the exact host, then the wildcard that covers its first label, then the catch-all ''.
 * An IP literal is never a host of a rule and takes the catch-all only. Null: no host takes it; the table's fallback answers.
 */
export function findHost(table: RouteTable, host: string): VirtualHost | null {
  const { hosts } = table;
  if (!isIpLiteral(host)) {
    const exact = hosts.get(host);
    if (exact !== undefined) return exact;
    const wildcard = wildcardOf(host);
    if (wildcard !== null) {
      const found = hosts.get(wildcard);
      if (found !== undefined) return found;
    }
  }
  return hosts.get('') ?? null;
}

/**
 * TLS of a name: that of the exact host; failing that, or when the exact host has none, that of its one-label wildcard. The
 * catch-all has no TLS, since a certificate for all names would be needed. Null: the name is plain HTTP.
 */
export function resolveTls(table: RouteTable, host: string): HostTls | null {
  if (host === '' || isIpLiteral(host)) return null;
  const exact = table.hosts.get(host)?.tls;
  if (exact !== undefined && exact !== null) return exact;
  const wildcard = wildcardOf(host);
  return wildcard === null ? null : (table.hosts.get(wildcard)?.tls ?? null);
}

/** Whether a certificate is issued for a name: the name itself, or the wildcard of its first label (RFC 6125 6.4.3). */
export function certificateCovers(certificate: Certificate, host: string): boolean {
  return host !== '' && !isIpLiteral(host) && coversHost(certificate.names, host);
}

const ipv4 = /^(?:0*(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const digit0 = 48;
const digit9 = 57;

/** Whether a normalised host is an IP address: IPv4 in four decimal parts (leading zeros tolerated), or IPv6, bracketed or not. */
export function isIpLiteral(host: string): boolean {
  const last = host.charCodeAt(host.length - 1);
  if (last >= digit0 && last <= digit9 && ipv4.test(host)) return true;
  return host.includes(':');
}

/**
 * Rule S1: whether a request for `host` came in on a connection whose TLS was set up for another name under another policy. Only
 * where the client named a host that has a certificate of its own: a connection under the default certificate made no claim
 * that another host could break. Both names, normalised, go through the same lookup. `serverName` empty: none was sent.
 */
export function isMisdirected(table: RouteTable, serverName: string, host: string): boolean {
  if (serverName === host) return false;
  // TLS for such a host never ends here: whoever asks for it on another name's connection goes around its endpoints' own TLS.
  if (findHost(table, host)?.passthrough !== undefined) return true;
  if (serverName === '') return false;
  const handshake = resolveTls(table, serverName)?.certificate ?? null;
  const certificate = handshake === null ? undefined : table.certificates.get(handshake);
  if (certificate === undefined || certificateCovers(certificate, host)) return false;
  return (resolveTls(table, host)?.certificate ?? null) !== handshake;
}
