// Rows of who may do what, of webhooks, of leases and of the definitions of custom resources.
import { defaultBinding } from '../../../kube/index.ts';
import { bindingPrinter, leasePrinter, webhookConfigurationPrinter } from '../../tables/index.ts';
import { isEqualValue } from '../equal-values.ts';
import { readList } from '../read-value.ts';
import type { Resource, Strategy } from '../resource.ts';
import { plainStrategy } from '../strategies/plain-strategy.ts';
import { bindingStrategy, leaseStrategy, roleStrategy } from '../strategies/small-strategies.ts';
import { convertsWith } from '../strategies/typed-strategy.ts';
import { openSchema, resourceOf, versionOf } from './row.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const rbacVersion = `${rbacGroup}/v1`;
const toBinding = { toStorage: convertsWith(defaultBinding) };

export const rbacRows: readonly Resource[] = [
  resourceOf({
    group: rbacGroup,
    plural: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    namespaced: false,
    versions: [versionOf(rbacVersion, 'ClusterRoleBinding', toBinding)],
    strategy: bindingStrategy,
    printer: bindingPrinter,
    doc: 'Grants a ClusterRole everywhere. Stored here; every user of this server may do everything.',
  }),
  resourceOf({
    group: rbacGroup,
    plural: 'clusterroles',
    kind: 'ClusterRole',
    namespaced: false,
    versions: [versionOf(rbacVersion, 'ClusterRole')],
    strategy: roleStrategy,
    doc: 'Rights that can be granted in any namespace, or everywhere. Stored here; not enforced.',
  }),
  resourceOf({
    group: rbacGroup,
    plural: 'rolebindings',
    kind: 'RoleBinding',
    versions: [versionOf(rbacVersion, 'RoleBinding', toBinding)],
    strategy: bindingStrategy,
    printer: bindingPrinter,
    doc: 'Grants a Role or a ClusterRole in its namespace. Stored here; not enforced.',
  }),
  resourceOf({
    group: rbacGroup,
    plural: 'roles',
    kind: 'Role',
    versions: [versionOf(rbacVersion, 'Role')],
    strategy: roleStrategy,
    doc: 'Rights in a namespace. Stored here; not enforced.',
  }),
];

const webhookKind = 'ValidatingWebhookConfiguration';
const webhookVersion = 'admissionregistration.k8s.io/v1';

export const webhookRow: Resource = resourceOf({
  group: 'admissionregistration.k8s.io',
  plural: 'validatingwebhookconfigurations',
  kind: webhookKind,
  categories: ['api-extensions'],
  namespaced: false,
  versions: [versionOf(webhookVersion, webhookKind, { schema: openSchema(webhookVersion, webhookKind) })],
  strategy: plainStrategy({
    namespaced: false,
    allowsUnconditionalUpdate: false,
    countsGeneration: (next, old) => !isEqualValue(readList(next, 'webhooks'), readList(old, 'webhooks')),
  }),
  printer: webhookConfigurationPrinter,
  doc: 'Webhooks that are asked before an object is written. Stored here; none is called.',
});

export const leaseRow: Resource = resourceOf({
  group: 'coordination.k8s.io',
  plural: 'leases',
  kind: 'Lease',
  versions: [versionOf('coordination.k8s.io/v1', 'Lease')],
  strategy: leaseStrategy,
  printer: leasePrinter,
  doc: 'Who holds an office and until when; programs elect their leader with it.',
});

/** The strategy is that of whoever serves the custom resources. */
export function customResourceDefinitionRow(strategy: Strategy): Resource {
  return resourceOf({
    group: 'apiextensions.k8s.io',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    namespaced: false,
    subresources: ['status'],
    versions: [versionOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition')],
    strategy,
    doc: 'A kind of objects that is added to the API.',
  });
}
