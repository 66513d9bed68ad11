// The shape of apiextensions.k8s.io/v1 CustomResourceDefinition. The OpenAPI schemas inside of it are recursive and have a decoder
// of their own (decode-definition.ts).
import { always, boolean, bytes, free, int32, int64, structOf, text, time } from '../../../kube/schema.ts';
import type { ListMerge, Member, Schema, StructSchema } from '../../../kube/index.ts';
import { objectMetaSchema } from '../schema/embedded-meta.ts';

function merged(items: Schema, merge: ListMerge): Schema {
  return { shape: 'list', items, goType: `[]${items.goType}`, merge };
}

function documented(schema: Schema, doc: string): Member {
  return { schema, isAlways: false, doc };
}

function required(schema: Schema, doc: string): Member {
  return { schema, isAlways: true, isRequired: true, doc };
}

const atomicTexts = merged(text, { listType: 'atomic' });

const names = structOf('v1.CustomResourceDefinitionNames', {
  plural: required(text, 'Name of the resource in paths, in lower case, e.g. "widgets".'),
  singular: documented(text, 'Name of one object on the command line; the kind in lower case when absent.'),
  shortNames: documented(atomicTexts, 'Short names on the command line.'),
  kind: required(text, 'Name of the kind in objects, e.g. "Widget".'),
  listKind: documented(text, 'Kind of lists; the kind with "List" behind it when absent.'),
  categories: documented(atomicTexts, 'Groups of resources on the command line, e.g. "all".'),
});

const subresources = structOf('v1.CustomResourceSubresources', {
  status: documented(structOf('v1.CustomResourceSubresourceStatus', {}), 'Serves /status.'),
  scale: documented(
    structOf('v1.CustomResourceSubresourceScale', {
      specReplicasPath: required(text, 'Where the wanted number of replicas is.'),
      statusReplicasPath: required(text, 'Where the actual number of replicas is.'),
      labelSelectorPath: documented(text, 'Where the selector of the replicas is.'),
    }),
    'Accepted, but /scale is not served.',
  ),
});

const column = structOf('v1.CustomResourceColumnDefinition', {
  name: required(text, 'Head of the column.'),
  type: required(text, 'Type of the cells: integer, number, string, boolean or date.'),
  format: documented(text, 'OpenAPI format of the cells.'),
  description: documented(text, 'What the column shows.'),
  priority: documented(int32, '0: always shown; more: in the wide form.'),
  jsonPath: required(text, 'Where the value is in the object.'),
});

const version = structOf('v1.CustomResourceDefinitionVersion', {
  name: required(text, 'Name of the version, e.g. "v1alpha1".'),
  served: required(boolean, 'Whether the API has this version.'),
  storage: required(boolean, 'Whether objects are kept in this version; exactly one is.'),
  deprecated: documented(boolean, 'Whether requests in this version are warned of.'),
  deprecationWarning: documented(text, 'Text of the warning instead of the usual one.'),
  schema: documented(
    structOf('v1.CustomResourceValidation', {
      openAPIV3Schema: documented(free, 'Structural OpenAPI v3 schema of the objects.'),
    }),
    'By what objects are pruned, defaulted and validated.',
  ),
  subresources: documented(subresources, 'Endpoints below an object.'),
  additionalPrinterColumns: documented(
    merged(column, { listType: 'atomic' }),
    'Columns of tables; the age when there are none.',
  ),
  selectableFields: documented(
    merged(structOf('v1.SelectableField', { jsonPath: required(text, 'Path of the field.') }), {
      listType: 'atomic',
    }),
    'Fields that field selectors may name.',
  ),
});

const webhook = structOf('v1.WebhookConversion', {
  clientConfig: structOf('v1.WebhookClientConfig', {
    url: text,
    service: structOf('v1.ServiceReference', {
      namespace: always(text),
      name: always(text),
      path: text,
      port: int32,
    }),
    caBundle: bytes,
  }),
  conversionReviewVersions: always(atomicTexts),
});

const condition = structOf('v1.CustomResourceDefinitionCondition', {
  type: always(text),
  status: always(text),
  lastTransitionTime: time,
  reason: text,
  message: text,
  observedGeneration: int64,
});

export const definitionSchema: StructSchema = structOf('v1.CustomResourceDefinition', {
  apiVersion: always(text),
  kind: always(text),
  metadata: always(objectMetaSchema),
  spec: required(
    structOf('v1.CustomResourceDefinitionSpec', {
      group: required(text, 'Group of the API, e.g. "example.com".'),
      names: required(names, 'How the resource and its kind are called.'),
      scope: required(text, '"Cluster" or "Namespaced".'),
      versions: required(merged(version, { listType: 'atomic' }), 'Versions, the preferred one by its name.'),
      conversion: documented(
        structOf('v1.CustomResourceConversion', {
          strategy: required(text, '"None": only the apiVersion changes. "Webhook" is not supported.'),
          webhook,
        }),
        'How objects come from one version to another.',
      ),
      preserveUnknownFields: documented(boolean, 'Must be false.'),
    }),
    'What the resource is.',
  ),
  status: {
    schema: structOf('v1.CustomResourceDefinitionStatus', {
      conditions: always(merged(condition, { listType: 'map', mapKeys: ['type'] })),
      acceptedNames: always(names),
      storedVersions: always(merged(text, { listType: 'atomic' })),
      observedGeneration: int64,
    }),
    isAlways: true,
    doc: 'Whether the resource is served, and under which names.',
  },
});
