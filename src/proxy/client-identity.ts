// Who a connection comes from, and how: read once when it is accepted.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { normalizeHost } from '../wire/http1/host.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { ProxyCore } from './core.ts';
import type { ForwardedContext } from './forwarded-fields.ts';

/** What a listener knows of a connection. */
export interface DownstreamOrigin {
  readonly isTls: boolean;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** Another class serves a connection that begins with HTTP/2, from its first bytes on; null: this listener has none. */
  readonly serveHttp2: ((socket: Socket, origin: DownstreamOrigin, peerAddress: string) => void) | null;
  /** What the handshake asked of the client; null: nothing. */
  readonly clientCertificate: ClientCertificate | null;
}

/** The origin as a trusted peer announced it: the port that the client reached, which tells the scheme too, as in ingress-nginx. */
export function announcedOrigin(origin: DownstreamOrigin, port: number): DownstreamOrigin {
  return port === 0 ? origin : { ...origin, port, scheme: port === 443 ? 'https' : origin.scheme };
}

export interface ClientIdentity {
  /** SNI, normalised as Host is; empty without. */
  readonly serverName: string;
  /** `TLSv1.3`; empty without TLS. */
  readonly tlsProtocol: string;
  readonly forwarded: ForwardedContext;
}

/** `peerAddress`: normalised. */
export function identifyClient(
  core: ProxyCore,
  socket: Socket,
  origin: DownstreamOrigin,
  peerAddress: string,
): ClientIdentity {
  const tls = origin.isTls ? (socket as TLSSocket & { servername?: string | false }) : null;
  const { isTrusted, believesAll, appendFor, forName } = core.forwardedTrust;
  return {
    serverName: typeof tls?.servername === 'string' ? (normalizeHost(tls.servername) ?? '') : '',
    tlsProtocol: tls?.getProtocol() ?? '',
    forwarded: {
      peerAddress,
      scheme: origin.scheme,
      port: origin.port,
      isTrusted: isTrusted !== null && isTrusted(peerAddress) ? isTrusted : null,
      believesAll,
      appendFor,
      forName,
    },
  };
}
