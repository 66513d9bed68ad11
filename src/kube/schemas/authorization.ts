// Questions about permissions: may a user do this, and what may a user do at all.
import { atomicList, boolean, field, required, structOf, text, textOf } from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { extra } from './authentication.ts';
import { labelSelectorRequirement, reviewOf } from './meta.ts';

const fieldSelectorRequirement: StructSchema = structOf('v1.FieldSelectorRequirement', {
  key: required(1, text, 'Field that is selected by.'),
  operator: required(2, textOf('v1.FieldSelectorOperator'), '`In`, `NotIn`, `Exists` or `DoesNotExist`.'),
  values: field(3, atomicList(text), 'Values for `In` and `NotIn`.'),
});

const fieldSelectorAttributes: StructSchema = structOf('v1.FieldSelectorAttributes', {
  rawSelector: field(1, text, 'The selector as text, as it stands in a query.'),
  requirements: field(2, atomicList(fieldSelectorRequirement), 'The selector, parsed; excludes rawSelector.'),
});

const labelSelectorAttributes: StructSchema = structOf('v1.LabelSelectorAttributes', {
  rawSelector: field(1, text, 'The selector as text, as it stands in a query.'),
  requirements: field(2, atomicList(labelSelectorRequirement), 'The selector, parsed; excludes rawSelector.'),
});

const resourceAttributes: StructSchema = structOf('v1.ResourceAttributes', {
  namespace: field(1, text, 'Namespace of the access; empty for all or for cluster-scoped resources.'),
  verb: field(2, text, '`get`, `list`, `create` and so on; `*` for all.'),
  group: field(3, text, 'API group; `*` for all.'),
  version: field(4, text, 'API version; `*` for all.'),
  resource: field(5, text, 'Plural name of the resource; `*` for all.'),
  subresource: field(6, text, 'Subresource, if one is accessed.'),
  name: field(7, text, 'Name of the object; empty for all.'),
  fieldSelector: field(
    8,
    fieldSelectorAttributes,
    'Restricts the access to what the field selector matches.',
  ),
  labelSelector: field(
    9,
    labelSelectorAttributes,
    'Restricts the access to what the label selector matches.',
  ),
});

const nonResourceAttributes: StructSchema = structOf('v1.NonResourceAttributes', {
  path: field(1, text, 'Path of the URL.'),
  verb: field(2, text, 'HTTP method in lower case.'),
});

const selfSubjectAccessReviewSpec: StructSchema = structOf('v1.SelfSubjectAccessReviewSpec', {
  resourceAttributes: field(
    1,
    resourceAttributes,
    'Access to a resource of the API; excludes nonResourceAttributes.',
  ),
  nonResourceAttributes: field(2, nonResourceAttributes, 'Access to any other path.'),
});

const subjectAccessReviewStatus: StructSchema = structOf('v1.SubjectAccessReviewStatus', {
  allowed: required(1, boolean, 'Whether the access is allowed.'),
  denied: field(4, boolean, 'Whether it is refused for good, whatever other authorizers say.'),
  reason: field(2, text, 'Why it is allowed or not.'),
  evaluationError: field(3, text, 'What went wrong while it was decided.'),
});

export const selfSubjectAccessReviewSchema: StructSchema = reviewOf('v1.SelfSubjectAccessReview', {
  spec: required(2, selfSubjectAccessReviewSpec, 'The access in question, for the user who asks.'),
  status: field(3, subjectAccessReviewStatus, 'The answer.'),
});

const subjectAccessReviewSpec: StructSchema = structOf('v1.SubjectAccessReviewSpec', {
  resourceAttributes: field(
    1,
    resourceAttributes,
    'Access to a resource of the API; excludes nonResourceAttributes.',
  ),
  nonResourceAttributes: field(2, nonResourceAttributes, 'Access to any other path.'),
  user: field(3, text, 'The user in question.'),
  groups: field(4, atomicList(text), 'Groups of the user.'),
  extra: field(5, extra, 'What else the authenticator told about the user.'),
  uid: field(6, text, 'UID of the user.'),
});

export const subjectAccessReviewSchema: StructSchema = reviewOf('v1.SubjectAccessReview', {
  spec: required(2, subjectAccessReviewSpec, 'The access in question.'),
  status: field(3, subjectAccessReviewStatus, 'The answer.'),
});

export const localSubjectAccessReviewSchema: StructSchema = reviewOf('v1.LocalSubjectAccessReview', {
  spec: required(2, subjectAccessReviewSpec, 'The access in question, within the namespace.'),
  status: field(3, subjectAccessReviewStatus, 'The answer.'),
});

const selfSubjectRulesReviewSpec: StructSchema = structOf('v1.SelfSubjectRulesReviewSpec', {
  namespace: field(1, text, 'Namespace for which the rules are told.'),
});

const resourceRule: StructSchema = structOf('v1.ResourceRule', {
  verbs: required(1, atomicList(text), 'Verbs that are allowed; `*` for all.'),
  apiGroups: field(2, atomicList(text), 'Groups of the resources; `*` for all.'),
  resources: field(3, atomicList(text), 'Resources that may be accessed; `*` for all.'),
  resourceNames: field(4, atomicList(text), 'Names to which the rule is limited; empty for all.'),
});

const nonResourceRule: StructSchema = structOf('v1.NonResourceRule', {
  verbs: required(1, atomicList(text), 'HTTP methods in lower case; `*` for all.'),
  nonResourceURLs: field(2, atomicList(text), 'Paths that may be accessed; `*` at the end for all below.'),
});

const subjectRulesReviewStatus: StructSchema = structOf('v1.SubjectRulesReviewStatus', {
  resourceRules: required(1, atomicList(resourceRule), 'What the user may do with resources.'),
  nonResourceRules: required(2, atomicList(nonResourceRule), 'What the user may do with other paths.'),
  incomplete: required(3, boolean, 'Whether there may be more rules than these.'),
  evaluationError: field(4, text, 'What went wrong while the rules were collected.'),
});

export const selfSubjectRulesReviewSchema: StructSchema = reviewOf('v1.SelfSubjectRulesReview', {
  spec: required(2, selfSubjectRulesReviewSpec, 'Which rules are asked for.'),
  status: field(3, subjectRulesReviewStatus, 'The rules of the user who asks.'),
});
