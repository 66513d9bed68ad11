// Lease, `coordination.k8s.io/v1`: who holds an office, since when and until when. Readonly.
import type { ObjectBase } from './object-meta.ts';

export interface Lease extends ObjectBase<'Lease', 'coordination.k8s.io/v1'> {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty: released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** With microseconds. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  /** Coordinated election, which nobody offers here: wiped like on a cluster without that feature. */
  readonly strategy?: string;
  readonly preferredHolder?: string;
}
