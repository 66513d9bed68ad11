// Values that a Service gets from the server and that no other Service may have: its address and its ports on nodes (core service
// storage, alloc.go). Nothing is booked beside the Services: one that is gone or has changed its type holds nothing any more.
import { invalidError, isHeadless, type Service } from '../../../../kube/index.ts';
import { internal, invalid } from '../../../api-error.ts';
import type { WriteContext } from '../../resource.ts';
import { chooseFree, type ValueRange } from './choose-value.ts';
import { PortBook } from './port-book.ts';
import {
  needsClusterIp,
  needsHealthPort,
  publishesNodePorts,
  seedOfService,
  withSpec,
} from './service-needs.ts';
import { parseAddress, renderAddress, type UsedValues, usedIndexOf } from './used-values.ts';

/** Where values come from. The first and the last address of a network are nobody's. */
export interface ServiceRanges {
  readonly addresses: ValueRange;
  readonly ports: ValueRange;
}

const networkBase = 0x0a600000;
const networkSize = 2 ** 20;

/** 10.96.0.0/12 and 30000-32767, as kubeadm sets a cluster up; the reserved parts are kube's. */
export const defaultServiceRanges: ServiceRanges = {
  addresses: { first: networkBase + 1, last: networkBase + networkSize - 2, reserved: 256 },
  ports: { first: 30000, last: 32767, reserved: 86 },
};

/** The Service, whose families are known, with everything that the server chooses. @throws {ApiError} */
export function allocateService(
  service: Service,
  old: Service | null,
  context: WriteContext,
  ranges: ServiceRanges,
): Service {
  if (context.subresource !== '') return service;
  let used: UsedValues | null = null;
  const readUsed = (): UsedValues => {
    used ??= usedIndexOf(context.store).othersThan(service);
    return used;
  };
  const addressed = allocateAddress(service, old, readUsed, ranges.addresses);
  const complete = allocatePorts(addressed, old, readUsed, ranges.ports);
  if (complete !== service) usedIndexOf(context.store).give(complete);
  return complete;
}

/** An address that a Service has cannot change, so it is looked at only when there was none. */
function allocateAddress(
  service: Service,
  old: Service | null,
  readUsed: () => UsedValues,
  range: ValueRange,
): Service {
  if (!needsClusterIp(service) || isHeadless(service)) return service;
  if (old !== null && needsClusterIp(old) && (old.spec.clusterIPs ?? []).length > 0) return service;
  const requested = service.spec.clusterIPs?.[0] ?? '';
  if (requested === '') {
    const chosen = chooseFree(range, readUsed().addresses, seedOfService(service));
    if (chosen === null) {
      throw internal(`failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`);
    }
    const clusterIP = renderAddress(chosen);
    return withSpec(service, { clusterIP, clusterIPs: [clusterIP] });
  }
  const fault = findAddressFault(parseAddress(requested), readUsed, range);
  if (fault === null) return service;
  const detail = `failed to allocate IP ${requested}: ${fault}`;
  throw invalid('Service', '', service.metadata.name, [
    invalidError('spec.clusterIPs', service.spec.clusterIPs, detail),
  ]);
}

function findAddressFault(
  address: number | null,
  readUsed: () => UsedValues,
  range: ValueRange,
): string | null {
  if (address === null || address < range.first || address > range.last) {
    return 'the provided network does not match the current range';
  }
  return readUsed().addresses.has(address) ? 'provided IP is already allocated' : null;
}

function allocatePorts(
  service: Service,
  old: Service | null,
  readUsed: () => UsedValues,
  range: ValueRange,
): Service {
  const book = new PortBook(service, old, () => readUsed().ports, range);
  const ports = service.spec.ports ?? [];
  let result = service;
  if (publishesNodePorts(service) && ports.length > 0) {
    result = withSpec(result, { ports: ports.map((port, index) => book.bookPort(port, index)) });
  }
  if (!needsHealthPort(service) || (old !== null && needsHealthPort(old))) return result;
  return withSpec(result, { healthCheckNodePort: book.bookHealthPort() });
}
