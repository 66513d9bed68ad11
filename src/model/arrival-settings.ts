// How connections of clients begin and whose word about them is taken, as far as the settings say something else than the flags.

/** Null: the flag holds. */
export interface ArrivalSettings {
  /** Connections to the HTTP and HTTPS ports have to begin with a PROXY protocol header. */
  readonly wantsProxyHeader: boolean | null;
  readonly proxyHeaderMs: number | null;
  /** Peers that are believed, CIDR notation. */
  readonly trustedCidrs: readonly string[] | null;
  /** X-Forwarded-* fields of those peers are believed. */
  readonly trustsForwarded: boolean | null;
  /** Of those peers the client's address is believed, and nothing else. */
  readonly takesRealIp: boolean;
  /** The peer is appended to the incoming list instead of replacing it. */
  readonly appendsFor: boolean | null;
  /** Name of the field with the client's address, lower case. */
  readonly forwardedForName: string;
  /** Longest silence in a connection of a TCP service. */
  readonly tcpIdleMs: number | null;
}

/** Of a controller without settings. */
export const defaultArrivalSettings: ArrivalSettings = {
  wantsProxyHeader: null,
  proxyHeaderMs: null,
  trustedCidrs: null,
  trustsForwarded: null,
  takesRealIp: false,
  appendsFor: null,
  forwardedForName: 'x-forwarded-for',
  tcpIdleMs: null,
};
