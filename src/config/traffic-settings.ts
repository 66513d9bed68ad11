// The flags that shape the traffic, the same for every command that serves: forwarded headers, limits, time-outs, upstream
// connections. Defaults follow ingress-nginx 1.15 where it has the setting.
import type { FlagTable } from './flag-spec.ts';

export const sharingFlags = {
  'share-ports': {
    type: 'switch',
    section: 'Listeners',
    default: 'false',
    doc: 'Listen beside other instances of the same user on the same HTTP and HTTPS ports, for a restart without a gap: start the new one, wait until it is ready, then end the old one with SIGTERM. Every one of them needs this flag.',
  },
} as const satisfies FlagTable;

export const forwardedFlags = {
  'use-forwarded-headers': {
    type: 'switch',
    section: 'Forwarded headers',
    default: 'false',
    doc: 'Believe the X-Forwarded-* fields of the peers that --proxy-real-ip-cidr names. Otherwise they are replaced.',
  },
  'proxy-real-ip-cidr': {
    type: 'networks',
    section: 'Forwarded headers',
    default: '0.0.0.0/0,::/0',
    doc: 'Networks of the proxies in front that are believed, separated by commas.',
  },
  'compute-full-forwarded-for': {
    type: 'switch',
    section: 'Forwarded headers',
    default: 'false',
    doc: 'Append the peer to the incoming X-Forwarded-For instead of replacing it.',
  },
  'use-proxy-protocol': {
    type: 'switch',
    section: 'Forwarded headers',
    default: 'false',
    doc: 'Every connection to the HTTP and HTTPS ports has to begin with a PROXY protocol header (version 1 or 2), else it is closed. The address in it is believed of the peers that --proxy-real-ip-cidr names.',
  },
  'proxy-protocol-header-timeout': {
    type: 'duration',
    section: 'Forwarded headers',
    default: '5s',
    doc: 'Time for the PROXY protocol header.',
  },
} as const satisfies FlagTable;

export const limitFlags = {
  'max-request-line': {
    type: 'size',
    section: 'Limits',
    default: '8396',
    doc: 'Longest request line (method, target, version). Above: 414.',
  },
  'max-field-line': {
    type: 'size',
    section: 'Limits',
    default: '8k',
    doc: 'Longest header field line. Above: 431.',
  },
  'max-fields-size': {
    type: 'size',
    section: 'Limits',
    default: '32k',
    doc: 'Size of all header fields of a request together. Above: 431.',
  },
  'max-fields': {
    type: 'count',
    section: 'Limits',
    default: '100',
    doc: 'Number of header fields of a request. Above: 431.',
  },
  'max-response-head': {
    type: 'size',
    section: 'Limits',
    default: '32k',
    doc: 'Size of the head of an upstream response. Above: 502.',
  },
  'max-response-fields': {
    type: 'count',
    section: 'Limits',
    default: '200',
    doc: 'Number of header fields of an upstream response. Above: 502.',
  },
  'max-trailers-size': {
    type: 'size',
    section: 'Limits',
    default: '8k',
    doc: 'Size of the trailer fields behind a chunked body.',
  },
  'keep-alive-requests': {
    type: 'count',
    section: 'Limits',
    default: '1000',
    doc: 'Requests on one client connection; the last one is answered with Connection: close.',
  },
  'max-worker-connections': {
    type: 'auto-count',
    section: 'Limits',
    default: 'auto',
    doc: 'Client connections of one worker; above, no more are accepted for the moment. auto: 90 % of the limit on open files minus 256, at most 16384.',
  },
  'buffer-size': {
    type: 'size',
    section: 'Limits',
    default: '64k',
    doc: 'Bytes that may wait for a slow client before the upstream is paused.',
  },
} as const satisfies FlagTable;

export const http2Flags = {
  'use-http2': {
    type: 'switch',
    section: 'HTTP/2',
    default: 'true',
    doc: 'Serve HTTP/2: over TLS to clients that offer it, and without TLS to clients that begin with it.',
  },
  'http2-max-concurrent-streams': {
    type: 'count',
    section: 'HTTP/2',
    default: '128',
    doc: 'Requests at the same time on one client connection.',
  },
  'http2-max-header-size': {
    type: 'size',
    section: 'HTTP/2',
    default: '64k',
    doc: 'Size of all header fields of a request, decoded, 32 bytes for each field included. Above: 431.',
  },
  'http2-max-resets': {
    type: 'count',
    section: 'HTTP/2',
    default: '200',
    doc: 'Requests that a client may cancel within 30s on one connection. Above, the connection ends.',
  },
  'http2-max-control-frames': {
    type: 'count',
    section: 'HTTP/2',
    default: '1000',
    doc: 'PING and SETTINGS frames of a client within 30s, with no request or data in between. Above, the connection ends.',
  },
  'http2-stream-window': {
    type: 'size',
    section: 'HTTP/2',
    default: '64k',
    doc: 'Bytes of a request body that may wait for a slow endpoint before the client is told to stop.',
  },
  'http2-connection-window': {
    type: 'size',
    section: 'HTTP/2',
    default: '1m',
    doc: 'Bytes of request bodies that may be on their way on one client connection.',
  },
} as const satisfies FlagTable;

