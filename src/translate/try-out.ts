// What-if: what a change of one Ingress would bring, to itself and to its neighbours on the same hosts. Read-only: plans and hosts
// are built beside those in force, so a try-out cannot disturb the table, the versions or what is remembered as last good.
import type { Feature } from '../features/index.ts';
import type { Ingress } from '../kube/index.ts';
import { objectKey, type Backend, type HostPattern, type ObjectKey, type Problem } from '../model/index.ts';
import type { HostUnit, PathConflict } from './build-host.ts';
import type { AuthorityUnits } from './authority-units.ts';
import type { CertificatePreview, CertificateUnits } from './certificate-units.ts';
import type { ClientTlsUnits } from './client-tls-units.ts';
import type { CredentialUnits } from './credential-units.ts';
import type { ClassSettings } from './class-settings.ts';
import { HostPreview } from './host-preview.ts';
import type { HostUnits } from './host-units.ts';
import type { IngressPlans, IngressPreview } from './ingress-plans.ts';
import type { TranslateOptions } from './options.ts';
import { classNameOf, resolveOwnership, type Ownership } from './ownership.ts';
import { sortProblems } from './problems.ts';
import { findReferenceProblems } from './reference-problems.ts';
import { textOf } from './shape.ts';
import type { UpstreamUnits } from './upstream-units.ts';

/** Two versions of one Ingress; null: it is absent before (a creation), or after (a deletion). */
export interface IngressChange {
  readonly before: Ingress | null;
  readonly after: Ingress | null;
}

/** What one version of an Ingress comes to. */
export interface Judgement {
  readonly ownership: Ownership;
  /** Of the object by itself and on its hosts: what its own fields cause. Sorted. */
  readonly own: readonly Problem[];
  /** Of the class, the Services and the Secrets that it names: what may come right without the object. Sorted. */
  readonly references: readonly Problem[];
  /** With other Ingresses, won or lost. */
  readonly conflicts: readonly PathConflict[];
  /** Errors of other Ingresses on the hosts of both versions, but for conflicts of paths, and canaries that have no effect. */
  readonly neighbours: readonly Problem[];
}

export interface TryOut {
  readonly before: Judgement;
  readonly after: Judgement;
}

/** What a translator lends. */
export interface TryOutParts {
  readonly options: TranslateOptions;
  readonly features: readonly Feature[];
  readonly hostNames: ReadonlySet<string>;
  readonly unmatched: Backend;
  readonly plans: IngressPlans;
  readonly hosts: HostUnits;
  readonly upstreams: UpstreamUnits;
  readonly certificates: CertificateUnits;
  readonly clientTls: ClientTlsUnits;
  readonly authorities: AuthorityUnits;
  readonly credentials: CredentialUnits;
  readonly settings: ClassSettings;
}

const absent: IngressPreview = {
  ownership: { owned: false, reason: 'it does not exist' },
  plan: null,
  lastGood: null,
  problems: [],
};

export function tryOutChange({ before, after }: IngressChange, nowMs: number, parts: TryOutParts): TryOut {
  const present = after ?? before;
  const namespace = textOf(present?.metadata.namespace);
  const key = objectKey(namespace, textOf(present?.metadata.name));
  return new WhatIf(key, nowMs, parts).compare(before, after);
}

/** Errors that are no reason to keep others out: conflicts are weighed as such, and nobody may hold a path by a stray canary. */
function isOwnMatter(code: Problem['code']): boolean {
  return code === 'HostPathConflict' || code === 'CanaryIgnored';
}

/** One use: holds what two versions share. */
class WhatIf {
  readonly #key: ObjectKey;
  readonly #nowMs: number;
  readonly #parts: TryOutParts;
  readonly #certificates = new Map<ObjectKey, CertificatePreview>();

  constructor(key: ObjectKey, nowMs: number, parts: TryOutParts) {
    this.#key = key;
    this.#nowMs = nowMs;
    this.#parts = parts;
  }

