// Hosts as they would be if one Ingress had another plan. Reads the hosts in force and builds beside them what differs; nothing
// is remembered beyond the preview.
import { wildcardOf } from '../std/host-name.ts';
import type { HostPattern, ObjectKey } from '../model/index.ts';
import { buildHost, type HostInputs, type HostUnit } from './build-host.ts';
import { chooseName } from './further-names.ts';
import type { HostUnits } from './host-units.ts';
import type { IngressPlan } from './plan.ts';
import { sortPlans } from './precedence.ts';

export interface HostPreviewParts
  extends Pick<HostInputs, 'features' | 'hostNames' | 'certificateOf' | 'passesTls' | 'unmatched'> {
  readonly hosts: HostUnits;
  readonly key: ObjectKey;
  /** What is in force for the Ingress now. */
  readonly present: IngressPlan | null;
  /** What would be. */
  readonly plan: IngressPlan | null;
}

const catchAll: HostPattern = '';

export class HostPreview {
  readonly #parts: HostPreviewParts;
  readonly #built = new Map<HostPattern, HostUnit | null>();

  constructor(parts: HostPreviewParts) {
    this.#parts = parts;
  }

  /** Null: nobody would name the host. */
  unitOf(host: HostPattern): HostUnit | null {
    const { hosts, plan, present } = this.#parts;
    if (plan === present) return hosts.unitOf(host) ?? null;
    let unit = this.#built.get(host);
    if (unit === undefined) {
      unit = this.#build(host);
      this.#built.set(host, unit);
    }
    return unit;
  }

  /** Whether a rule would name the host. */
  isRuled(host: HostPattern): boolean {
    if (!this.#isConcerned(host)) return this.#parts.hosts.isRuled(host);
    return isRuledBy(this.#plansOf(host), host);
  }

  /** Whether the host would belong to somebody else, or be served by rules where it was not. */
  hasOtherOwner(than: HostPreview, host: HostPattern): boolean {
    return this.isRuled(host) !== than.isRuled(host) || this.unitOf(host)?.owner !== than.unitOf(host)?.owner;
  }

  #build(host: HostPattern): HostUnit | null {
    const { hosts, features, hostNames, certificateOf, passesTls, unmatched } = this.#parts;
    // What rules serve depends on nothing but the plans that name it.
    if (!this.#isConcerned(host) && hosts.isRuled(host)) return hosts.unitOf(host) ?? null;
    const plans = this.#plansOf(host);
    if (plans.length === 0) return null;
    const isRuled = isRuledBy(plans, host);
    const ruledUnitOf = (each: HostPattern): HostUnit | null =>
      this.isRuled(each) ? this.unitOf(each) : null;
    const chosen = isRuled ? null : chooseName(host, plans, ruledUnitOf);
    const standIn = isRuled ? null : (chosen?.target ?? this.#standInOf(host));
    return buildHost({
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
  }

  #isConcerned(host: HostPattern): boolean {
    const { plan, present } = this.#parts;
    return plan !== present && (plan?.hosts.has(host) === true || present?.hosts.has(host) === true);
  }

  #plansOf(host: HostPattern): IngressPlan[] {
    const { hosts, key, plan } = this.#parts;
    const plans = hosts.plansOf(host).filter((each) => each.key !== key);
    if (plan?.hosts.has(host) === true) plans.push(plan);
    return sortPlans(plans);
  }

  #standInOf(host: HostPattern): HostUnit | null {
    for (const pattern of [wildcardOf(host), catchAll]) {
      if (pattern !== null && pattern !== host && this.isRuled(pattern)) return this.unitOf(pattern);
    }
    return null;
  }
}

function isRuledBy(plans: readonly IngressPlan[], host: HostPattern): boolean {
  return plans.some((plan) => plan.hosts.get(host)?.ruled === true);
}
