// Ingress and IngressClass, in v1 and in the legacy versions: networking.k8s.io/v1beta1 and extensions/v1beta1 are one shape.
import {
  atomic,
  atomicList,
  field,
  filled,
  int32,
  intOrString,
  pointer,
  required,
  structOf,
  text,
  textOf,
  within,
} from '../schema.ts';
import type { Member, StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';
import { typedLocalObjectReference } from './references.ts';

type Version = 'v1' | 'v1beta1';

const resource: Member = field(
  3,
  typedLocalObjectReference,
  'An object that answers instead of a Service; excludes the Service.',
);

const serviceBackendPort: StructSchema = atomic(
  structOf('v1.ServiceBackendPort', {
    name: field(1, text, 'Name of the port of the Service; excludes number.'),
    number: field(2, int32, 'Number of the port of the Service; excludes name.'),
  }),
);
const serviceBackend: StructSchema = structOf('v1.IngressServiceBackend', {
  name: required(1, text, 'The Service, in the namespace of the Ingress.'),
  port: filled(2, serviceBackendPort, 'The port of the Service.'),
});
const backend: StructSchema = structOf('v1.IngressBackend', {
  service: field(4, serviceBackend, 'A Service and its port; excludes resource.'),
  resource,
});
const legacyBackend: StructSchema = structOf('v1beta1.IngressBackend', {
  serviceName: field(1, text, 'The Service, in the namespace of the Ingress.'),
  servicePort: field(2, intOrString, 'Name or number of the port of the Service.'),
  resource,
});

function pathSchema(version: Version): StructSchema {
  const isLegacy = version === 'v1beta1';
  const pathTypeDoc =
    '`Exact`, `Prefix` (whole elements, split at `/`) or `ImplementationSpecific`: how path is compared.';
  return structOf(`${version}.HTTPIngressPath`, {
    path: field(1, text, 'Path of the request URL; starts with `/`.'),
    pathType: field(3, textOf(`${version}.PathType`), pathTypeDoc, {
      isPointer: true,
      isRequired: !isLegacy,
    }),
    backend: required(2, isLegacy ? legacyBackend : backend, 'Where matching requests are sent.'),
  });
}

function ruleSchema(version: Version): StructSchema {
  const http = structOf(`${version}.HTTPIngressRuleValue`, {
    paths: required(
      1,
      atomicList(pathSchema(version)),
      'Paths of the host with their backends; the longest match wins.',
    ),
  });
  return structOf(`${version}.IngressRule`, {
    host: field(1, text, 'Host name, exact or `*.` and a domain for one more label; empty for all hosts.'),
    ...within(2, 'IngressRuleValue', {
      http: field(1, http, 'What is done with requests for the host; absent: the default backend.'),
    }),
  });
}

function specSchema(version: Version): StructSchema {
  const isLegacy = version === 'v1beta1';
  const tls = structOf(`${version}.IngressTLS`, {
    hosts: field(1, atomicList(text), 'Hosts that the certificate is for; empty: all hosts of the Ingress.'),
    secretName: field(2, text, 'Secret of type `kubernetes.io/tls` with certificate and key.'),
  });
  return structOf(`${version}.IngressSpec`, {
    ingressClassName: pointer(
      4,
      text,
      'The IngressClass, and so the controller, that is to serve the Ingress.',
    ),
    [isLegacy ? 'backend' : 'defaultBackend']: field(
      1,
      isLegacy ? legacyBackend : backend,
      'Where requests go that match no rule; required without rules.',
    ),
    tls: field(2, atomicList(tls), 'Certificates, by host.'),
    rules: field(3, atomicList(ruleSchema(version)), 'Where requests go, by host and path.'),
  });
}

function statusSchema(version: Version): StructSchema {
  const port = structOf(`${version}.IngressPortStatus`, {
    port: required(1, int32, 'Port number.'),
    protocol: required(2, textOf('v1.Protocol'), '`TCP`, `UDP` or `SCTP`.'),
    error: pointer(3, text, 'Why the port is not served, as a CamelCase word.'),
  });
  const entry = structOf(`${version}.IngressLoadBalancerIngress`, {
    ip: field(1, text, 'Address at which the Ingress is reached.'),
    hostname: field(2, text, 'Host name at which the Ingress is reached, when it has no fixed address.'),
    ports: field(4, atomicList(port), 'State of the single ports.'),
  });
  const loadBalancer = structOf(`${version}.IngressLoadBalancerStatus`, {
    ingress: field(1, atomicList(entry), 'The points at which the Ingress takes traffic.'),
  });
  return structOf(`${version}.IngressStatus`, {
    loadBalancer: filled(1, loadBalancer, 'Where the Ingress is reached.'),
  });
}

function ingressSchema(version: Version): StructSchema {
  return kindOf(`${version}.Ingress`, {
    spec: filled(2, specSchema(version), 'What is to be routed where.'),
    status: field(3, statusSchema(version), 'Where the Ingress is reached; written by its controller.'),
  });
}

function ingressClassSchema(version: Version): StructSchema {
  const parameters = structOf(`${version}.IngressClassParametersReference`, {
    apiGroup: pointer(1, text, 'Group of the parameters object; absent for the core group.'),
    kind: required(2, text, 'Kind of the parameters object.'),
    name: required(3, text, 'Name of the parameters object.'),
    scope: pointer(4, text, '`Cluster` (default) or `Namespace`: where the object lives.'),
    namespace: pointer(5, text, 'Its namespace; required for scope `Namespace`, forbidden otherwise.'),
  });
  const spec = structOf(`${version}.IngressClassSpec`, {
    controller: filled(
      1,
      text,
      'The controller that serves the class, e.g. `acme.io/ingress`; cannot be changed.',
    ),
    parameters: field(2, parameters, 'An object with further settings that the controller understands.'),
  });
  return kindOf(`${version}.IngressClass`, { spec: filled(2, spec, 'What the class stands for.') });
}

export const ingressV1Schema: StructSchema = ingressSchema('v1');
export const ingressLegacySchema: StructSchema = ingressSchema('v1beta1');
export const ingressClassV1Schema: StructSchema = ingressClassSchema('v1');
export const ingressClassLegacySchema: StructSchema = ingressClassSchema('v1beta1');
