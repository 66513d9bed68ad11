// The Lease object of a leader election (coordination.k8s.io/v1), as client-go writes it (ingress-api.md G.4).

/** `spec` of the Lease; every member may be absent. */
export interface LeaseSpec {
  /** Who leads; empty: nobody, it was released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** MicroTime. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** Changes of the holder so far. */
  readonly leaseTransitions?: number;
}

/** A Lease as it is read and written. */
export interface Lease {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly spec: LeaseSpec;
}

/** `2006-01-02T15:04:05.000000Z`. */
export function microTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, -1)}000Z`;
}

/** The Lease in a reply of the API server; members of a wrong type are left out. Null: the reply is no Lease. */
export function readLease(value: unknown, namespace: string, name: string): Lease | null {
  if (typeof value !== 'object' || value === null) return null;
  const { metadata, spec } = value as { readonly metadata?: unknown; readonly spec?: unknown };
  if (typeof metadata !== 'object' || metadata === null) return null;
  const fields = (typeof spec === 'object' && spec !== null ? spec : {}) as Record<string, unknown>;
  const text = (field: string): Record<string, string> =>
    typeof fields[field] === 'string' ? { [field]: fields[field] } : {};
  const number = (field: string): Record<string, number> =>
    typeof fields[field] === 'number' ? { [field]: fields[field] } : {};
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { ...metadata, namespace, name },
    spec: {
      ...text('holderIdentity'),
      ...number('leaseDurationSeconds'),
      ...text('acquireTime'),
      ...text('renewTime'),
      ...number('leaseTransitions'),
    },
  };
}

export interface Claim {
  readonly identity: string;
  readonly leaseMs: number;
  readonly nowMs: number;
}

/** What a holder writes: its own renewal, or the taking over of what somebody else held. `before` null: there is no Lease. */
export function claimedSpec(before: LeaseSpec | null, { identity, leaseMs, nowMs }: Claim): LeaseSpec {
  const now = microTime(nowMs);
  const isRenewal = before?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1_000)),
    acquireTime: isRenewal ? (before.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: before === null ? 0 : (before.leaseTransitions ?? 0) + (isRenewal ? 0 : 1),
  };
}

/** What a leader writes that goes: nobody holds it, and nobody need wait. */
export function releasedSpec(before: LeaseSpec, nowMs: number): LeaseSpec {
  const now = microTime(nowMs);
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
}
