// `spec.versions`: names, the one storage version, and of each version its schema, subresources, columns and selectable fields.
import {
  byteLength,
  checkDns1035Label,
  type FieldError,
  invalidError,
  requiredError,
} from '../../../kube/index.ts';
import { sameJson } from '../schema/json-value.ts';
import type { DefinitionSpec, DefinitionVersion } from './definition-types.ts';
import { validateColumns, validateSelectableFields, validateSubresources } from './validate-version-parts.ts';
import { validateVersionSchema } from './validate-version-schema.ts';

/** Parts that are validated once when all versions have the same. */
type SharedPart = 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields';

function isShared(versions: readonly DefinitionVersion[], part: SharedPart): boolean {
  const [first] = versions;
  return first !== undefined && versions.every((version) => sameJson(version[part], first[part]));
}

export function validateVersions(spec: DefinitionSpec): FieldError[] {
  const { versions } = spec;
  const path = 'spec.versions';
  const shared = {
    schema: isShared(versions, 'schema'),
    subresources: isShared(versions, 'subresources'),
    additionalPrinterColumns: isShared(versions, 'additionalPrinterColumns'),
    selectableFields: isShared(versions, 'selectableFields'),
  };
  const errors = validateSchemasAreThere(versions, shared.schema);
  for (const [index, version] of versions.entries()) {
    errors.push(...validateVersion(version, `${path}[${index}]`, shared));
  }
  const names = versions.map((version) => version.name);
  if (new Set(names).size < names.length) {
    errors.push(invalidError(path, versions, 'must contain unique version names'));
  }
  if (versions.filter((version) => version.storage).length !== 1) {
    errors.push(invalidError(path, versions, 'must have exactly one version marked as storage version'));
  }
  return [...errors, ...validateFirstName(versions), ...validateSharedParts(versions, shared)];
}

function validateSchemasAreThere(versions: readonly DefinitionVersion[], areShared: boolean): FieldError[] {
  if (areShared && versions[0]?.schema?.openAPIV3Schema !== undefined) return [];
  return versions.flatMap((version, index) =>
    version.schema?.openAPIV3Schema === undefined || areShared
      ? [requiredError(`spec.versions[${index}].schema.openAPIV3Schema`)]
      : [],
  );
}

/** The first version stands in the field of old too, in which there was one only. */
function validateFirstName([first]: readonly DefinitionVersion[]): FieldError[] {
  const messages = first === undefined ? [] : checkDns1035Label(first.name);
  return messages.length === 0 ? [] : [invalidError('spec.version', first?.name, messages.join(','))];
}

type Shared = Readonly<Record<SharedPart, boolean>>;

function validateVersion(version: DefinitionVersion, path: string, shared: Shared): FieldError[] {
  const errors: FieldError[] = [];
  const messages = checkDns1035Label(version.name);
  if (messages.length > 0) errors.push(invalidError(`${path}.name`, version.name, messages.join(',')));
  errors.push(...validateDeprecation(version, `${path}.deprecationWarning`));
  if (!shared.schema) {
    const hasStatus = version.subresources?.status !== undefined;
    errors.push(...validateVersionSchema(version.schema, hasStatus, `${path}.schema`));
  }
  if (!shared.subresources)
    errors.push(...validateSubresources(version.subresources, `${path}.subresources`));
  if (!shared.additionalPrinterColumns) {
    errors.push(
      ...validateColumns(version.additionalPrinterColumns ?? [], `${path}.additionalPrinterColumns`),
    );
  }
  if (!shared.selectableFields) {
    errors.push(...validateSelectableFields(version, `${path}.selectableFields`));
  }
  return errors;
}

function validateSharedParts(versions: readonly DefinitionVersion[], shared: Shared): FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  const hasStatus = versions.some((version) => version.subresources?.status !== undefined);
  return [
    ...(shared.schema ? validateVersionSchema(first.schema, hasStatus, 'spec.validation') : []),
    ...(shared.subresources ? validateSubresources(first.subresources, 'spec.subresources') : []),
    ...(shared.additionalPrinterColumns
      ? validateColumns(first.additionalPrinterColumns ?? [], 'spec.additionalPrinterColumns')
      : []),
    ...(shared.selectableFields ? validateSelectableFields(first, 'spec.selectableFields') : []),
  ];
}

const maxWarningBytes = 256;
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function validateDeprecation(version: DefinitionVersion, field: string): FieldError[] {
  const { deprecated = false, deprecationWarning: text } = version;
  if (text === undefined) return [];
  if (!deprecated) return [invalidError(field, text, 'can only be set for deprecated versions')];
  const errors: FieldError[] = [];
  if (byteLength(text) > maxWarningBytes) {
    errors.push(invalidError(field, text, `must be <= ${maxWarningBytes} characters long`));
  }
  if (text === '') errors.push(invalidError(field, text, 'must not be an empty string'));
  const at = text.search(unprintable);
  if (at !== -1) {
    const offset = byteLength(text.slice(0, at));
    const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${offset}`;
    errors.push(invalidError(field, text, detail));
  }
  return errors;
}
