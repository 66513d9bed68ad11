// The form of `x-kubernetes-validations`. The rules themselves are neither compiled nor evaluated here.
import { type FieldError, invalidError, notSupportedError, requiredError } from '../../../kube/index.ts';
import { findFieldSchema } from '../json-path/field-path.ts';
import type { JsonSchema, ValidationRule } from './json-schema.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

function hasLineBreak(text: string): boolean {
  return /[\n\r]/.test(text);
}

export function validateRules(
  rules: readonly ValidationRule[],
  schema: JsonSchema,
  path: string,
): FieldError[] {
  return rules.flatMap((rule, index) =>
    validateRule(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
  );
}

function validateRule(rule: ValidationRule, schema: JsonSchema, path: string): FieldError[] {
  const { messageExpression, reason } = rule;
  const errors = validateTexts(rule, path);
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(requiredError(`${path}.messageExpression`, detail));
  }
  if (reason !== null && !reasons.includes(reason)) {
    errors.push(notSupportedError(`${path}.reason`, reason, reasons));
  }
  return [...errors, ...validateFieldPath(rule.fieldPath, schema, `${path}.fieldPath`)];
}

function validateTexts({ rule, message }: ValidationRule, path: string): FieldError[] {
  if (rule.trim() === '') return [requiredError(`${path}.rule`, 'rule is not specified')];
  if (message !== '' && message.trim() === '') {
    return [invalidError(`${path}.message`, message, 'must be non-empty if specified')];
  }
  if (hasLineBreak(message.trim())) {
    return [invalidError(`${path}.message`, message, 'must not contain line breaks')];
  }
  if (hasLineBreak(rule.trim()) && message.trim() === '') {
    return [requiredError(`${path}.message`, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

function validateFieldPath(fieldPath: string, schema: JsonSchema, field: string): FieldError[] {
  if (fieldPath === '') return [];
  const errors: FieldError[] = [];
  if (fieldPath.trim() === '') {
    errors.push(invalidError(field, fieldPath, 'must be non-empty if specified'));
  }
  if (hasLineBreak(fieldPath)) errors.push(invalidError(field, fieldPath, 'must not contain line breaks'));
  const found = findFieldSchema(fieldPath, schema, { allowsBrackets: true });
  if ('problem' in found) errors.push(invalidError(field, fieldPath, 'must be a valid path'));
  return errors;
}
