// Limits of numbers. Compared as real numbers: kube-openapi cuts the fraction off a limit when the value is an integer, and takes
// 3 for no multiple of 0.5; that is not followed.
import { goNumber } from './json-value.ts';
import type { JsonSchema } from './json-schema.ts';
import type { ValidationResult } from './validation-result.ts';

export function checkNumber(value: number, schema: JsonSchema, path: string, result: ValidationResult): void {
  checkFormat(value, schema, path, result);
  const { multipleOf, maximum, minimum } = schema;
  const fault = { kind: 'invalid', value } as const;
  if (multipleOf !== null && multipleOf <= 0) {
    const message = `factor MultipleOf declared for ${path} must be positive: ${goNumber(multipleOf)}`;
    result.add({ kind: 'invalid', value: multipleOf }, path, message);
  } else if (multipleOf !== null && !isMultiple(value, multipleOf)) {
    result.add(fault, path, `${path} in body should be a multiple of ${goNumber(multipleOf)}`);
  }
  if (minimum !== null && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const relation = schema.exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    result.add(fault, path, `${path} in body should be ${relation} ${goNumber(minimum)}`);
  }
  if (maximum !== null && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const relation = schema.exclusiveMaximum ? 'less than' : 'less than or equal to';
    result.add(fault, path, `${path} in body should be ${relation} ${goNumber(maximum)}`);
  }
}

function checkFormat(value: number, schema: JsonSchema, path: string, result: ValidationResult): void {
  const { type, format } = schema;
  const isInteger = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  const isInt32 = isInteger && value >= -(2 ** 31) && value < 2 ** 31;
  const fits =
    type === 'integer'
      ? format === 'int32'
        ? isInt32
        : isInteger
      : type !== 'number' || format !== 'float' || Number.isFinite(Math.fround(value));
  if (fits || schema.isIntOrString) return;
  const isKnown = ['int32', 'int64', 'float'].includes(format);
  const suffix = isKnown ? `with format ${format}` : '(default format)';
  result.add({ kind: 'whole' }, path, `Checked value must be of type ${type} ${suffix} in ${path}`);
}

const relativeTolerance = 1e-9;

function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const distance = Math.abs(quotient - Math.round(quotient));
  return distance <= relativeTolerance * Math.max(1, Math.abs(quotient));
}
