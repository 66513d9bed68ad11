// Which cluster addresses and node ports are taken: read from the Services that are stored, so that nothing can get out of step with
// them, whatever crashed when. The price is one pass over all Services when a value is chosen or asked for.
import { parseIpSloppy, type Service } from '../../../../kube/index.ts';
import type { ObjectStore } from '../../../storage/store.ts';

export const serviceStorage = 'core/services';

export interface UsedValues {
  /** As numbers. */
  readonly addresses: ReadonlySet<number>;
  /** Of nodes, those of health checks among them. */
  readonly ports: ReadonlySet<number>;
}

/** What all Services but `self` have. */
export function readUsedValues(store: ObjectStore, self: Service): UsedValues {
  const addresses = new Set<number>();
  const ports = new Set<number>();
  const { namespace = '', name } = self.metadata;
  for (const object of store.list({ resource: serviceStorage, namespace: null }).objects) {
    if (object.metadata.name === name && (object.metadata.namespace ?? '') === namespace) continue;
    // Objects of this storage were written through the strategy of Services.
    const { spec } = object as unknown as Service;
    for (const text of spec.clusterIPs ?? []) {
      const address = parseAddress(text);
      if (address !== null) addresses.add(address);
    }
    for (const { nodePort = 0 } of spec.ports ?? []) ports.add(nodePort);
    ports.add(spec.healthCheckNodePort ?? 0);
  }
  ports.delete(0);
  return { addresses, ports };
}

/** An IPv4 address as a number; null for `None` and everything else. */
export function parseAddress(text: string): number | null {
  const bytes = parseIpSloppy(text);
  return bytes?.length === 4 ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : null;
}

export function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
