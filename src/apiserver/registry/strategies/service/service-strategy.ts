// Service: the server gives it an address and ports, keeps them over updates that do not name them, and takes them back with its type.
import {
  serviceWarnings,
  validateServiceCreate,
  validateServiceStatusUpdate,
  validateServiceUpdate,
  withClusterIps,
  type Service,
} from '../../../../kube/index.ts';
import { invalid } from '../../../api-error.ts';
import type { Strategy } from '../../resource.ts';
import { strategyOf, withMemberOf } from '../typed-strategy.ts';
import { fillFamilies } from './address-families.ts';
import { allocateService, type ServiceRanges } from './allocate-service.ts';
import { findRepeatedNodePorts } from './port-book.ts';
import { prepareServiceUpdate } from './prepare-service.ts';
import { publishesNodePorts } from './service-needs.ts';

export function serviceStrategy(ranges: ServiceRanges): Strategy {
  return strategyOf<Service>({
    emptyStatus: { loadBalancer: {} },
    prepareCreate: prepareServiceCreate,
    prepareUpdate: (next, old, { subresource }) => {
      if (subresource === 'status') return withMemberOf(next, old, 'spec');
      const kept = prepareServiceUpdate(withMemberOf(next, old, 'status'), old);
      const prepared = fillFamilies(kept, old);
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

/** What asks for values that cannot be given is refused here, before the rest is validated. @throws {ApiError} 422 */
function prepareServiceCreate(service: Service): Service {
  const filled = fillFamilies(withClusterIps({ ...service, status: { loadBalancer: {} } }), null);
  const errors = publishesNodePorts(filled) ? findRepeatedNodePorts(filled) : [];
  if (errors.length > 0) throw invalid('Service', '', service.metadata.name, errors);
  return filled;
}
