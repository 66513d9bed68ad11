// The node ports of one write of a Service: which it keeps, which it asks for, which are chosen for it (core service storage,
// initNodePorts and updateNodePorts, which differ in what ports of one number mean to each other).
import { type FieldError, invalidError, type Service, type ServicePort } from '../../../../kube/index.ts';
import { internal, invalid } from '../../../api-error.ts';
import { chooseFree, type ValueRange } from './choose-value.ts';
import { choosesNodePorts, publishesNodePorts, seedOfService } from './service-needs.ts';

export class PortBook {
  readonly #service: Service;
  readonly #isNew: boolean;
  readonly #readUsed: () => ReadonlySet<number>;
  readonly #range: ValueRange;
  /** Ports that the Service had before: kept without asking. */
  readonly #kept: ReadonlySet<number>;
  /** Ports that the Service names: never chosen for another purpose. */
  readonly #named: ReadonlySet<number>;
  /** Ports that were given in this write. */
  readonly #given = new Set<number>();
  /** Node port by port number: a new Service shares one between protocols. */
  readonly #shared = new Map<number, number>();

  /** `readUsed`: what other Services have. `old` null: the Service is new. */
  constructor(service: Service, old: Service | null, readUsed: () => ReadonlySet<number>, range: ValueRange) {
    this.#service = service;
    this.#isNew = old === null;
    this.#readUsed = readUsed;
    this.#range = range;
    this.#kept = new Set(old !== null && publishesNodePorts(old) ? listNodePorts(old) : []);
    this.#named = new Set(listNodePorts(service));
  }

  /** The port with its node port. @throws {ApiError} */
  bookPort(port: ServicePort, index: number): ServicePort {
    const requested = port.nodePort ?? 0;
    if (requested === 0 && !choosesNodePorts(this.#service)) return port;
    if (this.#isNew) return { ...port, nodePort: this.#bookNew(port, index) };
    if (requested === 0) return { ...port, nodePort: this.#choose(String(index)) };
    // Named twice: for another protocol.
    if (!this.#kept.has(requested) && !this.#given.has(requested)) this.#request(requested, index);
    return port;
  }

  #bookNew(port: ServicePort, index: number): number {
    const requested = port.nodePort ?? 0;
    const shared = this.#shared.get(port.port);
    if (shared !== undefined) {
      if (requested === 0 || requested === shared) return shared;
      this.#request(requested, index);
      return requested;
    }
    // Any port of this number may be the one that names the node port.
    const named = (this.#service.spec.ports ?? []).find(
      (other) => other.port === port.port && (other.nodePort ?? 0) !== 0,
    );
    const nodePort = named?.nodePort ?? this.#choose(String(index));
    if (named !== undefined) this.#request(nodePort, index);
    this.#shared.set(port.port, nodePort);
    return nodePort;
  }

  /** The port for health checks of the nodes. @throws {ApiError} */
  bookHealthPort(): number {
    const requested = this.#service.spec.healthCheckNodePort ?? 0;
    if (requested === 0) return this.#choose('health');
    const fault = this.#findFault(requested) ?? (this.#named.has(requested) ? taken : null);
    if (fault === null) return requested;
    throw internal(`failed to allocate requested HealthCheck NodePort ${requested}: ${fault}`);
  }

  #request(nodePort: number, index: number): void {
    const fault = this.#findFault(nodePort);
    if (fault !== null) {
      const error = invalidError(`spec.ports[${index}].nodePort`, nodePort, fault);
      throw invalid('Service', '', this.#service.metadata.name, [error]);
    }
    this.#given.add(nodePort);
  }

  #findFault(nodePort: number): string | null {
    const { first, last } = this.#range;
    if (nodePort < first || nodePort > last) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    return this.#given.has(nodePort) || this.#readUsed().has(nodePort) ? taken : null;
  }

  #choose(purpose: string): number {
    const used = new Set([...this.#readUsed(), ...this.#named, ...this.#given]);
    const chosen = chooseFree(this.#range, used, `${seedOfService(this.#service)}/${purpose}`);
    if (chosen === null) throw internal('failed to allocate a nodePort: range is full');
    this.#given.add(chosen);
    return chosen;
  }
}

const taken = 'provided port is already allocated';

function listNodePorts({ spec }: Service): number[] {
  return (spec.ports ?? []).map(({ nodePort = 0 }) => nodePort).filter((nodePort) => nodePort !== 0);
}

/** Node ports that a new Service names for two ports: refused before the rest of it is validated, as the server does. */
export function findRepeatedNodePorts({ spec }: Service): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<number>();
  const byPort = new Map<number, number>();
  for (const [index, { port, nodePort = 0 }] of (spec.ports ?? []).entries()) {
    if (nodePort === 0 || byPort.get(port) === nodePort) continue;
    if (seen.has(nodePort)) errors.push(invalidError(`spec.ports[${index}].nodePort`, nodePort, taken));
    seen.add(nodePort);
    if (!byPort.has(port)) byPort.set(port, nodePort);
  }
  return errors.slice(0, 1);
}
