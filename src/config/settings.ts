// The table of every flag of `sallyport up` (those of `sallyport controller` are in controller-settings.ts): name, type, default,
// section and documentation. Parsing, help text, the page
// docs/reference/flags.md and the keys of the configuration file all come from here. Defaults follow ingress-nginx 1.15 where
// it has the setting, and the limits and time-outs of RFC 9110/9112 practice otherwise.
import { acmeFlags } from './acme-settings.ts';
import type { FlagTable, FlagValues } from './flag-spec.ts';
import {
  forwardedFlags,
  http2Flags,
  limitFlags,
  sharingFlags,
  streamFlags,
  timeoutFlags,
  upstreamFlags,
} from './traffic-settings.ts';

/** The ConfigMap of the controller-wide settings. */
export const configMapFlag = {
  type: 'object-name',
  section: 'Objects',
  default: '',
  defaultText: 'none',
  doc: 'ConfigMap of the settings for all Ingresses, in the spelling of ingress-nginx. Followed while it changes.',
} as const;

export const publishStatusAddressFlag = {
  type: 'names',
  section: 'Status',
  default: '',
  defaultText: 'the address of the listeners',
  doc: 'Addresses (IPs or host names, separated by commas) that are written into the status of the Ingresses.',
} as const;

/** What of the admin listener wants a token. */
export const debugPrefix = '/debug/';

export const adminTokenFlag = {
  type: 'text',
  section: 'Listeners',
  placeholder: 'FILE',
  default: '',
  defaultText: 'admin-token in the data folder',
  doc: 'File of the token that the pages of the admin listener below /debug/ want. Made at the start where there is none; others must not be able to read it.',
} as const;

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
} as const satisfies FlagTable;

/** What is served; `up` and `controller` alike. */
export const servingFlags = {
  'controller-class': {
    type: 'text',
    section: 'Objects',
    placeholder: 'NAME',
    default: 'sallyport.dev/ingress-controller',
    doc: 'An IngressClass with this spec.controller is served.',
  },
  compatibility: {
    type: 'choice',
    section: 'Objects',
    choices: ['auto', 'ingress-nginx', 'none'],
    default: 'auto',
    doc: 'Which quirks of the routing of ingress-nginx are on unless settings or annotations say otherwise: all (ingress-nginx), or none. auto: all where --controller-class is k8s.io/ingress-nginx, else none.',
  },
  'ingress-class': {
    type: 'text',
    section: 'Objects',
    placeholder: 'NAME',
    default: 'sallyport',
    doc: 'Value of the old kubernetes.io/ingress.class annotation that is served.',
  },
  'watch-ingress-without-class': {
    type: 'switch',
    section: 'Objects',
    default: 'true',
    doc: 'Serve Ingresses that name no class.',
  },
  'annotations-prefix': {
    type: 'text',
    section: 'Objects',
    placeholder: 'PREFIX',
    default: 'nginx.ingress.kubernetes.io',
    doc: 'Prefix of the annotations that are read.',
  },
  'default-backend-service': {
    type: 'service-name',
    section: 'Objects',
    default: '',
    defaultText: 'none',
    doc: 'Service for requests that no rule takes; its first port when none is named. Without it, and while it has no endpoint, they get a plain 404.',
  },
  zone: {
    type: 'text',
    section: 'Objects',
    placeholder: 'NAME',
    default: '',
    defaultText: '$NODE_ZONE; in a cluster that of the node; else not known',
    doc: 'Zone in which this proxy runs. Endpoints that the hints of EndpointSlices (or trafficDistribution of the Service) give to it are preferred.',
  },
  'node-name': {
    type: 'text',
    section: 'Objects',
    placeholder: 'NAME',
    default: '',
    defaultText: '$NODE_NAME',
    doc: 'Node on which this proxy runs, for hints that name nodes.',
  },
  'default-ssl-certificate': {
    type: 'object-name',
    section: 'Objects',
    default: '',
    defaultText: 'none',
    doc: 'TLS Secret served where no other certificate fits. Without it a self-signed one is made and kept in the data folder.',
  },
} as const satisfies FlagTable;

const apiFlags = {
  'api-port': {
    type: 'port',
    section: 'API server',
    default: '6443',
    doc: 'Port of the embedded API server, for kubectl and other clients (TLS only); 0 = off: then nothing but the manifests is served.',
  },
  'api-bind': {
    type: 'address',
    section: 'API server',
    default: '127.0.0.1',
    doc: 'Address of the embedded API server. Its certificate is for this address; with 0.0.0.0 or :: for all of the machine.',
  },
  configmap: configMapFlag,
  'publish-status-address': publishStatusAddressFlag,
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
  'admin-token-file': adminTokenFlag,
} as const satisfies FlagTable;

export const processFlags = {
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

export const logFlags = {
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

/** Every flag of `sallyport up`, in the order of help text and reference. */
export const flagTable = {
  ...manifestFlags,
  ...servingFlags,
  ...apiFlags,
  ...acmeFlags,
  ...listenerFlags,
  ...processFlags,
  ...sharingFlags,
  ...forwardedFlags,
  ...logFlags,
  ...limitFlags,
  ...http2Flags,
  ...timeoutFlags,
  ...upstreamFlags,
  ...streamFlags,
} as const satisfies FlagTable;

export type UpFlags = FlagValues<typeof flagTable>;
