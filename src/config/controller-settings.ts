// The table of every flag of `sallyport controller`. Names, meanings and defaults are those of ingress-nginx 1.15 where it has the
// flag; what a chart of ingress-nginx passes is accepted, and what has no meaning here is accepted with a warning.
import { acmeFlags } from './acme-settings.ts';
import type { FlagSpec, FlagTable, FlagValues } from './flag-spec.ts';
import {
  adminTokenFlag,
  configMapFlag,
  logFlags,
  processFlags,
  publishStatusAddressFlag,
  servingFlags,
} from './settings.ts';
import {
  forwardedFlags,
  http2Flags,
  limitFlags,
  sharingFlags,
  streamFlags,
  timeoutFlags,
  upstreamFlags,
} from './traffic-settings.ts';

const clusterFlags = {
  kubeconfig: {
    type: 'text',
    section: 'Cluster',
    placeholder: 'FILE',
    default: '',
    defaultText: '$KUBECONFIG, else ~/.kube/config, else the service account of the pod',
    doc: 'File that says how to reach the API server.',
  },
  context: {
    type: 'text',
    section: 'Cluster',
    placeholder: 'NAME',
    default: '',
    defaultText: 'the current context',
    doc: 'Context of the kubeconfig.',
  },
  'apiserver-host': {
    type: 'text',
    section: 'Cluster',
    placeholder: 'URL',
    default: '',
    defaultText: 'that of the kubeconfig',
    doc: 'URL of the API server, instead of the one in the kubeconfig.',
  },
  'certificate-authority': {
    type: 'text',
    section: 'Cluster',
    placeholder: 'FILE',
    default: '',
    defaultText: 'that of the kubeconfig',
    doc: 'PEM file of the authority that signed the certificate of the API server.',
  },
  'watch-namespace': {
    type: 'text',
    section: 'Cluster',
    placeholder: 'NAME',
    default: '',
    defaultText: 'all namespaces',
    doc: 'Serve the Ingresses of this namespace only, and read nothing of others. Not together with --watch-namespace-selector.',
  },
  'watch-namespace-selector': {
    type: 'text',
    section: 'Cluster',
    placeholder: 'SELECTOR',
    default: '',
    defaultText: 'all namespaces',
    doc: 'Serve the Ingresses of the namespaces whose labels match, for example team=shop.',
  },
  configmap: configMapFlag,
  'ingress-class-by-name': {
    type: 'switch',
    section: 'Objects',
    default: 'false',
    doc: 'Serve the IngressClass whose name is that of --ingress-class too, whatever its controller.',
  },
  'disable-catch-all': {
    type: 'switch',
    section: 'Objects',
    default: 'false',
    doc: 'Do not serve the spec.defaultBackend of Ingresses.',
  },
  'disable-svc-external-name': {
    type: 'switch',
    section: 'Objects',
    default: 'false',
    doc: 'Answer 503 for backends that are Services of type ExternalName.',
  },
} as const satisfies FlagTable;

const replicaFlags = {
  'limits-share': {
    type: 'object-name',
    section: 'Objects',
    default: '',
    defaultText: 'none: each replica counts alone, as in ingress-nginx',
    doc: 'Service whose ready endpoints are the replicas among which the limits of clients (limit-rps, limit-rpm, limit-connections) are divided evenly.',
  },
} as const satisfies FlagTable;

const statusFlags = {
  'publish-service': {
    type: 'object-name',
    section: 'Status',
    default: '',
    defaultText: 'none',
    doc: 'Service whose addresses are written into the status of the Ingresses. Without it and --publish-status-address: the addresses of the nodes on which the controller runs.',
  },
  'publish-status-address': { ...publishStatusAddressFlag, defaultText: 'worked out, see --publish-service' },
  'report-node-internal-ip-address': {
    type: 'switch',
    section: 'Status',
    default: 'false',
    doc: 'Of the nodes, take the internal address instead of the external one.',
  },
  'update-status': {
    type: 'switch',
    section: 'Status',
    default: 'true',
    doc: 'Write the addresses into the status of the Ingresses.',
  },
  'update-status-on-shutdown': {
    type: 'switch',
    section: 'Status',
    default: 'true',
    doc: 'Take the addresses away when the last replica shuts down.',
  },
  'status-update-interval': {
    type: 'duration',
    section: 'Status',
    default: '60s',
    doc: 'Between two looks at the addresses, besides every change that is seen; at least 5s.',
  },
} as const satisfies FlagTable;

