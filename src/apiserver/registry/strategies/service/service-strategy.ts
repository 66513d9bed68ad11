// Service: the server gives it an address and ports, keeps them over updates that do not name them, and takes them back with its type.
import {
  serviceWarnings,
  validateServiceCreate,
  validateServiceStatusUpdate,
  validateServiceUpdate,
  withClusterIps,
  type Service,
} from '../../../../kube/index.ts';
import type { Strategy } from '../../resource.ts';
import { strategyOf, withMemberOf } from '../typed-strategy.ts';
import { allocateService, type ServiceRanges } from './allocate-service.ts';
import { prepareServiceUpdate } from './prepare-service.ts';

export function serviceStrategy(ranges: ServiceRanges): Strategy {
  return strategyOf<Service>({
    emptyStatus: { loadBalancer: {} },
    prepareCreate: (service) => withClusterIps({ ...service, status: { loadBalancer: {} } }),
    prepareUpdate: (next, old, { subresource }) => {
      if (subresource === 'status') return withMemberOf(next, old, 'spec');
      const prepared = prepareServiceUpdate(withMemberOf(next, old, 'status'), old);
      // Addresses of a load balancer that is gone say nothing.
      return prepared.spec.type === 'LoadBalancer'
        ? prepared
        : { ...prepared, status: { ...prepared.status, loadBalancer: {} } };
    },
    validateCreate: (service) => validateServiceCreate(service),
    validateUpdate: (next, old, { subresource }) =>
      subresource === 'status' ? validateServiceStatusUpdate(next, old) : validateServiceUpdate(next, old),
    warnings: (service, { subresource }) => (subresource === '' ? serviceWarnings(service) : []),
    allocate: (service, old, context) => allocateService(service, old, context, ranges),
    companions: ({ metadata: { namespace = '', name } }) => [{ resource: 'core/endpoints', namespace, name }],
    allowsCreateOnUpdate: true,
  });
}
