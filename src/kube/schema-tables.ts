// One schema per kind that kube/ knows, in each version that it reads. Go names from k8s.io/api.
import {
  always,
  boolean,
  bytes,
  free,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  structOf,
  text,
  textList,
  textMap,
  textOf,
  time,
} from './schema.ts';
import type { Member, Schema, StructSchema } from './schema.ts';

const objectMeta = structOf('v1.ObjectMeta', {
  name: always(text),
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: textOf('types.UID'),
  resourceVersion: text,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: int64,
  labels: textMap,
  annotations: textMap,
  ownerReferences: listOf(
    structOf('v1.OwnerReference', {
      apiVersion: always(text),
      kind: always(text),
      name: always(text),
      uid: always(textOf('types.UID')),
      controller: boolean,
      blockOwnerDeletion: boolean,
    }),
  ),
  finalizers: textList,
  managedFields: listOf(
    structOf('v1.ManagedFieldsEntry', {
      manager: text,
      operation: textOf('v1.ManagedFieldsOperationType'),
      apiVersion: text,
      time,
      fieldsType: text,
      fieldsV1: free,
      subresource: text,
    }),
  ),
});

function kindOf(goType: string, members: Readonly<Record<string, Schema | Member>>): StructSchema {
  return structOf(goType, {
    apiVersion: always(text),
    kind: always(text),
    metadata: always(objectMeta),
    ...members,
  });
}

/** Any object: only its metadata is known. */
export const unknownObjectSchema: StructSchema = kindOf('v1.PartialObjectMetadata', {});

const resourceReference = structOf('v1.TypedLocalObjectReference', {
  apiGroup: text,
  kind: always(text),
  name: always(text),
});
const serviceBackend = structOf('v1.IngressServiceBackend', {
  name: always(text),
  port: always(structOf('v1.ServiceBackendPort', { name: text, number: int32 })),
});
const backend = structOf('v1.IngressBackend', { service: serviceBackend, resource: resourceReference });
const legacyBackend = structOf('v1beta1.IngressBackend', {
  serviceName: text,
  servicePort: intOrString,
  resource: resourceReference,
});

function ingressSchema(version: 'v1' | 'v1beta1'): StructSchema {
  const isLegacy = version === 'v1beta1';
  const backendSchema = isLegacy ? legacyBackend : backend;
  const path = structOf(`${version}.HTTPIngressPath`, {
    path: text,
    pathType: textOf(`${version}.PathType`),
    backend: always(backendSchema),
  });
  const http = structOf(`${version}.HTTPIngressRuleValue`, { paths: always(listOf(path)) });
  const spec = structOf(`${version}.IngressSpec`, {
    ingressClassName: text,
    [isLegacy ? 'backend' : 'defaultBackend']: backendSchema,
    tls: listOf(structOf(`${version}.IngressTLS`, { hosts: textList, secretName: text })),
    rules: listOf(structOf(`${version}.IngressRule`, { host: text, http })),
  });
  const port = structOf(`${version}.IngressPortStatus`, {
    port: always(int32),
    protocol: always(textOf('v1.Protocol')),
    error: text,
  });
  const entry = structOf(`${version}.IngressLoadBalancerIngress`, {
    ip: text,
    hostname: text,
    ports: listOf(port),
  });
  const loadBalancer = structOf(`${version}.IngressLoadBalancerStatus`, { ingress: listOf(entry) });
  const status = structOf(`${version}.IngressStatus`, { loadBalancer });
  return kindOf(`${version}.Ingress`, { spec: always(spec), status });
}

function ingressClassSchema(version: 'v1' | 'v1beta1'): StructSchema {
  const parameters = structOf(`${version}.IngressClassParametersReference`, {
    apiGroup: text,
    kind: always(text),
    name: always(text),
    scope: text,
    namespace: text,
  });
  const spec = structOf(`${version}.IngressClassSpec`, { controller: always(text), parameters });
  return kindOf(`${version}.IngressClass`, { spec: always(spec) });
}

export const ingressV1Schema: StructSchema = ingressSchema('v1');
export const ingressLegacySchema: StructSchema = ingressSchema('v1beta1');
export const ingressClassV1Schema: StructSchema = ingressClassSchema('v1');
export const ingressClassLegacySchema: StructSchema = ingressClassSchema('v1beta1');

const protocol = textOf('v1.Protocol');