const electionFlags = {
  'election-id': {
    type: 'text',
    section: 'Leader election',
    placeholder: 'NAME',
    default: 'sallyport-leader',
    doc: 'Name of the Lease by which the replicas choose the one that writes status and Events.',
  },
  'election-namespace': {
    type: 'text',
    section: 'Leader election',
    placeholder: 'NAME',
    default: '',
    defaultText: '$POD_NAMESPACE, else that of the service account or of the context',
    doc: 'Namespace of the Lease.',
  },
  'election-ttl': {
    type: 'duration',
    section: 'Leader election',
    default: '15s',
    doc: 'How long a leader that is not heard of stays leader. It renews within two thirds of it and tries every 2/15.',
  },
  'disable-leader-election': {
    type: 'switch',
    section: 'Leader election',
    default: 'false',
    doc: 'Always lead; for a single replica.',
  },
} as const satisfies FlagTable;

const webhookFlags = {
  'validating-webhook': {
    type: 'text',
    section: 'Validating webhook',
    placeholder: '[ADDR]:PORT',
    default: '',
    defaultText: 'off',
    doc: 'Address of the admission webhook, for example :8443: it refuses Ingresses that would not be served.',
  },
  'validating-webhook-certificate': {
    type: 'text',
    section: 'Validating webhook',
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'PEM file of the certificate of the webhook; read again when it changes.',
  },
  'validating-webhook-key': {
    type: 'text',
    section: 'Validating webhook',
    placeholder: 'FILE',
    default: '',
    defaultText: 'none',
    doc: 'PEM file of the key of the webhook; read again when it changes.',
  },
} as const satisfies FlagTable;

const listenerFlags = {
  bind: {
    type: 'address',
    section: 'Listeners',
    default: '::',
    doc: 'Address of the HTTP and HTTPS listeners; :: is every address, v4 and v6.',
  },
  'http-port': {
    type: 'port',
    section: 'Listeners',
    default: '80',
    doc: 'Port of the HTTP listener; 0 = off.',
  },
  'https-port': {
    type: 'port',
    section: 'Listeners',
    default: '443',
    doc: 'Port of the HTTPS listener; 0 = off.',
  },
  'public-https-port': {
    type: 'auto-port',
    section: 'Listeners',
    default: 'auto',
    doc: 'Port that clients use for HTTPS, for X-Forwarded-Port. auto: 443.',
  },
  'healthz-port': {
    type: 'port',
    section: 'Listeners',
    default: '10254',
    doc: 'Port of the admin listener (/healthz, /readyz, /metrics); 0 = off.',
  },
  'healthz-host': {
    type: 'address',
    section: 'Listeners',
    default: '::',
    doc: 'Address of the admin listener.',
  },
  'admin-token-file': adminTokenFlag,
  'health-check-path': {
    type: 'text',
    section: 'Listeners',
    placeholder: 'PATH',
    default: '/healthz',
    doc: 'A further path of the admin listener that answers as /healthz does.',
  },
} as const satisfies FlagTable;

/** What ingress-nginx has and this program does otherwise, or always. */
const switchesWithoutEffect = [
  'deep-inspect',
  'disable-full-test',
  'disable-sync-events',
  'dynamic-configuration-retries',
  'enable-annotation-validation',
  'enable-metrics',
  'enable-ssl-chain-completion',
  'enable-topology-aware-routing',
  'exclude-socket-metrics',
  'metrics-per-host',
  'metrics-per-undefined-host',
  'profiling',
  'report-status-classes',
] as const;
const textsWithoutEffect = [
  'bucket-factor',
  'default-server-port',
  'health-check-timeout',
  'internal-logger-address',
  'length-buckets',
  'maxmind-edition-ids',
  'maxmind-license-key',
  'maxmind-mirror',
  'maxmind-retries-count',
  'maxmind-retries-timeout',
  'monitor-max-batch-size',
  'post-shutdown-grace-period',
  'profiler-port',
  'size-buckets',
  'ssl-passthrough-proxy-port',
  'status-port',
  'stream-port',
  'sync-period',
  'sync-rate-limit',
  'time-buckets',
  'v',
] as const;

function withoutEffect(type: 'switch' | 'text'): FlagSpec {
  const doc = 'A flag of ingress-nginx that has no effect here.';
  const none = type === 'switch' ? 'false' : '';
  return { type, section: 'Accepted without effect', default: none, defaultText: 'none', doc };
}

/** Every flag that is accepted and does nothing. */
export const ineffectiveFlags: FlagTable = Object.fromEntries([
  ...switchesWithoutEffect.map((name) => [name, withoutEffect('switch')] as const),
  ...textsWithoutEffect.map((name) => [name, withoutEffect('text')] as const),
]);

const { 'watch-ingress-without-class': withoutClass, ...otherServingFlags } = servingFlags;

/** Every flag of `sallyport controller` that does something, in the order of help text and reference. */
export const controllerFlagTable = {
  ...clusterFlags,
  ...otherServingFlags,
  'watch-ingress-without-class': { ...withoutClass, default: 'false' },
  ...replicaFlags,
  ...statusFlags,
  ...electionFlags,
  ...webhookFlags,
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

export type ControllerFlags = FlagValues<typeof controllerFlagTable>;
