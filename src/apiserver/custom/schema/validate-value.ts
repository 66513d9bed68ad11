// Validates a JSON value against a schema, with the texts of kube-openapi (pkg/validation/validate). On updates, what was wrong
// before and did not change is forgiven, as the API server does it (apiextensions validation/ratcheting.go).
import { type FieldError, isJsonObject } from '../../../kube/index.ts';
import { checkAlternatives } from './alternatives.ts';
import { formatCheckOf, inferredFormat } from './formats.ts';
import { additionalSchema, type JsonSchema } from './json-schema.ts';
import {
  canonicalJson,
  type JsonObject,
  kindOfJson,
  type JsonKind,
  memberOf,
  sameJson,
} from './json-value.ts';
import { keyOf } from './list-types.ts';
import { checkNumber } from './number-checks.ts';
import { ValidationResult, fieldErrorsOf } from './validation-result.ts';

/** Steps of pattern matching that one object may take: some 100 ms. */
const maxPatternSteps = 5_000_000;
/** Schema nodes that may be applied to values of one object. */
const maxNodeVisits = 500_000;

interface Budget {
  patternSteps: number;
  nodeVisits: number;
}

/** The value before the update, if there was one that corresponds. */
type Old = { readonly value: unknown } | null;

/** `base`: the field that `value` is, empty for a whole object. Bounded in time; never throws. */
export function validateValue(value: unknown, schema: JsonSchema, base = ''): FieldError[] {
  const budget = { patternSteps: maxPatternSteps, nodeVisits: maxNodeVisits };
  return fieldErrorsOf(applySchema(value, schema, '', null, budget), base);
}

/** As `validateValue`, for the change from `old`. */
export function validateChangedValue(
  value: unknown,
  old: unknown,
  schema: JsonSchema,
  base = '',
): FieldError[] {
  const budget = { patternSteps: maxPatternSteps, nodeVisits: maxNodeVisits };
  return fieldErrorsOf(applyForgiving(value, schema, '', { value: old }, budget), base);
}

function applyForgiving(
  value: unknown,
  schema: JsonSchema,
  path: string,
  old: Old,
  budget: Budget,
): ValidationResult {
  const result = applySchema(value, schema, path, old, budget);
  return !result.isValid && old !== null && sameJson(value, old.value) ? result.forgiven() : result;
}

function applySchema(
  value: unknown,
  schema: JsonSchema,
  path: string,
  old: Old,
  budget: Budget,
): ValidationResult {
  const result = new ValidationResult();
  budget.nodeVisits -= 1;
  if (budget.nodeVisits < 0) {
    result.add({ kind: 'whole' }, path, 'the object is too large to be validated against its schema');
    return result;
  }
  const kind = kindOfJson(value);
  checkType(value, kind, schema, path, result);
  if (kind === 'null') {
    checkEnum(value, schema, path, result);
    return result;
  }
  checkAlternatives(schema, path, result, (nested) => applySchema(value, nested, path, old, budget));
  if (typeof value === 'string') checkText(value, schema, path, budget, result);
  if (typeof value === 'number') checkNumber(value, schema, path, result);
  if (Array.isArray(value)) checkList(value, schema, path, old, budget, result);
  checkEnum(value, schema, path, result);
  if (isJsonObject(value)) checkObject(value, schema, path, old, budget, result);
  result.matchCount += 1;
  return result;
}

function checkType(
  value: unknown,
  kind: JsonKind,
  schema: JsonSchema,
  path: string,
  result: ValidationResult,
): void {
  const types = schema.isIntOrString ? ['integer', 'string'] : schema.type === '' ? [] : [schema.type];
  const format = schema.isIntOrString ? '' : schema.format;
  if (types.length === 0) return;
  result.matchCount += 1;
  if (kind === 'null') {
    if (!schema.nullable) refuse(types.join(','), 'null');
    return;
  }
  const fits = types.includes(kind) || (kind === 'integer' && types.includes('number'));
  if (fits) {
    result.matchCount += 1;
    return;
  }
  const known = typeof value === 'string' || Array.isArray(value) ? '' : inferredFormat(kind);
  const hasFormat = format !== '' && formatCheckOf(schema) !== null;
  if (hasFormat && typeof value !== 'string' && !Array.isArray(value)) refuse(format, known);
  else refuse(types.join(','), kind);

  function refuse(wanted: string, actual: string): void {
    result.add(
      { kind: 'type', value: actual },
      path,
      `${path} in body must be of type ${wanted}: "${actual}"`,
    );
  }
}

function checkEnum(value: unknown, schema: JsonSchema, path: string, result: ValidationResult): void {
  const { enumValues } = schema;
  if (enumValues.length === 0 || enumValues.some((item) => sameJson(item, value))) return;
  const list = enumValues.map((item) => canonicalJson(item)).join(' ');
  result.add(
    { kind: 'enum', value, supported: enumValues },
    path,
    `${path} in body should be one of [${list}]`,
  );
}

