// Rules of `x-kubernetes-list-type` and `x-kubernetes-list-map-keys` in a schema.
import { type FieldError, forbiddenError, invalidError, requiredError } from '../../../kube/index.ts';
import type { JsonSchema } from './json-schema.ts';
import { unsupportedError } from './validation-result.ts';

const listTypes = ['atomic', 'set', 'map'];

export function validateListRules(schema: JsonSchema, path: string): FieldError[] {
  const { listType, mapKeys } = schema;
  const errors = validateListShape(schema, path);
  const field = `${path}.x-kubernetes-list-type`;
  if (listType !== null && !listTypes.includes(listType)) {
    errors.push(unsupportedError(field, listType, listTypes));
  }
  const keysDetail = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (mapKeys.length > 0 && listType === null) errors.push(requiredError(field, keysDetail));
  else if (mapKeys.length > 0 && listType !== 'map') errors.push(invalidError(field, listType, keysDetail));
  if (listType === 'map') errors.push(...validateMap(schema, path));
  return [...errors, ...validateNullability(schema, path)];
}

function validateListShape(schema: JsonSchema, path: string): FieldError[] {
  const { listType, type, items } = schema;
  if (listType === null) return [];
  if (type !== 'array') {
    const detail = 'must be array if x-kubernetes-list-type is specified';
    return [type === '' ? requiredError(`${path}.type`, detail) : invalidError(`${path}.type`, type, detail)];
  }
  if (listType !== 'set' || items === null) return [];
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  if (items.type === 'array' && items.listType !== null && items.listType !== 'atomic') {
    return [invalidError(`${path}.items.x-kubernetes-list-type`, items.listType, detail)];
  }
  if (items.type === 'object' && items.mapType !== 'atomic') {
    return [invalidError(`${path}.items.x-kubernetes-map-type`, items.listType, detail)];
  }
  return [];
}

function validateMap(schema: JsonSchema, path: string): FieldError[] {
  const { items, itemList, mapKeys } = schema;
  const errors: FieldError[] = [];
  const keysField = `${path}.x-kubernetes-list-map-keys`;
  if (mapKeys.length === 0) {
    errors.push(requiredError(keysField, 'must not be empty if x-kubernetes-list-type is map'));
  }
  if (items === null && itemList.length === 0) {
    errors.push(requiredError(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'));
  }
  if (items === null && itemList.length > 0) {
    const detail = 'must only have a single schema if x-kubernetes-list-type is map';
    errors.push(invalidError(`${path}.items`, [], detail));
  }
  if (items === null) return errors;
  if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidError(`${path}.items.type`, items.type, detail)];
  }
  const seen = new Set<string>();
  for (const key of mapKeys) {
    const property = items.properties.get(key);
    if (property === undefined) {
      errors.push(invalidError(keysField, mapKeys, 'entries must all be names of item properties'));
    } else if (property.type === 'array' || property.type === 'object') {
      const field = `${path}.items.properties[${key}].type`;
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidError(field, items.type, detail));
    }
    if (seen.has(key)) errors.push(invalidError(keysField, mapKeys, 'must not contain duplicate entries'));
    seen.add(key);
  }
  return errors;
}

/** Items of sets and maps, and the keys of maps, must always be there. */
function validateNullability(schema: JsonSchema, path: string): FieldError[] {
  const { items, listType, mapKeys } = schema;
  if (items === null || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbiddenError(`${path}.items.nullable`, detail));
  }
  if (listType === 'set') return errors;
  for (const key of mapKeys) {
    const property = items.properties.get(key);
    if (property === undefined) continue;
    const field = `${path}.items.properties[${key}]`;
    if (!items.required.includes(key) && property.defaultValue === null) {
      const detail =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
      errors.push(requiredError(`${field}.default`, detail));
    }
    if (property.nullable) {
      const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
      errors.push(forbiddenError(`${field}.nullable`, detail));
    }
  }
  return errors;
}
