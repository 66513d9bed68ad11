// Opens TLS connections to endpoints, and judges who answered. No byte of the application is read before the handshake is done and the
// certificate is as it must be (rule K8).
import type { OnReadOpts, TcpNetConnectOpts } from 'node:net';
import {
  checkServerIdentity,
  connect,
  type ConnectionOptions,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { LiveEndpoint } from '../endpoint-set.ts';
import type { Lane, TransportTls } from './transport.ts';

export interface DialOptions {
  readonly allowHalfOpen: boolean;
  /** Absent: the socket reads as streams do. */
  readonly onread?: OnReadOpts;
}

/** `secureConnect` says that all is well; `error` before it, that it is not. */
export function dialTls(
  endpoint: LiveEndpoint,
  lane: Lane,
  tls: TransportTls,
  options: DialOptions,
): TLSSocket {
  const all: ConnectionOptions & TcpNetConnectOpts = {
    host: endpoint.address,
    port: endpoint.port,
    noDelay: true,
    autoSelectFamily: false,
    ...options,
    secureContext: tls.context,
    ALPNProtocols: [...tls.alpn],
    rejectUnauthorized: tls.verifies,
    checkServerIdentity: (_host, certificate) => judgeCertificate(tls, certificate),
    ...(tls.serverName === '' ? {} : { servername: tls.serverName }),
    ...(lane.session === null ? {} : { session: lane.session }),
  };
  const socket = connect(all);
  socket.on('session', (session: Buffer) => {
    lane.session = session;
  });
  return socket;
}

/** The runtime has verified the chain; this is the name and the length. Its verdict counts only where TLS is verified. */
export function judgeCertificate(
  tls: Pick<TransportTls, 'name' | 'maxIntermediates'>,
  certificate: PeerCertificate,
): Error | undefined {
  const count = countIntermediates(certificate);
  if (count > tls.maxIntermediates) {
    return new ChainTooLong(
      `the certificate of the endpoint has ${count} certificates between it and its authority, wanted at most ${tls.maxIntermediates}`,
    );
  }
  return checkServerIdentity(tls.name, certificate);
}

class ChainTooLong extends Error {
  override readonly name = 'ChainTooLong';
  readonly code = 'CERT_CHAIN_TOO_LONG';
}

/** The links of the chain carry their issuer only when the runtime was asked for all of it, which it is here. */
type Link = PeerCertificate & { readonly issuerCertificate?: Link };

function countIntermediates(certificate: PeerCertificate): number {
  const seen = new Set<Link>();
  let link: Link | undefined = certificate;
  while (link !== undefined && link !== null && !seen.has(link)) {
    seen.add(link);
    link = link.issuerCertificate;
  }
  // Neither the first nor the last counts.
  return Math.max(0, seen.size - 2);
}

/** Why a handshake failed, in few words for counters: the codes of OpenSSL are many. */
export function tlsReasonOf(code: string | undefined): string {
  if (code === undefined) return 'upstream-tls-handshake';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'upstream-tls-name';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'upstream-tls-expired';
  if (code === 'CERT_CHAIN_TOO_LONG') return 'upstream-tls-depth';
  if (code.startsWith('ERR_SSL_')) {
    return code.includes('ALERT') ? 'upstream-tls-refused' : 'upstream-tls-handshake';
  }
  return /CERT|ISSUER|CRL|SIGNATURE/.test(code) ? 'upstream-tls-untrusted' : 'upstream-tls-handshake';
}
