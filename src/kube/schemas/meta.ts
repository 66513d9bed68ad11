// The metadata of every object and of lists, and the small shapes of meta/v1 that many kinds share.
import {
  atomic,
  atomicList,
  boolean,
  field,
  free,
  int64,
  listOf,
  mapList,
  pointer,
  required,
  setList,
  structOf,
  text,
  textMap,
  textOf,
  time,
} from '../schema.ts';
import type { Member, Schema, StructSchema } from '../schema.ts';

const ownerReference: StructSchema = atomic(
  structOf('v1.OwnerReference', {
    apiVersion: required(5, text, 'Group and version of the owner, e.g. `apps/v1`.'),
    kind: required(1, text, 'Kind of the owner.'),
    name: required(3, text, 'Name of the owner, in the same namespace or cluster-scoped.'),
    uid: required(
      4,
      textOf('types.UID'),
      'UID of the owner, so that a successor of the same name is not taken for it.',
    ),
    controller: pointer(6, boolean, 'Whether the owner is the one that manages this object.'),
    blockOwnerDeletion: pointer(
      7,
      boolean,
      'Keeps an owner that is deleted in the foreground until this object is gone.',
    ),
  }),
);

const managedFieldsEntry: StructSchema = structOf('v1.ManagedFieldsEntry', {
  manager: field(1, text, "Who set the fields: the program's field manager name."),
  operation: field(
    2,
    textOf('v1.ManagedFieldsOperationType'),
    '`Apply` for server-side apply, `Update` for all other writes.',
  ),
  apiVersion: field(3, text, 'Version of the API in which the field names are meant.'),
  time: field(4, time, 'When fields of this entry were last added, changed or given up.'),
  fieldsType: field(6, text, 'Format of the field set; always `FieldsV1`.'),
  fieldsV1: field(7, free, 'The owned fields, as nested objects with keys such as `f:spec`.'),
  subresource: field(8, text, 'Subresource through which the fields were set; empty for the object itself.'),
});

const shardInfo: StructSchema = structOf('v1.ShardInfo', {
  selector: required(1, text, 'The shard selector of the request.'),
});

export const listMeta: StructSchema = structOf('v1.ListMeta', {
  selfLink: field(1, text, 'No longer filled.'),
  resourceVersion: field(2, text, 'State of the store that the list shows; a watch may start from it.'),
  continue: field(3, text, 'Token for the next page; empty on the last one.'),
  remainingItemCount: pointer(4, int64, 'How many items follow this page, if that is known.'),
  shardInfo: field(5, shardInfo, 'Set when the list holds one shard of the collection only.'),
});

export const labelSelectorRequirement: StructSchema = structOf('v1.LabelSelectorRequirement', {
  key: required(1, text, 'Label that is looked at.'),
  operator: required(2, textOf('v1.LabelSelectorOperator'), '`In`, `NotIn`, `Exists` or `DoesNotExist`.'),
  values: field(3, atomicList(text), 'Values for `In` and `NotIn`; empty for the others.'),
});

export const labelSelector: StructSchema = atomic(
  structOf('v1.LabelSelector', {
    matchLabels: field(1, textMap, 'Labels that must be present with these values.'),
    matchExpressions: field(2, atomicList(labelSelectorRequirement), 'Further requirements; all must hold.'),
  }),
);

export const condition: StructSchema = structOf('v1.Condition', {
  type: required(1, text, 'What the condition is about, in CamelCase.'),
  status: required(2, textOf('v1.ConditionStatus'), '`True`, `False` or `Unknown`.'),
  observedGeneration: field(3, int64, 'Generation of the object that the condition was told for.'),
  lastTransitionTime: field(4, time, 'When the status last changed.', { isRequired: true }),
  reason: required(5, text, 'One CamelCase word for why, for programs.'),
  message: required(6, text, 'A sentence about it, for people.'),
});

const nameDoc = 'Unique within the namespace and the kind. Cannot be changed.';
const metaMembers: Readonly<Record<string, Member>> = {
  name: field(1, text, nameDoc),
  generateName: field(2, text, 'Beginning of a name that the server completes when name is empty.'),
  namespace: field(3, text, 'Namespace of the object; empty for cluster-scoped kinds. Cannot be changed.'),
  selfLink: field(4, text, 'No longer filled.'),
  uid: field(
    5,
    textOf('types.UID'),
    'Tells the object apart from all others, also from earlier ones of its name. Set by the server.',
  ),
  resourceVersion: field(
    6,
    text,
    'Version of the stored object, to be compared for equality only. Sent back on update, it guards against lost changes.',
  ),
  generation: field(7, int64, 'Counts the changes of the desired state. Set by the server.'),
  creationTimestamp: field(8, time, 'When the object was created. Set by the server.'),
  deletionTimestamp: field(
    9,
    time,
    'When the object was asked to be deleted; it goes once its finalizers are done. Set by the server.',
  ),
  deletionGracePeriodSeconds: pointer(
    10,
    int64,
    'Seconds that the object has to end after deletionTimestamp was set. Set by the server.',
  ),
  labels: field(11, textMap, 'Short values by which objects are selected.'),
  annotations: field(12, textMap, 'Any further values, for programs and people.'),
  ownerReferences: field(
    13,
    mapList(ownerReference, ['uid'], 'uid'),
    'Objects without which this one is to be removed.',
  ),
  finalizers: field(
    14,
    setList(text, 'merge'),
    'What must be done before a deleted object disappears; each entry is removed by the one who did it.',
  ),
  managedFields: field(17, atomicList(managedFieldsEntry), 'Who set which fields; kept by the server.'),
};

/** Metadata of an object that has a name. */
export const objectMeta: StructSchema = structOf('v1.ObjectMeta', {
  ...metaMembers,
  name: { ...field(1, text, nameDoc), isAlways: true },
});

/** Metadata of what has no name of its own: templates, and questions that are answered and not stored. */
export const embeddedMeta: StructSchema = structOf('v1.ObjectMeta', metaMembers);

const typeMembers: Readonly<Record<string, Member>> = {
  apiVersion: {
    ...field(null, text, 'Group and version of the API in which the object is written.'),
    isAlways: true,
  },
  kind: { ...field(null, text, 'Kind of the object, in CamelCase.'), isAlways: true },
};

/** A kind, by the Go type and its members besides type and metadata. */
export function kindOf(
  goType: string,
  members: Readonly<Record<string, Schema | Member>>,
  meta = objectMeta,
): StructSchema {
  return structOf(goType, {
    ...typeMembers,
    metadata: { ...field(1, meta, 'Name, labels and what else all objects have.'), isAlways: true },
    ...members,
  });
}

/** A kind whose objects are answered and not stored: its metadata is usually empty. */
export function reviewOf(goType: string, members: Readonly<Record<string, Schema | Member>>): StructSchema {
  return kindOf(goType, members, embeddedMeta);
}

/** A body that has a type and no metadata of its own. */
export function bodyOf(goType: string, members: Readonly<Record<string, Schema | Member>>): StructSchema {
  return structOf(goType, { ...typeMembers, ...members });
}

/** The list of a kind, e.g. `IngressList`. */
export function listKindOf(items: StructSchema): StructSchema {
  return structOf(`${items.goType}List`, {
    ...typeMembers,
    metadata: { ...field(1, listMeta, 'Version of the list and its next page.'), isAlways: true },
    items: required(2, listOf(items), 'The objects.'),
  });
}

/** Any object: only its metadata is known. */
export const unknownObjectSchema: StructSchema = kindOf('v1.PartialObjectMetadata', {});
