// What the data plane is told at start: listeners, limits, time-outs, trust. Made by config/, read by proxy/.

/** Sizes in bytes, times in milliseconds. Defaults and the meaning of each: config/settings.ts and docs/reference/flags.md. */
export interface ProxySettings {
  readonly listen: ListenSettings;
  readonly workers: number;
  readonly limits: HttpLimits;
  readonly http2: Http2Settings;
  readonly timeouts: HttpTimeouts;
  readonly pool: PoolSettings;
  readonly forwarded: ForwardedSettings;
  readonly proxyProtocol: ProxyProtocolSettings;
  readonly streams: StreamSettings;
  readonly accessLog: AccessLogSettings;
  /** Value of a `Server` field added to responses without one; empty: none is added. */
  readonly serverName: string;
  /** Time for requests in flight after SIGTERM. */
  readonly shutdownGraceMs: number;
  /** Default of `proxy-next-upstream-tries`: attempts over endpoints, the first included. */
  readonly maxTries: number;
  readonly health: HealthSettings;
  readonly retries: RetrySettings;
}

export interface ListenSettings {
  /** IP address, v4 or v6. */
  readonly address: string;
  /** 0 = no such listener. */
  readonly httpPort: number;
  /** 0 = no such listener. */
  readonly httpsPort: number;
  /** The port that X-Forwarded-Port names for HTTPS; ingress-nginx says 443 whatever it listens on. */
  readonly publicHttpsPort: number;
  /** Other instances may listen on the same ports: the kernel spreads connections over all of them. */
  readonly isShared: boolean;
}

export interface HttpLimits {
  readonly maxRequestLineBytes: number;
  readonly maxFieldLineBytes: number;
  readonly maxFieldsBytes: number;
  readonly maxFields: number;
  readonly maxResponseHeadBytes: number;
  readonly maxResponseFields: number;
  readonly maxTrailerBytes: number;
  readonly maxRequestsPerConnection: number;
  readonly maxConnectionsPerWorker: number;
  /** Bytes that may wait for a slow client before the upstream is paused. */
  readonly highWaterBytes: number;
}

/** HTTP/2 of clients; `limits` and `timeouts` hold for each of its requests, too. */
export interface Http2Settings {
  readonly isOn: boolean;
  readonly maxConcurrentStreams: number;
  /** Decoded names and values, and 32 bytes for each field. */
  readonly maxFieldListBytes: number;
  /** Streams that a client may reset in half a minute. */
  readonly maxResets: number;
  /** PING and SETTINGS frames in half a minute without a request or data in between. */
  readonly maxControlFrames: number;
  /** What a client may send on one stream before we have taken it. */
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
}

export interface HttpTimeouts {
  readonly tlsHandshakeMs: number;
  /** From the connection's opening, or the first byte of a later request, to the end of the head. */
  readonly requestHeadMs: number;
  /** Longest pause inside a request body. */
  readonly requestBodyMs: number;
  readonly keepAliveMs: number;
  /** A response that the client does not read for this long ends its connection. */
  readonly sendStallMs: number;
  /** Silence in an upgraded connection. */
  readonly tunnelIdleMs: number;
}

export interface PoolSettings {
  readonly maxIdlePerWorker: number;
  readonly idleMs: number;
  readonly maxRequestsPerConnection: number;
  readonly maxAgeMs: number;
}

export interface ForwardedSettings {
  /** `use-forwarded-headers`: believe X-Forwarded-* of trusted peers. */
  readonly trust: boolean;
  /** Peers that are believed, CIDR notation. */
  readonly trustedCidrs: readonly string[];
  /** Append to the incoming X-Forwarded-For instead of replacing it. */
  readonly appendFor: boolean;
}

export interface ProxyProtocolSettings {
  /** `use-proxy-protocol`: every connection to the HTTP and HTTPS listeners begins with a PROXY header. Whom it is believed: `trustedCidrs`. */
  readonly isOn: boolean;
  /** From the opening of the connection to the end of the header. */
  readonly headerTimeoutMs: number;
}

/** Connections whose bytes nobody here reads. */
export interface StreamSettings {
  /** `enable-ssl-passthrough`: look at the name of TLS connections before the handshake. */
  readonly passesTls: boolean;
  /** Longest silence in a connection of a TCP service. */
  readonly tcpIdleMs: number;
  /** Longest silence in a session of a UDP service. */
  readonly udpIdleMs: number;
}

export interface AccessLogSettings {
  readonly format: 'off' | 'nginx' | 'json';
  /** `-` = standard output, else a file's path. */
  readonly path: string;
}

/** When an endpoint is left alone because of its failures. */
export interface HealthSettings {
  /** Failures in a row until an endpoint is ejected; 0: never. */
  readonly maxFailures: number;
  /** The first time; doubled with each further one. */
  readonly ejectMs: number;
  readonly maxEjectMs: number;
  /** Share of the endpoints that may be ejected at once. */
  readonly maxEjectedPercent: number;
  /** When fewer than this share can be used, all are. */
  readonly panicPercent: number;
}

/** The budget of attempts that repeat what was sent. */
export interface RetrySettings {
  /** Share of the requests under way at an upstream. */
  readonly budgetPercent: number;
  /** Always allowed at once, for each upstream and worker. */
  readonly minConcurrent: number;
}
