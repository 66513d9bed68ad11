// Rows of what traffic is routed by: networking.k8s.io with its legacy version, discovery.k8s.io, and extensions, which is a view of the
// same Ingresses.
import {
  defaultEndpointSlice,
  defaultIngressClass,
  ingressClassFromLegacy,
  ingressClassToLegacy,
  ingressFromLegacy,
  ingressToLegacy,
  type Ingress,
  type LegacyIngressClass,
  type LegacyIngressVersion,
  type UndefaultedIngressClass,
} from '../../../kube/index.ts';
import {
  endpointSlicePrinter,
  ingressClassPrinter,
  ingressPrinter,
  networkPolicyPrinter,
} from '../../tables/index.ts';
import type { Resource, ResourceVersion } from '../resource.ts';
import { endpointSliceStrategy } from '../strategies/endpoint-strategies.ts';
import { ingressClassStrategy, ingressStrategy } from '../strategies/ingress-strategy.ts';
import { plainStrategy } from '../strategies/plain-strategy.ts';
import { convertsWith } from '../strategies/typed-strategy.ts';
import { defaultNetworkPolicy } from '../workload-defaults.ts';
import { openSchema, resourceOf, versionOf } from './row.ts';

const networkingVersion = 'networking.k8s.io/v1';

function legacyIngressVersion(apiVersion: LegacyIngressVersion): ResourceVersion {
  return versionOf(apiVersion, 'Ingress', {
    toStorage: convertsWith(ingressFromLegacy),
    fromStorage: convertsWith((ingress: Ingress) => ingressToLegacy(ingress, apiVersion)),
  });
}

const legacyIngressClassVersion: ResourceVersion = versionOf('networking.k8s.io/v1beta1', 'IngressClass', {
  toStorage: convertsWith((legacy: UndefaultedIngressClass) =>
    // Both versions have one shape, so that the defaults of one are those of the other.
    ingressClassFromLegacy(defaultIngressClass(legacy) as unknown as LegacyIngressClass),
  ),
  fromStorage: convertsWith(ingressClassToLegacy),
});

const ingressNames = {
  plural: 'ingresses',
  kind: 'Ingress',
  shortNames: ['ing'],
  storage: 'networking.k8s.io/ingresses',
  storageApiVersion: networkingVersion,
  printer: ingressPrinter,
  doc: 'Rules by which requests from outside, by host and path, reach Services.',
};

export const networkingRows: readonly Resource[] = [
  resourceOf({
    group: 'networking.k8s.io',
    plural: 'ingressclasses',
    kind: 'IngressClass',
    namespaced: false,
    versions: [
      versionOf(networkingVersion, 'IngressClass', { toStorage: convertsWith(defaultIngressClass) }),
      legacyIngressClassVersion,
    ],
    strategy: ingressClassStrategy,
    printer: ingressClassPrinter,
    doc: 'Which controller fulfils the Ingresses that name the class.',
  }),
  resourceOf({
    ...ingressNames,
    group: 'networking.k8s.io',
    subresources: ['status'],
    versions: [versionOf(networkingVersion, 'Ingress'), legacyIngressVersion('networking.k8s.io/v1beta1')],
    strategy: ingressStrategy('v1'),
  }),
  resourceOf({
    group: 'networking.k8s.io',
    plural: 'networkpolicies',
    singular: 'networkpolicy',
    kind: 'NetworkPolicy',
    shortNames: ['netpol'],
    versions: [
      versionOf(networkingVersion, 'NetworkPolicy', {
        schema: openSchema(networkingVersion, 'NetworkPolicy'),
        toStorage: convertsWith(defaultNetworkPolicy),
      }),
    ],
    strategy: plainStrategy({ namespaced: true, hasGeneration: true }),
    printer: networkPolicyPrinter,
    doc: 'Which traffic pods accept and send. Policies are stored here; nothing enforces them.',
  }),
];

export const endpointSliceRow: Resource = resourceOf({
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  versions: [
    versionOf('discovery.k8s.io/v1', 'EndpointSlice', { toStorage: convertsWith(defaultEndpointSlice) }),
  ],
  strategy: endpointSliceStrategy,
  printer: endpointSlicePrinter,
  doc: 'Addresses and ports behind the Service that its label names.',
});

/** After networking.k8s.io, so that the bare word `ingress` means the newer group. */
export const extensionsRow: Resource = resourceOf({
  ...ingressNames,
  group: 'extensions',
  subresources: ['status'],
  versions: [legacyIngressVersion('extensions/v1beta1')],
  strategy: ingressStrategy('legacy'),
});
