// Ingress and IngressClass. The version of the request decides which fields errors name, and which of the rules hold that are younger
// than the legacy versions.
import {
  ingressCreateWarnings,
  validateIngressClassCreate,
  validateIngressClassUpdate,
  validateIngressCreate,
  validateIngressStatusUpdate,
  validateIngressUpdate,
  type Ingress,
  type IngressClass,
  type IngressDialect,
} from '../../../kube/index.ts';
import type { Strategy, WriteContext } from '../resource.ts';
import { changesSpec, strategyOf } from './typed-strategy.ts';

/** The strategy of a row whose requests are in `otherwise` unless they say which version they are in. */
export function ingressStrategy(otherwise: IngressDialect): Strategy {
  const dialectOf = ({ apiVersion }: WriteContext): IngressDialect => {
    if (apiVersion === undefined) return otherwise;
    return apiVersion.endsWith('/v1beta1') ? 'legacy' : 'v1';
  };
  return strategyOf<Ingress>({
    emptyStatus: { loadBalancer: {} },
    validateCreate: (ingress, context) => validateIngressCreate(ingress, { dialect: dialectOf(context) }),
    validateUpdate: (next, old, context) =>
      context.subresource === 'status'
        ? validateIngressStatusUpdate(next, old)
        : validateIngressUpdate(next, old, { dialect: dialectOf(context) }),
    warnings: (ingress, context) => (isNew(ingress, context) ? ingressCreateWarnings(ingress) : []),
    countsGeneration: changesSpec,
  });
}

/** Warnings come before the write: what is not stored yet is being created. */
function isNew({ metadata }: Ingress, { store }: WriteContext): boolean {
  const { namespace = '', name } = metadata;
  return store.get({ resource: 'networking.k8s.io/ingresses', namespace, name }) === null;
}

export const ingressClassStrategy: Strategy = strategyOf<IngressClass>({
  validateCreate: validateIngressClassCreate,
  validateUpdate: validateIngressClassUpdate,
  countsGeneration: changesSpec,
});
