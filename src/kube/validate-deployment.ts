// Validation of Deployment on create and on update (apps validation.go): its numbers, its selector, and that the pods it would
// make are its own. What a container may say is not checked: nothing here runs one.
import { invalidError, invalidErrors, notSupportedError, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { goJson } from './go-text.ts';
import { checkQualifiedName, checkSubdomainName } from './names.ts';
import {
  immutableDetail,
  sortedEntries,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validate-metadata.ts';
import type { Deployment, DeploymentSpec, ObjectSelector, SelectorExpression } from './workload-types.ts';

const operators = ['DoesNotExist', 'Exists', 'In', 'NotIn'];

/** A new Deployment, defaulted. */
export function validateDeploymentCreate(deployment: Deployment): FieldError[] {
  return [
    ...validateObjectMeta(deployment.metadata, { namespaced: true, checkName: checkSubdomainName }),
    ...validateSpec(deployment.spec),
  ];
}

/** A changed Deployment: the selector is immutable. */
export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): FieldError[] {
  const { selector } = deployment.spec;
  const isSame = selectorText(selector) === selectorText(old.spec.selector);
  return [
    ...validateObjectMetaUpdate(deployment.metadata, old.metadata),
    ...validateSpec(deployment.spec),
    ...(isSame ? [] : [invalidError('spec.selector', selector ?? null, immutableDetail)]),
  ];
}

function selectorText(selector: ObjectSelector | undefined): string {
  return goJson([sortedEntries(selector?.matchLabels), selector?.matchExpressions ?? []]);
}

function validateSpec(spec: DeploymentSpec): FieldError[] {
  const { selector, template, minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const errors = validateNonNegative('spec.replicas', spec.replicas ?? 0);
  if (selector === undefined) errors.push(requiredError('spec.selector'));
  else errors.push(...validateSelector('spec.selector', selector));
  const labels = template?.metadata?.labels ?? {};
  if (!matchesSelector(labels, selector)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalidError('spec.template.metadata.labels', labels, detail));
  }
  errors.push(...validateLabels('spec.template.metadata.labels', labels));
  if ((template?.spec?.containers ?? []).length === 0) {
    errors.push(requiredError('spec.template.spec.containers'));
  }
  errors.push(
    ...validateNonNegative('spec.minReadySeconds', minReadySeconds),
    ...validateNonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit ?? 0),
  );
  if (progressDeadlineSeconds === undefined) return errors;
  errors.push(...validateNonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds));
  if (progressDeadlineSeconds > minReadySeconds) return errors;
  const detail = 'must be greater than minReadySeconds';
  return [...errors, invalidError('spec.progressDeadlineSeconds', progressDeadlineSeconds, detail)];
}

function validateNonNegative(field: string, value: number): FieldError[] {
  return value >= 0 ? [] : [invalidError(field, value, 'must be greater than or equal to 0')];
}

function validateSelector(field: string, selector: ObjectSelector): FieldError[] {
  const { matchLabels, matchExpressions = [] } = selector;
  const isEmpty = Object.keys(matchLabels ?? {}).length + matchExpressions.length === 0;
  return [
    ...validateLabels(`${field}.matchLabels`, matchLabels),
    ...matchExpressions.flatMap((expression, index) =>
      validateExpression(`${field}.matchExpressions[${index}]`, expression),
    ),
    ...(isEmpty ? [invalidError(field, selector, 'empty selector is invalid for deployment')] : []),
  ];
}

function validateExpression(field: string, expression: SelectorExpression): FieldError[] {
  const { key, operator, values = [] } = expression;
  const errors: FieldError[] = [];
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (!operators.includes(operator)) {
    errors.push(notSupportedError(`${field}.operator`, operator, operators));
  } else if (takesValues && values.length === 0) {
    errors.push(requiredError(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (!takesValues && values.length > 0) {
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errors.push({ type: 'Forbidden', field: `${field}.values`, value: '', detail });
  }
  return [...errors, ...invalidErrors(`${field}.key`, key, checkQualifiedName(key))];
}

/** A selector that is absent selects nothing, an empty one everything. */
export function matchesSelector(
  labels: Readonly<Record<string, string>>,
  selector: ObjectSelector | undefined,
): boolean {
  if (selector === undefined) return false;
  const matchesAll = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
  return matchesAll && (selector.matchExpressions ?? []).every((each) => matchesExpression(labels, each));
}

function matchesExpression(
  labels: Readonly<Record<string, string>>,
  { key, operator, values = [] }: SelectorExpression,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
