// The one table of every flag of `sallyport up`: name, type, default, section and documentation. Parsing, help text, the page
// docs/reference/flags.md and the keys of the configuration file all come from here. Defaults follow ingress-nginx 1.15 where
// it has the setting, and the limits and time-outs of RFC 9110/9112 practice otherwise.
import type { FlagTable, FlagValues } from './flag-spec.ts';

const manifestFlags = {
  filename: {
    type: 'texts',
    section: 'Manifests',
    short: 'f',
    placeholder: 'PATH',
    default: '',
    defaultText: 'none',
    doc: 'Manifests to serve: a file, a folder (its .yaml, .yml and .json files, recursively) or - for standard input. May be given several times. Files are watched.',
  },
  namespace: {
    type: 'text',
    section: 'Manifests',
    short: 'n',
    placeholder: 'NAME',
    default: 'default',
    doc: 'Namespace of objects that name none.',
  },
  'controller-class': {
    type: 'text',
    section: 'Manifests',
    placeholder: 'NAME',
    default: 'sallyport.dev/ingress-controller',
    doc: 'An IngressClass with this spec.controller is served.',
  },
  'ingress-class': {
    type: 'text',
    section: 'Manifests',
    placeholder: 'NAME',
    default: 'sallyport',
    doc: 'Value of the old kubernetes.io/ingress.class annotation that is served.',
  },
  'watch-ingress-without-class': {
    type: 'switch',
    section: 'Manifests',
    default: 'true',
    doc: 'Serve Ingresses that name no class.',
  },
  'annotations-prefix': {
    type: 'text',
    section: 'Manifests',
    placeholder: 'PREFIX',
    default: 'nginx.ingress.kubernetes.io',
    doc: 'Prefix of the annotations that are read.',
  },
  'default-backend-service': {
    type: 'service-name',
    section: 'Manifests',
    default: '',
    defaultText: 'none',
    doc: 'Service for requests that no rule takes; its first port when none is named. Without it, and while it has no endpoint, they get a plain 404.',
  },
  'default-ssl-certificate': {
    type: 'object-name',
    section: 'Manifests',
    default: '',
    defaultText: 'none',
    doc: 'TLS Secret served where no other certificate fits. Without it a self-signed one is made and kept in the data folder.',
  },
} as const satisfies FlagTable;

const listenerFlags = {
  bind: {
    type: 'address',
    section: 'Listeners',
    default: '127.0.0.1',
    doc: 'Address of the HTTP and HTTPS listeners, v4 or v6.',
  },
  'http-port': {
    type: 'port',
    section: 'Listeners',
    default: '8080',
    doc: 'Port of the HTTP listener; 0 = off.',
  },
  'https-port': {
    type: 'port',
    section: 'Listeners',
    default: '8443',
    doc: 'Port of the HTTPS listener; 0 = off.',
  },
  'public-https-port': {
    type: 'auto-port',
    section: 'Listeners',
    default: 'auto',
    doc: 'Port that clients use for HTTPS, for X-Forwarded-Port. auto: --https-port while --bind is a loopback address, else 443.',
  },
  'admin-bind': {
    type: 'address',
    section: 'Listeners',
    default: '127.0.0.1',
    doc: 'Address of the admin listener (/healthz, /readyz, /metrics).',
  },
  'admin-port': {
    type: 'port',
    section: 'Listeners',
    default: '10254',
    doc: 'Port of the admin listener; 0 = off.',
  },
} as const satisfies FlagTable;

const processFlags = {
  config: {
    type: 'text',
    section: 'Process',
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'YAML file whose keys are the names of these flags. What the command line says wins over the file.',
  },
  workers: {
    type: 'auto-count',
    section: 'Process',
    default: 'auto',
    doc: 'Number of proxy processes. auto: one for each core.',
  },
  'data-dir': {
    type: 'text',
    section: 'Process',
    placeholder: 'DIR',
    default: '',
    defaultText: '$XDG_DATA_HOME/sallyport, else ~/.local/share/sallyport',
    doc: 'Folder for what is kept between runs.',
  },
  'shutdown-grace-period': {
    type: 'duration',
    section: 'Process',
    allowsZero: true,
    default: '30s',
    doc: 'Time for requests in flight after SIGTERM or SIGINT. What is left then is cut.',
  },
  'server-name': {
    type: 'text',
    section: 'Process',
    placeholder: 'TEXT',
    default: 'sallyport',
    doc: 'Value of the Server field of responses that come without one; empty: none is added.',
  },
} as const satisfies FlagTable;

const forwardedFlags = {
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
} as const satisfies FlagTable;

const logFlags = {
  'log-level': {
    type: 'choice',
    section: 'Logs',
    choices: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    doc: 'Least severity that is logged.',
  },
  'log-format': {
    type: 'choice',
    section: 'Logs',
    choices: ['auto', 'text', 'json'],
    default: 'auto',
    doc: 'Form of the log on standard error. auto: text on a terminal, else JSON.',
  },
  'access-log': {
    type: 'text',
    section: 'Logs',
    placeholder: 'PATH|-|off',
    default: '-',
    doc: 'Where the access log goes: a file, - for standard output, or off.',
  },
  'access-log-format': {
    type: 'choice',
    section: 'Logs',
    choices: ['nginx', 'json'],
    default: 'nginx',
    doc: 'Form of the access log: the line of ingress-nginx, or one JSON object a request.',
  },
} as const satisfies FlagTable;

const limitFlags = {
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

const timeoutFlags = {
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

const upstreamFlags = {
  'upstream-keepalive-connections': {
    type: 'count',
    section: 'Upstream connections',
    default: '320',
    doc: 'Idle connections to endpoints that one worker keeps.',
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
    doc: 'Endpoints that are tried for one request, the first included, while nothing of it was sent.',
  },
} as const satisfies FlagTable;

/** Every flag of `sallyport up`, in the order of help text and reference. */
export const flagTable = {
  ...manifestFlags,
  ...listenerFlags,
  ...processFlags,
  ...forwardedFlags,
  ...logFlags,
  ...limitFlags,
  ...timeoutFlags,
  ...upstreamFlags,
} as const satisfies FlagTable;

export type UpFlags = FlagValues<typeof flagTable>;