function checkText(
  value: string,
  schema: JsonSchema,
  path: string,
  budget: Budget,
  result: ValidationResult,
): void {
  checkLength(value, schema, path, budget, result);
  const check = formatCheckOf(schema);
  if (typeof check === 'function' && !check(value)) {
    const message = `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`;
    result.add({ kind: 'type', value }, path, message);
  }
}

function checkLength(
  value: string,
  schema: JsonSchema,
  path: string,
  budget: Budget,
  result: ValidationResult,
): void {
  const { maxLength, minLength, pattern } = schema;
  const runes = maxLength === null && minLength === null ? 0 : countRunes(value);
  if (maxLength !== null && runes > maxLength) {
    result.add(
      { kind: 'tooLong', max: maxLength },
      path,
      `${path} in body should be at most ${maxLength} chars long`,
    );
  } else if (minLength !== null && runes < minLength) {
    result.add(
      { kind: 'invalid', value },
      path,
      `${path} in body should be at least ${minLength} chars long`,
    );
  } else if (pattern !== null) {
    const match = pattern.match(value, Math.max(budget.patternSteps, 0));
    budget.patternSteps -= match.steps;
    const message = `${path} in body should match '${pattern.text}'`;
    if (match.result === 'differs') result.add({ kind: 'invalid', value }, path, message);
    else if (match.result === 'too costly') {
      result.add({ kind: 'invalid', value }, path, `${message}, but matching takes too long`);
    }
  }
}

function countRunes(value: string): number {
  let count = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.codePointAt(at) ?? 0;
    if (code > 0xffff) at += 1;
    count += 1;
  }
  return count;
}

function checkList(
  list: readonly unknown[],
  schema: JsonSchema,
  path: string,
  old: Old,
  budget: Budget,
  result: ValidationResult,
): void {
  const { items, minItems, maxItems } = schema;
  if (items !== null) {
    const previous = previousItems(schema, old);
    for (const [index, item] of list.entries()) {
      if (result.isFull) break;
      const before = previous?.get(JSON.stringify(keyOf(item, schema.mapKeys))) ?? null;
      result.merge(applyForgiving(item, items, `${path}[${index}]`, before, budget));
    }
  }
  if (minItems !== null && list.length < minItems) {
    const message = `${path} in body should have at least ${minItems} items`;
    result.add({ kind: 'invalid', value: list.length }, path, message);
  }
  if (maxItems !== null && list.length > maxItems) {
    const message = `${path} in body should have at most ${maxItems} items`;
    result.add({ kind: 'tooMany', count: list.length, max: maxItems }, path, message);
  }
  result.matchCount += 1;
}

/** The old items of a list that is a map, by their keys. */
function previousItems(
  schema: JsonSchema,
  old: Old,
): ReadonlyMap<string, { readonly value: unknown }> | null {
  if (schema.listType !== 'map' || old === null || !Array.isArray(old.value)) return null;
  return new Map(
    old.value.map((item: unknown) => [JSON.stringify(keyOf(item, schema.mapKeys)), { value: item }] as const),
  );
}

function checkObject(
  object: JsonObject,
  schema: JsonSchema,
  path: string,
  old: Old,
  budget: Budget,
  result: ValidationResult,
): void {
  const { minProperties, maxProperties, additional } = schema;
  const names = Object.keys(object);
  if (minProperties !== null && names.length < minProperties) {
    const message = `${path} in body should have at least ${minProperties} properties`;
    result.add({ kind: 'invalid', value: names.length }, path, message);
  }
  if (maxProperties !== null && names.length > maxProperties) {
    const message = `${path} in body should have at most ${maxProperties} properties`;
    result.add({ kind: 'tooMany', count: names.length, max: maxProperties }, path, message);
  }
  const others = additionalSchema(schema);
  for (const name of names) {
    if (result.isFull) return;
    if (schema.properties.has(name)) continue;
    const message = `${path}.${name} in body is a forbidden property`;
    if (additional === false) result.add({ kind: 'invalid', value: name }, path, message);
    else if (others !== null) {
      const before = previousMember(name, path, old);
      result.merge(applyForgiving(object[name], others, `${path}.${name}`, before, budget));
    }
  }
  for (const [name, property] of schema.properties) {
    if (!Object.hasOwn(object, name)) continue;
    const memberPath = path === '' ? name : `${path}.${name}`;
    const before = previousMember(name, path, old);
    result.merge(applyForgiving(object[name], property, memberPath, before, budget));
  }
  for (const name of schema.required) {
    if (!Object.hasOwn(object, name)) {
      result.add({ kind: 'required' }, `${path}.${name}`, `${path}.${name} in body is required`);
    }
  }
}

function previousMember(name: string, path: string, old: Old): Old {
  // Both are in one version, whatever was stored.
  if (path === '' && (name === 'kind' || name === 'apiVersion')) return null;
  if (old === null || !isJsonObject(old.value) || !Object.hasOwn(old.value, name)) return null;
  return { value: memberOf(old.value, name) };
}
