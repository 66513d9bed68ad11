// Conversion between the legacy versions of the Ingress family and v1, both ways (networking v1beta1/conversion.go,
// extensions v1beta1/conversion.go). Legacy objects are defaulted before they are converted, as the server does.
import type {
  HttpIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressRule,
  ServiceBackendPort,
} from './ingress-types.ts';
import type {
  LegacyHttpIngressPath,
  LegacyIngress,
  LegacyIngressBackend,
  LegacyIngressClass,
  LegacyIngressRule,
  LegacyIngressVersion,
} from './legacy-types.ts';

/** A legacy Ingress in v1. A missing pathType becomes `ImplementationSpecific`. */
export function ingressFromLegacy(legacy: LegacyIngress): Ingress {
  const { backend, rules, ...spec } = legacy.spec;
  return {
    ...legacy,
    apiVersion: 'networking.k8s.io/v1',
    spec: {
      ...spec,
      ...(backend === undefined ? {} : { defaultBackend: backendFromLegacy(backend) }),
      ...(rules === undefined ? {} : { rules: rules.map(ruleFromLegacy) }),
    },
  };
}

function ruleFromLegacy({ http, ...rule }: LegacyIngressRule): IngressRule {
  return http === undefined ? rule : { ...rule, http: { paths: http.paths.map(pathFromLegacy) } };
}

function pathFromLegacy({ pathType, backend, ...path }: LegacyHttpIngressPath): HttpIngressPath {
  return {
    ...path,
    pathType: pathType ?? 'ImplementationSpecific',
    backend: backendFromLegacy(backend),
  };
}

/** A service exists if it is named, or its port is a number other than 0 or any text. */
function backendFromLegacy(legacy: LegacyIngressBackend): IngressBackend {
  const { serviceName = '', servicePort = 0, resource } = legacy;
  const hasService = serviceName !== '' || servicePort !== 0;
  return {
    ...(hasService ? { service: { name: serviceName, port: portFromLegacy(servicePort) } } : {}),
    ...(resource === undefined ? {} : { resource }),
  };
}

function portFromLegacy(port: string | number): ServiceBackendPort {
  if (typeof port === 'string') return { name: port };
  return port === 0 ? {} : { number: port };
}

/** A v1 Ingress in a legacy version. */
export function ingressToLegacy(ingress: Ingress, apiVersion: LegacyIngressVersion): LegacyIngress {
  const { defaultBackend, rules, ...spec } = ingress.spec;
  return {
    ...ingress,
    apiVersion,
    spec: {
      ...spec,
      ...(defaultBackend === undefined ? {} : { backend: backendToLegacy(defaultBackend) }),
      ...(rules === undefined ? {} : { rules: rules.map(ruleToLegacy) }),
    },
  };
}

function ruleToLegacy({ http, ...rule }: IngressRule): LegacyIngressRule {
  if (http === undefined) return rule;
  const paths = http.paths.map(({ backend, ...path }) => ({ ...path, backend: backendToLegacy(backend) }));
  return { ...rule, http: { paths } };
}

/** A port's name wins over its number. */
function backendToLegacy({ service, resource }: IngressBackend): LegacyIngressBackend {
  const portName = service?.port?.name ?? '';
  const servicePort = portName === '' ? (service?.port?.number ?? 0) : portName;
  return {
    ...(service === undefined || service.name === '' ? {} : { serviceName: service.name }),
    ...(servicePort === 0 ? {} : { servicePort }),
    ...(resource === undefined ? {} : { resource }),
  };
}

/** A legacy IngressClass in v1. */
export function ingressClassFromLegacy(legacy: LegacyIngressClass): IngressClass {
  return { ...legacy, apiVersion: 'networking.k8s.io/v1' };
}

/** A v1 IngressClass in the legacy version. */
export function ingressClassToLegacy(ingressClass: IngressClass): LegacyIngressClass {
  return { ...ingressClass, apiVersion: 'networking.k8s.io/v1beta1' };
}

const deprecations: ReadonlyMap<string, string> = new Map([
  [
    'extensions/v1beta1 Ingress',
    'is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ],
  [
    'networking.k8s.io/v1beta1 Ingress',
    'is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress',
  ],
  [
    'networking.k8s.io/v1beta1 IngressClass',
    'is deprecated in v1.19+, unavailable in v1.22+; use networking.k8s.io/v1 IngressClass',
  ],
  ['v1 Endpoints', 'is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
]);

/** The warning that the API server sends with answers about a deprecated version, or undefined. */
export function deprecationWarning(apiVersion: string, kind: string): string | undefined {
  const name = `${apiVersion} ${kind}`;
  const text = deprecations.get(name);
  return text === undefined ? undefined : `${name} ${text}`;
}
