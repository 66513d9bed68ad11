// The proxy's own request fields: who the client is and how it came in, as ingress-nginx tells upstreams. The client's copies
// were removed by the codec; values of trusted peers are read from what it captured.
import type { RequestHead } from '../wire/http1/request-head.ts';
import { clientAddress } from '../wire/forwarded/index.ts';
import { normalizeHost } from '../wire/http1/host.ts';

/** RFC 3986 3.1, bounded: what a forwarder may call a scheme. Anything else is taken as not said. */
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]{0,31}$/;
const portPattern = /^[1-9][0-9]{0,4}$/;

/** What a connection contributes; computed once when it is accepted. */
export interface ForwardedContext {
  /** Peer address, normalised. */
  readonly peerAddress: string;
  readonly scheme: 'http' | 'https';
  /** As told upstream: the public HTTPS port, or the real listening port. */
  readonly port: number;
  /** Null: this peer's X-Forwarded-* are not believed. */
  readonly isTrusted: ((address: string) => boolean) | null;
  /** Append to the incoming X-Forwarded-For instead of replacing it. */
  readonly appendFor: boolean;
}

/** What was decided for one request. */
export interface ForwardedValues {
  readonly clientAddress: string;
  readonly scheme: string;
  /** Complete lines, each with its CRLF. */
  readonly fields: string;
}

/** Fields that are the same for every request of an untrusted connection; the slow path is `trustedValues`. */
export function connectionFields(context: ForwardedContext): string {
  const { peerAddress, scheme, port } = context;
  return (
    `X-Real-IP: ${peerAddress}\r\nX-Forwarded-For: ${peerAddress}\r\nX-Forwarded-Port: ${port}\r\n` +
    `X-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Scheme: ${scheme}\r\nX-Scheme: ${scheme}\r\n`
  );
}

/** What the client said itself goes on under another name, as ingress-nginx does. */
export function originalFields(head: RequestHead): string {
  let fields = '';
  if (head.forwardedFor !== '') fields += `X-Original-Forwarded-For: ${head.forwardedFor}\r\n`;
  if (head.forwardedHost !== '') fields += `X-Original-Forwarded-Host: ${head.forwardedHost}\r\n`;
  return fields;
}

/** Slow path: the peer is trusted, its fields count. */
export function trustedValues(
  context: ForwardedContext,
  head: RequestHead,
  isTrusted: (address: string) => boolean,
): ForwardedValues {
  const { peerAddress } = context;
  const address =
    head.forwardedFor === '' ? peerAddress : clientAddress(peerAddress, head.forwardedFor, isTrusted);
  const scheme = schemePattern.test(head.forwardedProto) ? head.forwardedProto : context.scheme;
  const port = portPattern.test(head.forwardedPort) ? head.forwardedPort : String(context.port);
  const forwardedFor =
    context.appendFor && head.forwardedFor !== '' ? `${head.forwardedFor}, ${peerAddress}` : address;
  return {
    clientAddress: address,
    scheme,
    fields:
      `X-Real-IP: ${address}\r\nX-Forwarded-For: ${forwardedFor}\r\nX-Forwarded-Port: ${port}\r\n` +
      `X-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Scheme: ${scheme}\r\nX-Scheme: ${scheme}\r\n`,
  };
}

/** The host that the client asked for: a trusted X-Forwarded-Host's first value, else the request's own. */
export function forwardedHostOf(head: RequestHead, isTrusted: boolean): string {
  if (!isTrusted || head.forwardedHost === '') return head.authority;
  const comma = head.forwardedHost.indexOf(',');
  const first = (comma < 0 ? head.forwardedHost : head.forwardedHost.slice(0, comma)).trim();
  // It becomes the Host of the upstream request: the rules of Host hold for it.
  return normalizeHost(first) === null ? head.authority : first;
}