export const timeoutFlags = {
  'tls-handshake-timeout': {
    type: 'duration',
    section: 'Time-outs',
    default: '10s',
    doc: 'Time for a TLS handshake.',
  },
  'client-header-timeout': {
    type: 'duration',
    section: 'Time-outs',
    default: '60s',
    doc: 'Time for a whole request head: from the opening of the connection, or from the first byte of a later request.',
  },
  'client-body-timeout': {
    type: 'duration',
    section: 'Time-outs',
    default: '60s',
    doc: 'Longest pause inside a request body.',
  },
  'keep-alive-timeout': {
    type: 'duration',
    section: 'Time-outs',
    allowsZero: true,
    default: '75s',
    doc: 'How long an idle client connection is kept; 0: each connection ends after one request. Longer than the load balancer in front keeps its own.',
  },
  'send-timeout': {
    type: 'duration',
    section: 'Time-outs',
    default: '60s',
    doc: 'A client that does not read its response for this long loses the connection.',
  },
  'tunnel-idle-timeout': {
    type: 'duration',
    section: 'Time-outs',
    default: '1h',
    doc: 'Longest silence in an upgraded (WebSocket) connection.',
  },
} as const satisfies FlagTable;

export const streamFlags = {
  'enable-ssl-passthrough': {
    type: 'switch',
    section: 'TCP and UDP',
    default: 'false',
    doc: 'Follow the annotation ssl-passthrough: TLS connections for such a host go to its endpoints as they are. The name that a client asks for is then read before the handshake.',
  },
  'tcp-services-configmap': {
    type: 'object-name',
    section: 'TCP and UDP',
    default: '',
    defaultText: 'none',
    doc: 'ConfigMap of the TCP services: PORT: "NAMESPACE/SERVICE:PORT[:PROXY[:PROXY]]", as in ingress-nginx. Followed while it changes.',
  },
  'udp-services-configmap': {
    type: 'object-name',
    section: 'TCP and UDP',
    default: '',
    defaultText: 'none',
    doc: 'ConfigMap of the UDP services: PORT: "NAMESPACE/SERVICE:PORT". Followed while it changes.',
  },
  'proxy-stream-timeout': {
    type: 'duration',
    section: 'TCP and UDP',
    default: '10m',
    doc: 'Longest silence in a connection of a TCP service.',
  },
  'udp-session-timeout': {
    type: 'duration',
    section: 'TCP and UDP',
    default: '2m',
    doc: 'Longest silence in a session of a UDP service; one that was never answered ends after 30 s at the latest.',
  },
} as const satisfies FlagTable;

export const upstreamFlags = {
  'upstream-keepalive-connections': {
    type: 'count',
    section: 'Upstream connections',
    default: '320',
    doc: 'Idle connections to endpoints that one worker keeps; up to twice as many for half a second, so that bursts open none anew.',
  },
  'upstream-keepalive-timeout': {
    type: 'duration',
    section: 'Upstream connections',
    default: '60s',
    doc: 'How long an idle connection to an endpoint is kept.',
  },
  'upstream-keepalive-requests': {
    type: 'count',
    section: 'Upstream connections',
    default: '10000',
    doc: 'Requests on one connection to an endpoint.',
  },
  'upstream-keepalive-time': {
    type: 'duration',
    section: 'Upstream connections',
    default: '1h',
    doc: 'Age after which a connection to an endpoint is not used again.',
  },
  'proxy-next-upstream-tries': {
    type: 'count',
    section: 'Upstream connections',
    default: '3',
    doc: 'Attempts for one request, the first included.',
  },
  'retry-budget': {
    type: 'percent',
    section: 'Upstream connections',
    default: '20',
    doc: 'Share of the requests under way at a Service port that may be repeated requests, those that had been sent before; what could not be sent at all is not counted.',
  },
  'retry-budget-minimum': {
    type: 'count-or-off',
    section: 'Upstream connections',
    default: '3',
    doc: 'Repeated requests that are always allowed at once, for each Service port and worker.',
  },
  'endpoint-max-failures': {
    type: 'count-or-off',
    section: 'Upstream connections',
    default: '5',
    doc: 'Failures in a row after which an endpoint gets no requests for a while (connecting failed, no answer, a broken one; no status is a failure); 0 = never.',
  },
  'endpoint-ejection-time': {
    type: 'duration',
    section: 'Upstream connections',
    default: '10s',
    doc: 'How long it gets no requests, the first time; doubled with each further one.',
  },
  'endpoint-max-ejection-time': {
    type: 'duration',
    section: 'Upstream connections',
    default: '5m',
    doc: 'Longest time for which an endpoint gets no requests.',
  },
  'endpoint-max-ejected': {
    type: 'percent',
    section: 'Upstream connections',
    default: '50',
    doc: 'Share of the endpoints of a Service port that may be left out at once because of failures, rounded down: of one endpoint none.',
  },
  'endpoint-panic-threshold': {
    type: 'percent',
    section: 'Upstream connections',
    default: '25',
    doc: 'When fewer than this share of the endpoints are well, all of them get requests.',
  },
} as const satisfies FlagTable;
