// Of one version: its subresources, its printer columns and its selectable fields.
import {
  duplicateError,
  type FieldError,
  invalidError,
  requiredError,
  tooManyError,
} from '../../../kube/index.ts';
import { findFieldSchema } from '../json-path/field-path.ts';
import { maxSchemaLevels, readSchema } from '../schema/json-schema.ts';
import { isTooDeep } from '../schema/json-value.ts';
import type {
  DefinitionColumn,
  DefinitionScale,
  DefinitionSubresources,
  DefinitionVersion,
} from './definition-types.ts';

/** The only form that is asked of a path; what does not parse is not shown. */
function validateSimplePath(path: string, field: string): FieldError[] {
  return path.startsWith('.')
    ? []
    : [invalidError(field, path, 'must be a simple json path starting with .')];
}

export function validateSubresources(
  subresources: DefinitionSubresources | undefined,
  path: string,
): FieldError[] {
  const scale = subresources?.scale;
  return scale === undefined ? [] : validateScale(scale, `${path}.scale`);
}

function validateScale(scale: DefinitionScale, path: string): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale;
  return [
    ...validateScalePath(specReplicasPath, `${path}.specReplicasPath`, ['.spec.'], 'under .spec', true),
    ...validateScalePath(
      statusReplicasPath,
      `${path}.statusReplicasPath`,
      ['.status.'],
      'under .status',
      true,
    ),
    ...validateScalePath(
      labelSelectorPath,
      `${path}.labelSelectorPath`,
      ['.spec.', '.status.'],
      'under either .spec or .status',
      false,
    ),
  ];
}

function validateScalePath(
  path: string,
  field: string,
  prefixes: readonly string[],
  where: string,
  isRequired: boolean,
): FieldError[] {
  if (path === '') return isRequired ? [requiredError(field)] : [];
  const errors = validateSimplePath(path, field);
  if (errors.length > 0 || prefixes.some((prefix) => path.startsWith(prefix))) return errors;
  return [invalidError(field, path, `should be a json path ${where}`)];
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function validateColumns(columns: readonly DefinitionColumn[], path: string): FieldError[] {
  return columns.flatMap((column, index) => validateColumn(column, `${path}[${index}]`));
}

function validateColumn(column: DefinitionColumn, path: string): FieldError[] {
  const { name, type, format = '', jsonPath } = column;
  const errors = name === '' ? [requiredError(`${path}.name`)] : [];
  const typeDetail = `must be one of ${columnTypes.join(',')}`;
  if (type === '') errors.push(requiredError(`${path}.type`, typeDetail));
  else if (!columnTypes.includes(type)) errors.push(invalidError(`${path}.type`, type, typeDetail));
  if (format !== '' && !columnFormats.includes(format)) {
    errors.push(invalidError(`${path}.format`, format, `must be one of ${columnFormats.join(',')}`));
  }
  const field = `${path}.JSONPath`;
  return [...errors, ...(jsonPath === '' ? [requiredError(field)] : validateSimplePath(jsonPath, field))];
}

const maxSelectableFields = 8;
const selectableTypes = ['string', 'boolean', 'integer'];

export function validateSelectableFields(version: DefinitionVersion, path: string): FieldError[] {
  const { selectableFields = [] } = version;
  if (selectableFields.length === 0) return [];
  const schema = version.schema?.openAPIV3Schema;
  if (schema === undefined) {
    return [invalidError(path, '', 'may only be set when validations.schema is included')];
  }
  // Said of the schema itself.
  if (isTooDeep(schema, maxSchemaLevels)) return [];
  const root = readSchema(schema);
  const seen = new Set<string>();
  const errors = selectableFields.flatMap(({ jsonPath }, index): FieldError[] => {
    const field = `${path}[${index}].jsonPath`;
    if (jsonPath === '') return [requiredError(field)];
    const found = findFieldSchema(jsonPath, root, { allowsBrackets: false });
    if ('problem' in found) return [invalidError(field, jsonPath, `is an invalid path: ${found.problem}`)];
    const own: FieldError[] = [];
    if (found.names[0] === 'metadata') {
      own.push(invalidError(field, jsonPath, 'must not point to fields in metadata'));
    }
    if (found.schema === null || !selectableTypes.includes(found.schema.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      own.push(invalidError(field, jsonPath, detail));
    }
    if (seen.has(jsonPath)) own.push(duplicateError(field, jsonPath));
    seen.add(jsonPath);
    return own;
  });
  return seen.size > maxSelectableFields
    ? [...errors, tooManyError(path, seen.size, maxSelectableFields)]
    : errors;
}
