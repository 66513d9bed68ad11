// Lease: who leads, and until when.
import { field, filled, int32, microTime, pointer, structOf, text, textOf } from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';

const leaseSpec: StructSchema = structOf('v1.LeaseSpec', {
  holderIdentity: pointer(1, text, 'Who holds the lease now; empty after it was given up.'),
  leaseDurationSeconds: pointer(2, int32, 'Seconds after the last renewal at which others may take over.'),
  acquireTime: field(3, microTime, 'When the holder took the lease.'),
  renewTime: field(4, microTime, 'When the holder last renewed it.'),
  leaseTransitions: pointer(5, int32, 'How often the holder changed.'),
  strategy: pointer(
    6,
    textOf('v1.CoordinatedLeaseStrategy'),
    'How a coordinator picks the holder; absent without coordination.',
  ),
  preferredHolder: pointer(7, text, 'Who should take over from the holder; only with strategy.'),
});

export const leaseSchema: StructSchema = kindOf('v1.Lease', {
  spec: filled(2, leaseSpec, 'Who leads, and until when.'),
});
