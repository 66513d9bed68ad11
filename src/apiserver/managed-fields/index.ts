// The door of managed-fields/: who owns which field of an object, and server-side apply. Pure values.
export {
  type Applied,
  applyConfiguration,
  type ApplyRequest,
  type Conflicting,
} from './apply-configuration.ts';
export { type Conflict, renderConflicts, type RenderedConflicts } from './conflicts.ts';
export { emptyFieldSet, FieldSet, fieldSetOf, fieldSetOfNames } from './field-set.ts';
export { fieldsOf } from './fields-of.ts';
export { type FieldsV1, parseFieldsV1, renderFieldsV1 } from './fields-v1.ts';
export { managerNameOf } from './manager-name.ts';
export { keepUnchangedTimes, managedFieldsOf, withManagedFields } from './metadata-of.ts';
export { displayPath, type FieldPath, type PathElement } from './path-element.ts';
export { trackUpdate, type UpdateRequest, type WriteScope } from './track-update.ts';
export type { KindVersions } from './versions.ts';
