// CustomResourceDefinition; the schemas inside are carried as they came.
import {
  atomicList,
  boolean,
  bytes,
  field,
  filled,
  free,
  int32,
  int64,
  mapList,
  pointer,
  required,
  structOf,
  text,
  textOf,
  time,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';

const customResourceDefinitionNames: StructSchema = structOf('v1.CustomResourceDefinitionNames', {
  plural: required(1, text, 'Name in URLs, lower case; with the group it is the name of the definition.'),
  singular: field(2, text, 'Lower-case name of one object; by default that of the kind.'),
  shortNames: field(3, atomicList(text), 'Short names for the command line.'),
  kind: required(4, text, 'Kind of the objects, in CamelCase.'),
  listKind: field(5, text, 'Kind of lists; by default the kind followed by `List`.'),
  categories: field(6, atomicList(text), 'Groups of resources to which this one belongs, e.g. `all`.'),
});

const customResourceValidation: StructSchema = structOf('v1.CustomResourceValidation', {
  openAPIV3Schema: field(null, free, 'Shape of the objects as an OpenAPI v3 schema.'),
});

const customResourceSubresourceStatus: StructSchema = structOf('v1.CustomResourceSubresourceStatus', {});

const customResourceSubresourceScale: StructSchema = structOf('v1.CustomResourceSubresourceScale', {
  specReplicasPath: required(1, text, 'Where an object states its wanted replicas, e.g. `.spec.replicas`.'),
  statusReplicasPath: required(2, text, 'Where an object states its present replicas.'),
  labelSelectorPath: pointer(3, text, 'Where an object states the label selector of its pods, as text.'),
});

const customResourceSubresources: StructSchema = structOf('v1.CustomResourceSubresources', {
  status: field(
    1,
    customResourceSubresourceStatus,
    'Present: status is written through a subresource of its own.',
  ),
  scale: field(2, customResourceSubresourceScale, 'Present: objects can be scaled.'),
});

const customResourceColumnDefinition: StructSchema = structOf('v1.CustomResourceColumnDefinition', {
  name: required(1, text, 'Heading of the column.'),
  type: required(2, text, '`string`, `integer`, `number`, `boolean` or `date`.'),
  format: field(3, text, 'OpenAPI format of the values, e.g. `int32`.'),
  description: field(4, text, 'What the column shows.'),
  priority: field(5, int32, '0 for columns that are always shown, more for the wide form.'),
  jsonPath: required(6, text, 'Where the value is found, e.g. `.spec.replicas`.'),
});

const selectableField: StructSchema = structOf('v1.SelectableField', {
  jsonPath: required(1, text, 'Path of a field by which lists and watches may be filtered.'),
});

const customResourceDefinitionVersion: StructSchema = structOf('v1.CustomResourceDefinitionVersion', {
  name: required(1, text, 'Name of the version, e.g. `v1beta1`.'),
  served: required(2, boolean, 'Whether the version is served.'),
  storage: required(3, boolean, 'Whether objects are stored in this version; true for exactly one.'),
  deprecated: field(7, boolean, 'Answers in this version carry a warning.'),
  deprecationWarning: pointer(8, text, 'Text of that warning, instead of the usual one.'),
  schema: field(4, customResourceValidation, 'Shape of the objects in this version.'),
  subresources: field(5, customResourceSubresources, 'Subresources of the objects.'),
  additionalPrinterColumns: field(
    6,
    atomicList(customResourceColumnDefinition),
    'Columns of tables; by default the age only.',
  ),
  selectableFields: field(9, atomicList(selectableField), 'Fields that field selectors may use, at most 8.'),
});

const serviceReference: StructSchema = structOf('v1.ServiceReference', {
  namespace: required(1, text, 'Namespace of the Service.'),
  name: required(2, text, 'Name of the Service.'),
  path: pointer(3, text, 'Path at which the webhook answers.'),
  port: pointer(4, int32, 'Port of the Service; 443 by default.'),
});

const webhookClientConfig: StructSchema = structOf('v1.WebhookClientConfig', {
  url: pointer(3, text, 'URL of the webhook; excludes service.'),
  service: field(1, serviceReference, 'Service behind which the webhook runs.'),
  caBundle: field(2, bytes, "Certificates in PEM that the webhook's certificate is checked against."),
});

const webhookConversion: StructSchema = structOf('v1.WebhookConversion', {
  clientConfig: field(2, webhookClientConfig, 'How the webhook is called.'),
  conversionReviewVersions: required(
    3,
    atomicList(text),
    'Versions of ConversionReview that the webhook understands, preferred first.',
  ),
});

const customResourceConversion: StructSchema = structOf('v1.CustomResourceConversion', {
  strategy: required(
    1,
    textOf('v1.ConversionStrategyType'),
    '`None` changes the apiVersion only; `Webhook` asks a webhook.',
  ),
  webhook: field(2, webhookConversion, 'The webhook, for strategy `Webhook`.'),
});

const customResourceDefinitionSpec: StructSchema = structOf('v1.CustomResourceDefinitionSpec', {
  group: required(1, text, 'API group of the resource.'),
  names: required(3, customResourceDefinitionNames, 'How the resource is called.'),
  scope: required(4, textOf('v1.ResourceScope'), '`Namespaced` or `Cluster`.'),
  versions: required(7, atomicList(customResourceDefinitionVersion), 'The versions of the resource.'),
  conversion: field(9, customResourceConversion, 'How objects are converted between versions.'),
  preserveUnknownFields: field(10, boolean, 'Keeps fields that no schema knows; deprecated, must be false.'),
});

const customResourceDefinitionCondition: StructSchema = structOf('v1.CustomResourceDefinitionCondition', {
  type: required(
    1,
    textOf('v1.CustomResourceDefinitionConditionType'),
    '`Established`, `NamesAccepted`, `Terminating` and others.',
  ),
  status: required(2, textOf('v1.ConditionStatus'), '`True`, `False` or `Unknown`.'),
  lastTransitionTime: field(3, time, 'When the status last changed.'),
  reason: field(4, text, 'One CamelCase word for why.'),
  message: field(5, text, 'A sentence about it.'),
  observedGeneration: field(6, int64, 'Generation that the condition was told for.'),
});

const customResourceDefinitionStatus: StructSchema = structOf('v1.CustomResourceDefinitionStatus', {
  conditions: filled(
    1,
    mapList(customResourceDefinitionCondition, ['type']),
    'Whether the resource is served, and if not, why.',
  ),
  acceptedNames: filled(
    2,
    customResourceDefinitionNames,
    'The names in use; they differ from spec.names after a clash.',
  ),
  storedVersions: filled(3, atomicList(text), 'Versions in which objects may be stored.'),
  observedGeneration: field(4, int64, 'Generation that the status was told for.'),
});

export const customResourceDefinitionSchema: StructSchema = kindOf('v1.CustomResourceDefinition', {
  spec: required(2, customResourceDefinitionSpec, 'What the resource is.'),
  status: field(3, customResourceDefinitionStatus, 'State of the definition; written by the server.'),
});
