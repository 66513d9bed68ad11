// The objects of the guides' worlds, as one manifest: a host for each protocol.
import type { Identity, TestAuthority } from '../../behaviour/test-authority.ts';
import type { Backends } from './backends.ts';
import type { OwnCertificate } from './world.ts';

export interface Ports {
  readonly http: number;
  readonly https: number;
  readonly admin: number;
  readonly tcp: number;
  readonly udp: number;
}

export interface WorldParts {
  readonly backends: Backends;
  readonly secrets: {
    readonly shop: OwnCertificate;
    readonly vault: OwnCertificate;
    /** Authority over the clients. */
    readonly clients: string;
    readonly status: { readonly authority: TestAuthority; readonly identity: Identity };
  };
  /** Where the stream services listen. */
  readonly tcp: number;
  readonly udp: number;
}

interface IngressParts {
  readonly path?: string;
  readonly secret?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, unknown>>;

const nginx = 'nginx.ingress.kubernetes.io/';

function ingress(
  host: string,
  service: string,
  { path = '/', secret, annotations = {} }: IngressParts = {},
): Fields {
  const backend = { service: { name: service, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: path === '/' ? host : `${host}-${path.slice(1)}`,
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [key.includes('/') ? key : nginx + key, value]),
      ),
    },
    spec: {
      rules: [{ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } }],
      ...(secret === undefined ? {} : { tls: [{ hosts: [host], secretName: secret }] }),
    },
  };
}

function service(name: string, port: number, part: Fields = {}): Fields[] {
  const protocol = 'protocol' in part ? part['protocol'] : 'TCP';
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ port: 80, ...part }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['127.0.0.1'] }],
      ports: [{ port, protocol }],
    },
  ];
}

function secret(name: string, stringData: Readonly<Record<string, string>>): Fields {
  const type = 'tls.crt' in stringData ? 'kubernetes.io/tls' : 'Opaque';
  return { apiVersion: 'v1', kind: 'Secret', type, metadata: { name }, stringData };
}

function configMap(name: string, data: Readonly<Record<string, string>>): Fields {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** "open sesame": by libxcrypt, and as RFC 7616 has it for the realm "The back office". */
const staff = 'anna:$2y$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK\n';
const digests = 'anna:The back office:003619b38dec226ca10966551e212b1b\n';

export function renderObjects({ backends, secrets, tcp, udp }: WorldParts): string {
  const { shop, vault, clients, status } = secrets;
  const verified = {
    'backend-protocol': 'HTTPS',
    'proxy-ssl-secret': 'default/vault-ca',
    'proxy-ssl-verify': 'on',
  };
  const objects = [
    ...service('web', backends.web),
    ...service('h2', backends.h2c, { appProtocol: 'kubernetes.io/h2c' }),
    ...service('vault', backends.tls),
    ...service('health', backends.grpc),
    ...service('db', backends.tcp),
    ...service('dns', backends.udp, { protocol: 'UDP' }),
    secret('shop-tls', { 'tls.crt': shop.cert, 'tls.key': shop.key }),
    secret('vault-ca', { 'ca.crt': vault.cert }),
    secret('client-ca', { 'ca.crt': clients }),
    secret('status-tls', {
      'tls.crt': status.identity.cert + status.authority.pem,
      'tls.key': status.identity.key,
    }),
    secret('staff', { auth: staff }),
    secret('digests', { auth: digests }),
    configMap('settings', { 'enable-ocsp': 'true', 'ocsp-private-responders': 'true' }),
    configMap('tcp', { [tcp]: 'default/db:80' }),
    configMap('udp', { [udp]: 'default/dns:80' }),
    ingress('shop.test', 'web', { secret: 'shop-tls' }),
    ingress('till.test', 'web', {
      secret: 'shop-tls',
      annotations: { 'auth-tls-secret': 'default/client-ca', 'auth-tls-match-cn': 'CN=till-[0-9]+,O=Shop' },
    }),
    ingress('help.test', 'web', {
      secret: 'shop-tls',
      annotations: { 'auth-tls-secret': 'default/client-ca', 'auth-tls-error-page': '/no-certificate' },
    }),
    ingress('office.localhost', 'web', {
      annotations: { 'auth-type': 'basic', 'auth-secret': 'staff', 'auth-realm': 'The back office' },
    }),
    ingress('digest.localhost', 'web', {
      annotations: { 'auth-type': 'digest', 'auth-secret': 'digests', 'auth-realm': 'The back office' },
    }),
    ingress('localhost', 'web'),
    ingress('localhost', 'h2', { path: '/h2' }),
    ingress('h2.localhost', 'h2'),
    ingress('health.localhost', 'health', { annotations: { 'backend-protocol': 'GRPC' } }),
    ingress('secure.localhost', 'vault', {
      annotations: { ...verified, 'proxy-ssl-name': 'vault.example.com' },
    }),
    ingress('wrong.localhost', 'vault', {
      annotations: { ...verified, 'proxy-ssl-name': 'other.example.com' },
    }),
    ingress('vault.example.com', 'vault', { annotations: { 'ssl-passthrough': 'true' } }),
    ingress('status.test', 'web', { secret: 'status-tls' }),
    ingress('shop.example.com', 'web', {
      secret: 'ordered-tls',
      annotations: { 'sallyport.dev/acme': 'true' },
    }),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
}
