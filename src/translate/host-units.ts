// One virtual host per host that a plan names. Knows which plans name which host, and builds anew the hosts whose plans or
// certificates changed.
import type { Feature } from '../features/index.ts';
import type { Backend, HostPattern, ObjectKey } from '../model/index.ts';
import { buildHost, type HostUnit } from './build-host.ts';
import type { CertificateUnits } from './certificate-units.ts';
import { wildcardOf } from '../std/host-name.ts';
import { chooseName } from './further-names.ts';
import type { IngressPlans, PlanChange } from './ingress-plans.ts';
import type { IngressPlan } from './plan.ts';
import { sortPlans } from './precedence.ts';
import type { ProblemBook } from './problems.ts';
import type { TableDraft } from './table-draft.ts';
import type { UpstreamUnits } from './upstream-units.ts';

/** What hosts are built from, and what they hold on to. */
export interface HostSurroundings {
  readonly features: readonly Feature[];
  readonly hostNames: ReadonlySet<string>;
  /** Whether hosts may have their TLS connections passed through. */
  readonly passesTls: boolean;
  /** Who answers requests that no rule takes. */
  readonly unmatched: Backend;
  readonly plans: IngressPlans;
  readonly upstreams: UpstreamUnits;
  readonly certificates: CertificateUnits;
}

const catchAll: HostPattern = '';

export class HostUnits {
  readonly #around: HostSurroundings;
  readonly #ingressesOf = new Map<HostPattern, Set<ObjectKey>>();
  readonly #units = new Map<HostPattern, HostUnit>();
  /** Hosts that a rule names. */
  readonly #ruled = new Set<HostPattern>();
  /** Hosts that no rule names, by the hosts that may stand in for them: those that annotations say, their wildcard and the catch-all. */
  readonly #dependents = new Map<HostPattern, Set<HostPattern>>();
  /** The same by the hosts that lean. */
  readonly #leansOn = new Map<HostPattern, readonly HostPattern[]>();
  readonly #dirty = new Set<HostPattern>();

  constructor(around: HostSurroundings) {
    this.#around = around;
  }

  applyPlanChange({ key, before, after }: PlanChange): void {
    if (before === after) return;
    for (const host of before?.hosts.keys() ?? []) {
      const keys = this.#ingressesOf.get(host);
      keys?.delete(key);
      if (keys?.size === 0) this.#ingressesOf.delete(host);
      this.#dirty.add(host);
    }
    for (const host of after?.hosts.keys() ?? []) {
      const keys = this.#ingressesOf.get(host);
      if (keys === undefined) this.#ingressesOf.set(host, new Set([key]));
      else keys.add(key);
      this.#dirty.add(host);
    }
  }

  /** The hosts of an Ingress that have TLS: one of its certificates changed. */
  markTlsHosts(plan: IngressPlan): void {
    for (const [host, { tls }] of plan.hosts) if (tls.length > 0) this.#dirty.add(host);
  }

