// What a PROXY protocol header says, and what became of the bytes that were looked at.

/** An end of a connection. `address` as `normalizeIp` gives it. */
export interface ProxyEnd {
  readonly address: string;
  readonly port: number;
}

/**
 * - `local`: the sender speaks for itself (version 2's LOCAL, as in health checks): the connection's own ends count.
 * - `unknown`: a connection is forwarded whose ends are not known, or not IP addresses: the connection's own ends count.
 * - `ends`: the ends of the connection that is forwarded.
 */
export type ProxyHeader =
  | { readonly kind: 'local' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'ends';
      readonly transport: 'stream' | 'datagram';
      readonly source: ProxyEnd;
      readonly destination: ProxyEnd;
    };

/** Why bytes are no header; words for metrics and tests. */
export type ProxyRefusal =
  | 'no-signature'
  | 'v1-too-long'
  | 'v1-malformed'
  | 'v2-version'
  | 'v2-command'
  | 'v2-family'
  | 'v2-too-long'
  | 'v2-too-short'
  | 'v2-tlv'
  | 'v2-checksum';

/** `more`: no verdict before further bytes. `done`: the header takes the first `length` bytes. */
export type ProxyReading =
  | { readonly kind: 'more' }
  | { readonly kind: 'done'; readonly header: ProxyHeader; readonly length: number }
  | { readonly kind: 'refused'; readonly reason: ProxyRefusal };

export const needsMore: ProxyReading = { kind: 'more' };

export function refuse(reason: ProxyRefusal): ProxyReading {
  return { kind: 'refused', reason };
}
