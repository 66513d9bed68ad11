// `allOf`, `anyOf`, `oneOf` and `not`, with the texts of kube-openapi (pkg/validation/validate/schema_props.go).
import type { JsonSchema } from './json-schema.ts';
import type { ValidationResult } from './validation-result.ts';

/** Validates the value at hand against another schema. */
type Apply = (schema: JsonSchema) => ValidationResult;

/** `allOf`, `anyOf`, `oneOf` and `not` of `schema`. Of alternatives that all fail, the one with the most passed checks is reported. */
export function checkAlternatives(
  schema: JsonSchema,
  path: string,
  result: ValidationResult,
  apply: Apply,
): void {
  checkAnyOf(schema.anyOf, apply, path, result);
  checkOneOf(schema.oneOf, apply, path, result);
  if (schema.allOf.length > 0) {
    const results = schema.allOf.map(apply);
    for (const nested of results) result.merge(nested);
    const valid = results.filter((nested) => nested.isValid).length;
    if (valid < results.length) {
      const suffix = valid === 0 ? '. None validated' : '';
      result.add({ kind: 'whole' }, path, `"${path}" must validate all the schemas (allOf)${suffix}`);
    }
  }
  if (schema.not !== null && apply(schema.not).isValid) {
    result.add({ kind: 'whole' }, path, `"${path}" must not validate the schema (not)`);
  }
  result.matchCount += 1;
}

function checkAnyOf(
  schemas: readonly JsonSchema[],
  apply: Apply,
  path: string,
  result: ValidationResult,
): void {
  if (schemas.length === 0) return;
  let best: ValidationResult | null = null;
  for (const schema of schemas) {
    const nested = apply(schema);
    if (nested.isValid) {
      result.merge(nested);
      return;
    }
    if (best === null || nested.matchCount > best.matchCount) best = nested;
  }
  result.add({ kind: 'whole' }, path, `"${path}" must validate at least one schema (anyOf)`);
  if (best !== null) result.merge(best);
}

function checkOneOf(
  schemas: readonly JsonSchema[],
  apply: Apply,
  path: string,
  result: ValidationResult,
): void {
  if (schemas.length === 0) return;
  const results = schemas.map(apply);
  const valid = results.filter((nested) => nested.isValid);
  const [only] = valid;
  if (valid.length === 1 && only !== undefined) {
    result.merge(only);
    return;
  }
  const found = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  result.add({ kind: 'whole' }, path, `"${path}" must validate one and only one schema (oneOf). ${found}`);
  if (valid.length > 0) return;
  const best = results.reduce((left, right) => (right.matchCount > left.matchCount ? right : left));
  result.merge(best);
}