  /** Builds what is dirty into the draft: first the hosts of rules, then those that lean on them. */
  update(draft: TableDraft, book: ProblemBook): void {
    const leaning = new Set<HostPattern>();
    for (const host of this.#dirty) {
      const plans = this.plansOf(host);
      const wasRuled = this.#ruled.has(host);
      const isRuled = plans.some((plan) => plan.hosts.get(host)?.ruled === true);
      if (isRuled) this.#ruled.add(host);
      else this.#ruled.delete(host);
      if (isRuled || plans.length === 0) this.#rebuild(host, plans, draft, book);
      else leaning.add(host);
      if (isRuled || wasRuled) for (const each of this.#dependents.get(host) ?? []) leaning.add(each);
    }
    for (const host of leaning) {
      const plans = this.plansOf(host);
      if (!this.#ruled.has(host) && plans.length > 0) this.#rebuild(host, plans, draft, book);
    }
    this.#dirty.clear();
  }

  /** What the host came out as; undefined: nobody names it. */
  unitOf(host: HostPattern): HostUnit | undefined {
    return this.#units.get(host);
  }

  /** Whether a rule names the host. */
  isRuled(host: HostPattern): boolean {
    return this.#ruled.has(host);
  }

  /** Hosts that no rule names and that this one may stand in for. */
  dependentsOf(host: HostPattern): Iterable<HostPattern> {
    return this.#dependents.get(host) ?? [];
  }

  #rebuild(host: HostPattern, plans: readonly IngressPlan[], draft: TableDraft, book: ProblemBook): void {
    const { features, hostNames, certificates, passesTls, unmatched } = this.#around;
    const before = this.#units.get(host);
    let after: HostUnit | undefined;
    if (plans.length > 0) {
      const chosen = this.#ruled.has(host)
        ? null
        : chooseName(host, plans, (each) => this.#ruledUnitOf(each));
      const standIn = chosen?.target ?? this.#standInOf(host);
      const certificateOf = certificates.lookup.bind(certificates);
      after = buildHost({
        host,
        plans,
        features,
        hostNames,
        certificateOf,
        passesTls,
        unmatched,
        standIn,
        chosen,
      });
      this.#units.set(host, after);
    } else this.#units.delete(host);
    this.#count(before, -1);
    this.#count(after, 1);
    const isServed = after?.isServed === true;
    this.#setLeaning(host, isServed && !this.#ruled.has(host) ? targetsOf(host, plans) : []);
    draft.hosts.set(host, isServed ? (after?.virtualHost ?? null) : null);
    book.put(`host ${host}`, after?.problems ?? []);
  }

  /** In force and naming the host, oldest first. */
  plansOf(host: HostPattern): IngressPlan[] {
    const { plans } = this.#around;
    const found: IngressPlan[] = [];
    for (const key of this.#ingressesOf.get(host) ?? []) {
      const plan = plans.planOf(key);
      if (plan !== null) found.push(plan);
    }
    return sortPlans(found);
  }

  #standInOf(host: HostPattern): HostUnit | null {
    for (const pattern of [wildcardOf(host), catchAll]) {
      if (pattern === null || pattern === host) continue;
      if (this.#ruled.has(pattern)) return this.#units.get(pattern) ?? null;
    }
    return null;
  }

  #ruledUnitOf(host: HostPattern): HostUnit | null {
    return this.#ruled.has(host) ? (this.#units.get(host) ?? null) : null;
  }

  /** `on`: the hosts that it may lean on from now. */
  #setLeaning(host: HostPattern, on: readonly HostPattern[]): void {
    for (const pattern of this.#leansOn.get(host) ?? []) {
      const dependents = this.#dependents.get(pattern);
      dependents?.delete(host);
      if (dependents?.size === 0) this.#dependents.delete(pattern);
    }
    if (on.length === 0) this.#leansOn.delete(host);
    else this.#leansOn.set(host, on);
    for (const pattern of on) {
      const dependents = this.#dependents.get(pattern);
      if (dependents === undefined) this.#dependents.set(pattern, new Set([host]));
      else dependents.add(host);
    }
  }

  #count(unit: HostUnit | undefined, by: 1 | -1): void {
    if (unit === undefined) return;
    const { upstreams, certificates } = this.#around;
    for (const id of unit.upstreams) upstreams.countHost(id, by);
    const certificate = unit.virtualHost.tls?.certificate ?? null;
    if (certificate !== null) certificates.countHost(certificate, by);
  }
}

/** The hosts that may stand in for one without rules. */
function targetsOf(host: HostPattern, plans: readonly IngressPlan[]): readonly HostPattern[] {
  const named = plans.flatMap((plan) => plan.hosts.get(host)?.further?.target ?? []);
  const wildcard = wildcardOf(host);
  return [...new Set([...named, ...(wildcard === null ? [] : [wildcard]), catchAll])];
}
