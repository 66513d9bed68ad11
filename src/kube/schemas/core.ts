// Secret, ConfigMap and Namespace.
import {
  atomicList,
  boolean,
  bytes,
  field,
  filled,
  mapList,
  mapOf,
  pointer,
  required,
  structOf,
  text,
  textMap,
  textOf,
  time,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';

export const secretSchema: StructSchema = kindOf('v1.Secret', {
  immutable: pointer(5, boolean, 'True: data can no longer be changed; the Secret can only be deleted.'),
  data: field(2, mapOf(bytes), 'The secret values, each in base64, by key.'),
  stringData: field(4, textMap, 'Values as plain text, written into data and never returned.'),
  type: field(
    3,
    textOf('v1.SecretType'),
    'What the data is for, e.g. `kubernetes.io/tls`; `Opaque` by default. Cannot be changed.',
  ),
});

export const configMapSchema: StructSchema = kindOf('v1.ConfigMap', {
  immutable: pointer(4, boolean, 'True: data can no longer be changed; the ConfigMap can only be deleted.'),
  data: field(2, textMap, 'Settings as text, by key.'),
  binaryData: field(3, mapOf(bytes), 'Settings that are no UTF-8 text, each in base64, by key.'),
});

const namespaceSpec: StructSchema = structOf('v1.NamespaceSpec', {
  finalizers: field(
    1,
    atomicList(textOf('v1.FinalizerName')),
    'What must be done before a deleted namespace disappears.',
  ),
});

const namespaceCondition: StructSchema = structOf('v1.NamespaceCondition', {
  type: required(
    1,
    textOf('v1.NamespaceConditionType'),
    'What the condition is about, e.g. `NamespaceContentRemaining`.',
  ),
  status: required(2, textOf('v1.ConditionStatus'), '`True`, `False` or `Unknown`.'),
  lastTransitionTime: field(4, time, 'When the status last changed.'),
  reason: field(5, text, 'One CamelCase word for why.'),
  message: field(6, text, 'A sentence about it.'),
});

const namespaceStatus: StructSchema = structOf('v1.NamespaceStatus', {
  phase: field(1, textOf('v1.NamespacePhase'), '`Active`, or `Terminating` once it was deleted.'),
  conditions: field(
    2,
    mapList(namespaceCondition, ['type'], 'type'),
    'What still keeps a namespace from disappearing.',
  ),
});

export const namespaceSchema: StructSchema = kindOf('v1.Namespace', {
  spec: filled(2, namespaceSpec, 'How the namespace behaves.'),
  status: filled(3, namespaceStatus, 'State of the namespace.'),
});
