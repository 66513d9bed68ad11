// ActiveChecks: the probes of one Service port, one for each endpoint, if the Service asks for them. Every worker asks by itself.
import type { HealthCheck } from '../../model/index.ts';
import { isDeepStrictEqual } from 'node:util';
import type { HealthSurroundings } from '../endpoint-health.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import type { EndpointSet } from '../endpoint-set.ts';
import { HealthProbe } from './health-probe.ts';
import type { ProbeTransports } from './probe-transports.ts';

/** What checks need of the worker around them. */
export interface CheckSurroundings extends Omit<HealthSurroundings, 'settings'> {
  /** How upstreams are spoken to; null: all in the clear, by HTTP/1.1. */
  readonly probes: ProbeTransports | null;
}

export class ActiveChecks {
  readonly #set: EndpointSet;
  readonly #surroundings: CheckSurroundings;
  readonly #onChange: () => void;
  readonly #probes = new Map<LiveEndpoint, HealthProbe>();
  #endpoints: readonly LiveEndpoint[] = [];
  #check: HealthCheck | null = null;

  /** `onChange`: another set of endpoints can be used. */
  constructor(set: EndpointSet, surroundings: CheckSurroundings, onChange: () => void) {
    this.#set = set;
    this.#surroundings = surroundings;
    this.#onChange = onChange;
  }

  configure(check: HealthCheck): void {
    const next = check.kind === 'off' ? null : check;
    if (isDeepStrictEqual(next, this.#check)) return;
    this.#check = next;
    for (const endpoint of [...this.#probes.keys()]) this.#stop(endpoint);
    // What was judged by another question counts no more.
    for (const endpoint of this.#endpoints) endpoint.isDown = false;
    this.setEndpoints(this.#endpoints);
    this.#onChange();
  }

  setEndpoints(endpoints: Iterable<LiveEndpoint>): void {
    this.#endpoints = [...endpoints];
    if (this.#check === null) return;
    const present = new Set(this.#endpoints);
    for (const endpoint of [...this.#probes.keys()]) if (!present.has(endpoint)) this.#stop(endpoint);
    for (const endpoint of this.#endpoints)
      if (!this.#probes.has(endpoint)) this.#start(endpoint, this.#check);
  }

  #start(endpoint: LiveEndpoint, check: HealthCheck): void {
    const { deadlines, random, probes } = this.#surroundings;
    const transportOf = () => (probes === null ? null : probes.resolve(this.#set, check.kind));
    const surroundings = { deadlines, random, transportOf };
    const probe = new HealthProbe(endpoint, check, surroundings, (changed, reason) =>
      this.#tell(changed, reason),
    );
    this.#probes.set(endpoint, probe);
  }

  #stop(endpoint: LiveEndpoint): void {
    this.#probes.get(endpoint)?.stop();
    this.#probes.delete(endpoint);
  }

  #tell(endpoint: LiveEndpoint, reason: string): void {
    const fields = { upstream: this.#set.name, endpoint: endpoint.label };
    if (endpoint.isDown)
      this.#surroundings.logger.warn({ ...fields, reason }, 'endpoint fails its health check');
    else this.#surroundings.logger.info(fields, 'endpoint passes its health check');
    this.#onChange();
  }
}
