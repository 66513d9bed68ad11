// References from one object to another.
import { atomic, field, pointer, required, structOf, text, textOf } from '../schema.ts';
import type { Member, StructSchema } from '../schema.ts';

export const objectReference: StructSchema = atomic(
  structOf('v1.ObjectReference', {
    kind: field(1, text, 'Kind of the object.'),
    namespace: field(2, text, 'Its namespace.'),
    name: field(3, text, 'Its name.'),
    uid: field(4, textOf('types.UID'), 'Its UID.'),
    apiVersion: field(5, text, 'Its group and version.'),
    resourceVersion: field(6, text, 'The version that is meant, if one is.'),
    fieldPath: field(7, text, 'The part that is meant, e.g. `spec.containers{web}`.'),
  }),
);

/** The name alone, as other structs inline it. */
export const localName: Readonly<Record<string, Member>> = {
  name: field(1, text, 'Name of an object in the same namespace.', { defaultText: '' }),
};
export const localObjectReference: StructSchema = atomic(structOf('v1.LocalObjectReference', localName));

export const typedLocalObjectReference: StructSchema = atomic(
  structOf('v1.TypedLocalObjectReference', {
    apiGroup: pointer(1, text, 'Group of the object; absent for the core group.'),
    kind: required(2, text, 'Kind of the object.'),
    name: required(3, text, 'Name of the object, in the same namespace.'),
  }),
);

export const typedObjectReference: StructSchema = structOf('v1.TypedObjectReference', {
  apiGroup: pointer(1, text, 'Group of the object; absent for the core group.'),
  kind: required(2, text, 'Kind of the object.'),
  name: required(3, text, 'Name of the object.'),
  namespace: pointer(4, text, 'Namespace of the object, if it is another one.'),
});