  compare(before: Ingress | null, after: Ingress | null): TryOut {
    const { plans } = this.#parts;
    const lastGood = plans.lastGoodOf(this.#key);
    const first = before === null ? absent : plans.preview(this.#key, before, lastGood);
    const second = after === null ? absent : plans.preview(this.#key, after, first.lastGood);
    const [from, to] = [this.#hostsWith(first), this.#hostsWith(second)];
    const hosts = this.#hostsOf(from, to, first, second);
    return {
      before: this.#judge(before, first, from, hosts),
      after: this.#judge(after, second, to, hosts),
    };
  }

  #hostsWith({ plan }: IngressPreview): HostPreview {
    const { features, hostNames, hosts, plans, options, unmatched } = this.#parts;
    const key = this.#key;
    const certificateOf = (id: ObjectKey) => this.#certificateOf(id).certificate;
    return new HostPreview({
      features,
      hostNames,
      certificateOf,
      passesTls: options.passesTls,
      unmatched,
      hosts,
      key,
      present: plans.planOf(key),
      plan,
    });
  }

  /** Those that either version names, and those that lean on them where they change hands. */
  #hostsOf(
    from: HostPreview,
    to: HostPreview,
    { plan: first }: IngressPreview,
    { plan: second }: IngressPreview,
  ): ReadonlySet<HostPattern> {
    const named = new Set([...(first?.hosts.keys() ?? []), ...(second?.hosts.keys() ?? [])]);
    const hosts = new Set(named);
    if (first === second) return hosts;
    for (const host of named) {
      if (!to.hasOtherOwner(from, host)) continue;
      for (const dependent of this.#parts.hosts.dependentsOf(host)) hosts.add(dependent);
    }
    return hosts;
  }

  #judge(
    ingress: Ingress | null,
    { ownership, plan, problems }: IngressPreview,
    preview: HostPreview,
    hosts: ReadonlySet<HostPattern>,
  ): Judgement {
    const own = [...problems, ...this.#catchAllProblems(ingress, ownership)];
    const conflicts: PathConflict[] = [];
    const neighbours: Problem[] = [];
    for (const host of hosts) {
      const unit = preview.unitOf(host);
      if (unit === null) continue;
      this.#sortOut(unit, own, neighbours);
      conflicts.push(...unit.conflicts.filter((each) => this.#isOurs(each)));
    }
    const className = ingress === null ? null : classNameOf(ingress);
    const { settings, upstreams, clientTls, authorities, credentials } = this.#parts;
    const references =
      plan === null
        ? []
        : findReferenceProblems(plan, className, {
            settings,
            issueOf: (id) => upstreams.previewIssue(id),
            issuesOf: (id) => this.#certificateOf(id).issues,
            clientIssuesOf: (id) => clientTls.previewIssues(id),
            authorityIssuesOf: (id) => authorities.previewIssues(id),
            credentialIssuesOf: (id) => credentials.previewIssues(id),
          });
    return {
      ownership,
      own: sortProblems(own),
      references: sortProblems(references),
      conflicts,
      neighbours,
    };
  }

  #sortOut(unit: HostUnit, own: Problem[], neighbours: Problem[]): void {
    for (const problem of unit.problems) {
      const { code, severity, object } = problem;
      if (objectKey(object.namespace ?? '', object.name) === this.#key) own.push(problem);
      else if (severity === 'error' && !isOwnMatter(code)) neighbours.push(problem);
    }
  }

  #isOurs({ winner, loser }: PathConflict): boolean {
    return winner.ingress === this.#key || loser.ingress === this.#key;
  }

  /** An Ingress that would be ours but for its default backend is served by nobody; only who asks before it exists can be told. */
  #catchAllProblems(ingress: Ingress | null, { owned }: Ownership): Problem[] {
    const { options, plans } = this.#parts;
    if (ingress === null || owned || !options.disableCatchAll) return [];
    const wouldBe = resolveOwnership(ingress, plans.classes, { ...options, disableCatchAll: false });
    if (!wouldBe.owned) return [];
    return [
      {
        code: 'UnsupportedBackend',
        severity: 'error',
        object: {
          kind: 'Ingress',
          namespace: textOf(ingress.metadata.namespace),
          name: ingress.metadata.name,
        },
        field: 'spec.defaultBackend',
        message: 'this controller does not serve Ingresses with a default backend, wanted rules alone',
      },
    ];
  }

  #certificateOf(id: ObjectKey): CertificatePreview {
    let preview = this.#certificates.get(id);
    if (preview === undefined) {
      preview = this.#parts.certificates.preview(id, this.#nowMs);
      this.#certificates.set(id, preview);
    }
    return preview;
  }
}
