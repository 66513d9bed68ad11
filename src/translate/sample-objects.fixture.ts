// What the tests of translate/ share: small valid objects, options, and readings of tables.
import type { AnnotationKey, Feature } from '../features/index.ts';
import { defineFeature } from '../features/index.ts';
import type {
  EndpointSlice,
  HttpIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressSpec,
  KubeObject,
  PathType,
  Secret,
  Service,
  ServicePort,
  SliceEndpoint,
} from '../kube/index.ts';
import type { Problem, RouteTable } from '../model/index.ts';
import type { ObjectChange, TranslateOptions } from './options.ts';
import { translate } from './translator.ts';

/** Standing alone, without features unless given. */
export function sampleOptions(part: Partial<TranslateOptions> = {}): TranslateOptions {
  return {
    controllerName: 'sallyport.dev/ingress-controller',
    ingressClassAnnotation: 'sallyport',
    watchIngressWithoutClass: true,
    ingressClassByName: false,
    disableCatchAll: false,
    disableExternalName: false,
    passesTls: false,
    tcpServices: null,
    udpServices: null,
    configMap: null,
    defaultBackendService: null,
    defaultCertificate: null,
    challengeSecret: null,
    annotationPrefixes: { nginx: 'nginx.ingress.kubernetes.io', sallyport: 'sallyport.dev' },
    allowLoopbackEndpoints: true,
    ownListeners: [],
    features: [],
    ...part,
  };
}

export interface SampleMeta {
  readonly namespace?: string;
  readonly name?: string;
  /** Day of January 2026 on which it was created; absent: no timestamp. */
  readonly day?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

function metadataOf({ namespace = 'shop', name = 'web', day, annotations }: SampleMeta): Ingress['metadata'] {
  return {
    namespace,
    name,
    ...(day === undefined ? {} : { creationTimestamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** `Ingress shop/web`. */
export function sampleIngress(spec: IngressSpec, meta: SampleMeta = {}): Ingress {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: metadataOf(meta), spec };
}

/** `sampleBackend('app')` is port 80, `sampleBackend('app', 'http')` a named one. */
export function sampleBackend(name: string, port: number | string = 80): IngressBackend {
  return { service: { name, port: typeof port === 'number' ? { number: port } : { name: port } } };
}

export function samplePath(path: string, service = 'app', pathType: PathType = 'Prefix'): HttpIngressPath {
  return { path, pathType, backend: sampleBackend(service) };
}

/** A rule whose paths lead to one Service. */
export function sampleRule(
  host: string,
  paths: readonly (string | HttpIngressPath)[],
  service = 'app',
): NonNullable<IngressSpec['rules']>[number] {
  const list = paths.map((path) => (typeof path === 'string' ? samplePath(path, service) : path));
  return { ...(host === '' ? {} : { host }), http: { paths: list } };
}

/** `IngressClass sallyport`, ours unless another controller is named. */
export function sampleClass(
  name = 'sallyport',
  controller = 'sallyport.dev/ingress-controller',
): IngressClass {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name },
    spec: { controller },
  };
}

/** `Service shop/app` with port 80 to 8080. */
export function sampleService(
  name = 'app',
  ports: readonly Partial<ServicePort>[] = [{ port: 80, targetPort: 8080 }],
  namespace = 'shop',
): Service {
  const full = ports.map(
    (port): ServicePort => ({ protocol: 'TCP', port: 80, targetPort: port.port ?? 80, ...port }),
  );
  const spec: Service['spec'] = { type: 'ClusterIP', sessionAffinity: 'None', ports: full };
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec };
}

/** `EndpointSlice shop/app-1` of Service `app`, port 8080. */
export function sampleSlice(
  endpoints: readonly (string | SliceEndpoint)[],
  part: Partial<EndpointSlice> & {
    readonly service?: string;
    readonly name?: string;
    readonly namespace?: string;
  } = {},
): EndpointSlice {
  const { service = 'app', name = `${service}-1`, namespace = 'shop', ...rest } = part;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: endpoints.map((each) => (typeof each === 'string' ? { addresses: [each] } : each)),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    ...rest,
  };
}

/** `Secret shop/NAME` of two texts, PEM as a rule. */
export function sampleSecret(name: string, crt: string, key: string, namespace = 'shop'): Secret {
  const data = { 'tls.crt': btoa(crt), 'tls.key': btoa(key) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'kubernetes.io/tls', data };
}

/** The Service and the endpoint that make `sampleBackend('app')` whole. */
export const sampleApp: readonly KubeObject[] = [sampleService(), sampleSlice(['10.0.0.1'])];

/** A feature with one key, whose values are `good`, `other` and anything that starts with `ok`; its policy is the value. */
export function sampleFeature(name: string, part: Partial<AnnotationKey> = {}): Feature {
  const key: AnnotationKey = {
    name,
    dialect: 'nginx',
    parse: (text) => (/^(?:good|other|ok.*)$/.test(text) ? { value: text } : { wanted: '"good" or "other"' }),
    scope: 'route',
    risk: 'low',
    onInvalid: 'default',
    defaultText: 'none',
    valueText: 'good',
    doc: 'For tests.',
    ...part,
  };
  return defineFeature<string>({
    name,
    doc: 'For tests.',
    keys: [key],
    after: [],
    compile: (values) => {
      const value = values.get(key.name);
      return typeof value === 'string' ? value : null;
    },
    describe: (policy) => policy,
  });
}

export function setAll(objects: readonly KubeObject[]): ObjectChange[] {
  return objects.map((object) => ({ kind: 'set', object }));
}

/** Routes of a host as `KIND PATH → BACKEND by ID`, in order, the fallback last. */
export function readRoutes(table: RouteTable, host: string): string[] {
  const unit = table.hosts.get(host);
  if (unit === undefined) return [];
  const routes = unit.routes.map(({ match, backend, id }) => {
    const target = backend.kind === 'upstream' ? backend.upstream : `${backend.status} ${backend.reason}`;
    return `${match.kind} ${match.path} → ${target} by ${id}`;
  });
  const fallback = unit.fallback;
  return fallback === null ? routes : [...routes, `fallback by ${fallback.id}`];
}

/** Problems as `SEVERITY CODE KIND NAME FIELD`. */
export function readProblems(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ severity, code, object, field }) =>
      `${severity} ${code} ${object.kind} ${object.namespace === undefined ? '' : `${object.namespace}/`}${object.name} ${field}`,
  );
}

/** From scratch, at the beginning of 2026. */
export function translateSample(
  objects: readonly KubeObject[],
  part: Partial<TranslateOptions> = {},
): ReturnType<typeof translate> {
  return translate(objects, sampleOptions(part), sampleNowMs);
}

export const sampleNowMs: number = Date.UTC(2027, 0, 1);
