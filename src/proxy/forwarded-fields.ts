// The proxy's own request fields: who the client is and how it came in, as ingress-nginx tells upstreams. The client's copies
// were removed by the codec; values of trusted peers are read from what it captured.
import type { RequestPorts } from '../features/index.ts';
import type { RequestHead } from '../wire/http1/request-head.ts';
import { clientAddress } from '../wire/forwarded/index.ts';
import { lookupField } from '../wire/http1/field-value.ts';
import { normalizeHost } from '../wire/http1/host.ts';
import type { ProxyCore } from './core.ts';

/** RFC 3986 3.1, bounded: what a forwarder may call a scheme. Anything else is taken as not said. */
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]{0,31}$/;
const portPattern = /^[1-9][0-9]{0,4}$/;

/** Whose word is taken, and for what. */
export interface ForwardedTrust {
  /** Null: nobody's; else whether that of an address is. */
  readonly isTrusted: ((address: string) => boolean) | null;
  /** Scheme, host and port, too; else the client's address only. */
  readonly believesAll: boolean;
  /** Append to the incoming list of addresses instead of replacing it. */
  readonly appendFor: boolean;
  /** Lower-case name of the field with that list. */
  readonly forName: string;
}

/** What a connection contributes; computed once when it is accepted. `isTrusted` null: this peer's fields are not believed. */
export interface ForwardedContext extends ForwardedTrust {
  /** Peer address, normalised. */
  readonly peerAddress: string;
  readonly scheme: 'http' | 'https';
  /** As told upstream: the public HTTPS port, or the real listening port. */
  readonly port: number;
}

/** What was decided for one request. */
interface ForwardedValues {
  readonly clientAddress: string;
  readonly scheme: string;
  /** Complete lines, each with its CRLF. */
  readonly fields: string;
}

/** Fields that are the same for every request of an untrusted connection; the slow path is `believeForwarders`. */
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

/** What a request says of its client, as far as it is believed. */
export interface ForwardedRequest {
  readonly connection: { readonly forwarded: ForwardedContext };
  readonly head: RequestHead;
  scheme: string;
  clientAddress: string;
  forwardedFields: string;
}

/** What upstreams are told, and where TLS is. */
export function portsOf({
  forwardedFields,
  core,
}: Pick<ForwardedRequest, 'forwardedFields'> & { readonly core: Pick<ProxyCore, 'settings'> }): RequestPorts {
  const own = lookupField(forwardedFields, 'x-forwarded-port');
  return { own, https: core.settings.listen.publicHttpsPort };
}

/** Slow path: the peer is trusted, its fields count. */
export function believeForwarders(request: ForwardedRequest, isTrusted: (address: string) => boolean): void {
  const values = trustedValues(request.connection.forwarded, request.head, isTrusted);
  request.scheme = values.scheme;
  request.clientAddress = values.clientAddress;
  request.forwardedFields = values.fields;
}

function trustedValues(
  context: ForwardedContext,
  head: RequestHead,
  isTrusted: (address: string) => boolean,
): ForwardedValues {
  const { peerAddress, believesAll } = context;
  const list = addressList(head, context.forName);
  const address = list === '' ? peerAddress : clientAddress(peerAddress, list, isTrusted);
  const saysScheme = believesAll && schemePattern.test(head.forwardedProto);
  const scheme = saysScheme ? head.forwardedProto : context.scheme;
  const saysPort = believesAll && portPattern.test(head.forwardedPort);
  const port = saysPort ? head.forwardedPort : String(context.port);
  const isAppended = believesAll && context.appendFor && list !== '';
  const forwardedFor = isAppended ? `${list}, ${peerAddress}` : address;
  return {
    clientAddress: address,
    scheme,
    fields:
      `X-Real-IP: ${address}\r\nX-Forwarded-For: ${forwardedFor}\r\nX-Forwarded-Port: ${port}\r\n` +
      `X-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Scheme: ${scheme}\r\nX-Scheme: ${scheme}\r\n`,
  };
}

/** What a forwarder says of the addresses before it; the codec keeps the names that only forwarders write apart. */
function addressList(head: RequestHead, name: string): string {
  if (name === 'x-forwarded-for') return head.forwardedFor;
  if (name === 'x-real-ip') return head.realIp;
  return name === 'x-original-forwarded-for' ? head.originalForwardedFor : lookupField(head.fields, name);
}

/** The host that the client asked for: a trusted X-Forwarded-Host's first value, else the request's own. */
export function forwardedHostOf(head: RequestHead, { isTrusted, believesAll }: ForwardedTrust): string {
  if (isTrusted === null || !believesAll || head.forwardedHost === '') return head.authority;
  const comma = head.forwardedHost.indexOf(',');
  const first = (comma < 0 ? head.forwardedHost : head.forwardedHost.slice(0, comma)).trim();
  // It becomes the Host of the upstream request: the rules of Host hold for it.
  return normalizeHost(first) === null ? head.authority : first;
}
