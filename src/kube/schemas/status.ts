// Answers and options of meta/v1 that travel as bodies of their own: Status and DeleteOptions.
import { atomicList, boolean, field, int32, int64, pointer, structOf, text, textOf } from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { bodyOf, listMeta } from './meta.ts';

const statusCause: StructSchema = structOf('v1.StatusCause', {
  reason: field(1, textOf('v1.CauseType'), 'One CamelCase word for the cause.'),
  message: field(2, text, 'A sentence about the cause.'),
  field: field(3, text, 'Path of the field that is to blame, e.g. `spec.rules[0].host`.'),
});

const statusDetails: StructSchema = structOf('v1.StatusDetails', {
  name: field(1, text, 'Name of the object that the answer is about.'),
  group: field(2, text, 'Its API group; empty for the core group.'),
  kind: field(3, text, 'Its kind or plural resource name.'),
  uid: field(6, textOf('types.UID'), 'Its UID, if there is a single object.'),
  causes: field(4, atomicList(statusCause), 'Everything that was found wrong.'),
  retryAfterSeconds: field(5, int32, 'Seconds to wait before the request may be tried again.'),
});

export const statusSchema: StructSchema = bodyOf('v1.Status', {
  metadata: field(1, listMeta, 'Metadata as lists have it.'),
  status: field(2, text, '`Success` or `Failure`.'),
  message: field(3, text, 'A sentence about the outcome, for people.'),
  reason: field(4, textOf('v1.StatusReason'), 'One CamelCase word for the failure, for programs.'),
  details: field(5, statusDetails, 'The object and the causes.'),
  code: field(6, int32, 'The HTTP status code.'),
});

const preconditions: StructSchema = structOf('v1.Preconditions', {
  uid: pointer(1, textOf('types.UID'), 'The object must have this UID.'),
  resourceVersion: pointer(2, text, 'The object must be at this version.'),
});

export const deleteOptionsSchema: StructSchema = bodyOf('v1.DeleteOptions', {
  gracePeriodSeconds: pointer(1, int64, 'Seconds that the object may take to end; 0 deletes at once.'),
  preconditions: field(2, preconditions, 'What must hold, or the deletion fails with a conflict.'),
  orphanDependents: pointer(3, boolean, 'Predecessor of propagationPolicy: true leaves dependents behind.'),
  propagationPolicy: pointer(
    4,
    textOf('v1.DeletionPropagation'),
    'What happens to dependents: `Orphan`, `Background` or `Foreground`.',
  ),
  dryRun: field(5, atomicList(text), '`All`: everything is checked and nothing is deleted.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: pointer(
    6,
    boolean,
    'Removes an object that the store can no longer read, without any checks.',
  ),
});