const servicePort = structOf('v1.ServicePort', {
  name: text,
  protocol,
  appProtocol: text,
  port: always(int32),
  targetPort: intOrString,
  nodePort: int32,
});
const serviceSpec = structOf('v1.ServiceSpec', {
  ports: listOf(servicePort),
  selector: textMap,
  clusterIP: text,
  clusterIPs: textList,
  type: textOf('v1.ServiceType'),
  externalIPs: textList,
  sessionAffinity: textOf('v1.ServiceAffinity'),
  loadBalancerIP: text,
  loadBalancerSourceRanges: textList,
  externalName: text,
  externalTrafficPolicy: textOf('v1.ServiceExternalTrafficPolicy'),
  healthCheckNodePort: int32,
  publishNotReadyAddresses: boolean,
  sessionAffinityConfig: structOf('v1.SessionAffinityConfig', {
    clientIP: structOf('v1.ClientIPConfig', { timeoutSeconds: int32 }),
  }),
  ipFamilies: listOf(textOf('v1.IPFamily')),
  ipFamilyPolicy: textOf('v1.IPFamilyPolicy'),
  allocateLoadBalancerNodePorts: boolean,
  loadBalancerClass: text,
  internalTrafficPolicy: textOf('v1.ServiceInternalTrafficPolicy'),
  trafficDistribution: text,
});
const serviceIngress = structOf('v1.LoadBalancerIngress', {
  ip: text,
  hostname: text,
  ipMode: textOf('v1.LoadBalancerIPMode'),
  ports: listOf(structOf('v1.PortStatus', { port: always(int32), protocol: always(protocol), error: text })),
});
export const serviceSchema: StructSchema = kindOf('v1.Service', {
  spec: always(serviceSpec),
  status: structOf('v1.ServiceStatus', {
    loadBalancer: structOf('v1.LoadBalancerStatus', { ingress: listOf(serviceIngress) }),
    conditions: listOf(free),
  }),
});

const objectReference = structOf('v1.ObjectReference', {
  kind: text,
  namespace: text,
  name: text,
  uid: textOf('types.UID'),
  apiVersion: text,
  resourceVersion: text,
  fieldPath: text,
});

const sliceEndpoint = structOf('v1.Endpoint', {
  addresses: always(textList),
  conditions: structOf('v1.EndpointConditions', { ready: boolean, serving: boolean, terminating: boolean }),
  hostname: text,
  targetRef: objectReference,
  deprecatedTopology: textMap,
  nodeName: text,
  zone: text,
  hints: structOf('v1.EndpointHints', {
    forZones: listOf(structOf('v1.ForZone', { name: always(text) })),
    forNodes: listOf(structOf('v1.ForNode', { name: always(text) })),
  }),
});
export const endpointSliceSchema: StructSchema = kindOf('v1.EndpointSlice', {
  addressType: always(textOf('v1.AddressType')),
  endpoints: always(listOf(sliceEndpoint)),
  ports: listOf(structOf('v1.EndpointPort', { name: text, protocol, port: int32, appProtocol: text })),
});

const endpointAddress = structOf('v1.EndpointAddress', {
  ip: always(text),
  hostname: text,
  nodeName: text,
  targetRef: objectReference,
});
export const endpointsSchema: StructSchema = kindOf('v1.Endpoints', {
  subsets: listOf(
    structOf('v1.EndpointSubset', {
      addresses: listOf(endpointAddress),
      notReadyAddresses: listOf(endpointAddress),
      ports: listOf(
        structOf('v1.EndpointPort', { name: text, port: always(int32), protocol, appProtocol: text }),
      ),
    }),
  ),
});

export const secretSchema: StructSchema = kindOf('v1.Secret', {
  immutable: boolean,
  data: mapOf(bytes),
  stringData: textMap,
  type: textOf('v1.SecretType'),
});

export const configMapSchema: StructSchema = kindOf('v1.ConfigMap', {
  immutable: boolean,
  data: textMap,
  binaryData: mapOf(bytes),
});

export const namespaceSchema: StructSchema = kindOf('v1.Namespace', {
  spec: structOf('v1.NamespaceSpec', { finalizers: listOf(textOf('v1.FinalizerName')) }),
  status: structOf('v1.NamespaceStatus', {
    phase: textOf('v1.NamespacePhase'),
    conditions: listOf(free),
  }),
});
