// Writes the manifests that Sallyport serves in a measure: YAML as people write it, one application (Service, EndpointSlice,
// Ingress) in each file.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type VariantContext, hosts } from './variant.ts';

const filesPerFolder = 100;
const namespaces = 20;

export interface FleetSpec {
  readonly ingresses: number;
  readonly pathsPerIngress: number;
  readonly backendPort: number;
  /** All Ingresses of a namespace share one Service; otherwise each has its own. */
  readonly sharesService: boolean;
}

/** wrk/spread.lua makes the same names. */
export function fleetHost(index: number): string {
  return `h${String(index).padStart(5, '0')}.bench.example`;
}

function namespaceOf(index: number): string {
  return `team-${index % namespaces}`;
}

export function renderService(namespace: string, name: string, port: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: ${name}
spec:
  ports:
    - name: http
      port: 80
      targetPort: ${port}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-local
  namespace: ${namespace}
  labels:
    kubernetes.io/service-name: ${name}
addressType: IPv4
endpoints:
  - addresses:
      - 127.0.0.1
    conditions:
      ready: true
ports:
  - name: http
    port: ${port}
---
`;
}

function renderPath(path: string, pathType: string, service: string): string {
  return `          - path: ${path}
            pathType: ${pathType}
            backend:
              service:
                name: ${service}
                port:
                  number: 80
`;
}

interface IngressSpec {
  readonly namespace: string;
  readonly name: string;
  readonly host: string;
  readonly paths: readonly string[];
  readonly pathType?: 'Prefix' | 'ImplementationSpecific';
  readonly service: string;
  readonly tlsSecret?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function renderIngress({
  namespace,
  name,
  host,
  paths,
  pathType = 'Prefix',
  service,
  tlsSecret,
  annotations = {},
}: IngressSpec): string {
  const tls =
    tlsSecret === undefined
      ? ''
      : `  tls:\n    - hosts:\n        - ${host}\n      secretName: ${tlsSecret}\n`;
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
  labels:
    app.kubernetes.io/name: ${name}
    app.kubernetes.io/managed-by: bench
  annotations: ${JSON.stringify(annotations)}
spec:
${tls}  rules:
    - host: ${host}
      http:
        paths:
${paths.map((path) => renderPath(path, pathType, service)).join('')}`;
}

/** One route for the plain host and one for the TLS host, both to the backend. */
export function writeVariantManifests(folder: string, context: VariantContext): void {
  mkdirSync(folder, { recursive: true });
  const namespace = 'default';
  const encode = (path: string): string => readFileSync(path).toString('base64');
  const secret = `apiVersion: v1
kind: Secret
metadata:
  name: bench-tls
type: kubernetes.io/tls
data:
  tls.crt: ${encode(context.certificatePath)}
  tls.key: ${encode(context.keyPath)}
---
`;
  const annotations: Readonly<Record<string, string>> =
    context.service.application === 'grpc' ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' } : {};
  const common = { namespace, paths: ['/'], service: 'web', annotations };
  const plain = renderIngress({ ...common, name: 'plain', host: hosts.plain });
  const tls = renderIngress({ ...common, name: 'tls', host: hosts.tls, tlsSecret: 'bench-tls' });
  const service = renderService(namespace, 'web', context.backendPort);
  writeFileSync(join(folder, 'web.yaml'), `${service}${secret}${plain}---\n${tls}`);
}

/** Many applications, and how to edit one of them. */
export class Fleet {
  readonly #folder: string;
  readonly #spec: FleetSpec;

  constructor(folder: string, spec: FleetSpec) {
    this.#folder = folder;
    this.#spec = spec;
  }

  write(otherPort: number): void {
    const { ingresses, backendPort } = this.#spec;
    for (let index = 0; index < ingresses; index += filesPerFolder)
      mkdirSync(this.#folderOf(index), { recursive: true });
    for (let index = 0; index < Math.min(namespaces, ingresses); index += 1) {
      const namespace = namespaceOf(index);
      const services =
        renderService(namespace, 'shared', backendPort) + renderService(namespace, 'other', otherPort);
      writeFileSync(join(this.#folder, `${namespace}.yaml`), services);
    }
    for (let index = 0; index < ingresses; index += 1)
      writeFileSync(this.#fileOf(index), this.#render(index, false));
  }

  /** Replaces one file as editors do: written beside, then renamed over it. Returns when it is saved. */
  edit(index: number, usesOther: boolean): void {
    const path = this.#fileOf(index);
    const draft = `${path}.draft`;
    writeFileSync(draft, this.#render(index, usesOther));
    renameSync(draft, path);
  }

  #folderOf(index: number): string {
    return join(this.#folder, `part-${String(Math.floor(index / filesPerFolder)).padStart(3, '0')}`);
  }

  #fileOf(index: number): string {
    return join(this.#folderOf(index), `${this.#nameOf(index)}.yaml`);
  }

  #nameOf(index: number): string {
    return `app-${String(index).padStart(5, '0')}`;
  }

  #render(index: number, usesOther: boolean): string {
    const { sharesService, backendPort, pathsPerIngress } = this.#spec;
    const namespace = namespaceOf(index);
    const name = this.#nameOf(index);
    const paths = Array.from({ length: pathsPerIngress }, (_, path) => `/p${String(path).padStart(2, '0')}`);
    const own = sharesService ? 'shared' : name;
    const service = sharesService ? '' : renderService(namespace, name, backendPort);
    return (
      service +
      renderIngress({ namespace, name, host: fleetHost(index), paths, service: usesOther ? 'other' : own })
    );
  }
}
