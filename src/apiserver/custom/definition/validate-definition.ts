// Validation of CustomResourceDefinitions (apiextensions validation.go). What all versions have in common is validated once and
// named at `spec.validation`, `spec.subresources`, …, as the API server does, which moves it there.
import {
  checkSubdomain,
  type FieldError,
  invalidError,
  nameCheck,
  notSupportedError,
  requiredError,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../../kube/index.ts';
import { withoutBareFinalizers } from '../schema/embedded-meta.ts';
import { everySchema, maxSchemaLevels, readSchema } from '../schema/json-schema.ts';
import { isTooDeep, sameJson } from '../schema/json-value.ts';
import { validateApproval } from './api-approval.ts';
import {
  type Definition,
  type DefinitionSpec,
  type DefinitionVersion,
  hasCondition,
} from './definition-types.ts';
import { validateConversion } from './validate-conversion.ts';
import { validateNames } from './validate-names.ts';
import { validateVersions } from './validate-versions.ts';

export function validateDefinition(definition: Definition): FieldError[] {
  const { plural } = definition.spec.names;
  const wantedName = `${plural}.${definition.spec.group}`;
  const checkName = nameCheck(checkSubdomain);
  const meta = validateObjectMeta(definition.metadata, {
    namespaced: false,
    checkName: (name, prefix) => [
      ...checkName(name, prefix),
      ...(name === wantedName ? [] : ['must be spec.names.plural+"."+spec.group']),
    ],
  });
  return [
    ...withoutBareFinalizers(meta),
    ...validateSpec(definition.spec),
    ...validateStatus(definition),
    ...validateApproval(definition, null),
    ...validatePreserving(definition.spec),
  ];
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  return [
    ...withoutBareFinalizers(validateObjectMetaUpdate(definition.metadata, old.metadata)),
    ...validateSpec(definition.spec),
    ...validateImmutableSpec(definition.spec, old),
    ...validateStatus(definition),
    ...validateApproval(definition, old),
    ...validatePreserving(definition.spec),
  ];
}

export function validateDefinitionStatus(definition: Definition, old: Definition): FieldError[] {
  return [
    ...withoutBareFinalizers(validateObjectMetaUpdate(definition.metadata, old.metadata)),
    ...validateNames(definition.status.acceptedNames, 'status.acceptedNames'),
  ];
}

function validateSpec(spec: DefinitionSpec): FieldError[] {
  return [
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...validateVersions(spec),
    ...validateRequiredNames(spec),
    ...validateNames(spec.names, 'spec.names'),
    ...validateConversion(spec.conversion),
  ];
}

function validateGroup(group: string): FieldError[] {
  const field = 'spec.group';
  if (group === '') return [requiredError(field)];
  const messages = checkSubdomain(group);
  if (messages.length > 0) return [invalidError(field, group, messages.join(','))];
  return group.includes('.') ? [] : [invalidError(field, group, 'should be a domain with at least one dot')];
}

const scopes = ['Cluster', 'Namespaced'];

function validateScope(scope: string): FieldError[] {
  if (scope === '') return [requiredError('spec.scope')];
  return scopes.includes(scope) ? [] : [notSupportedError('spec.scope', scope, scopes)];
}

function validateRequiredNames({ names }: DefinitionSpec): FieldError[] {
  const wanted = {
    plural: names.plural,
    singular: names.singular,
    kind: names.kind,
    listKind: names.listKind,
  };
  return Object.entries(wanted).flatMap(([name, value]) =>
    (value ?? '') === '' ? [requiredError(`spec.names.${name}`)] : [],
  );
}

/** Names and scope are in use once the definition is established; group and plural are its name. */
function validateImmutableSpec(spec: DefinitionSpec, old: Definition): FieldError[] {
  const before = old.spec;
  const errors: FieldError[] = [];
  const keep = (field: string, value: string, wanted: string): void => {
    if (!sameJson(value, wanted)) errors.push(invalidError(field, value, 'field is immutable'));
  };
  if (hasCondition(old, 'Established')) {
    keep('spec.scope', spec.scope, before.scope);
    keep('spec.names.kind', spec.names.kind, before.names.kind);
  }
  keep('spec.group', spec.group, before.group);
  keep('spec.names.plural', spec.names.plural, before.names.plural);
  return errors;
}

function validatePreserving(spec: DefinitionSpec): FieldError[] {
  if (spec.preserveUnknownFields !== true) return [];
  const details = [
    ...(spec.versions.some(hasDefaults) ? ['must be false in order to use defaults in the schema'] : []),
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
  ];
  return details.map((detail) => invalidError('spec.preserveUnknownFields', true, detail));
}

function hasDefaults({ schema }: DefinitionVersion): boolean {
  const raw = schema?.openAPIV3Schema;
  if (raw === undefined || isTooDeep(raw, maxSchemaLevels)) return false;
  return [...everySchema(readSchema(raw))].some(({ defaultValue }) => defaultValue !== null);
}

function validateStatus({ spec, status }: Definition): FieldError[] {
  const field = 'status.storedVersions';
  const { storedVersions } = status;
  const errors = validateNames(status.acceptedNames, 'status.acceptedNames');
  if (storedVersions.length === 0) {
    return [...errors, invalidError(field, null, 'must have at least one stored version')];
  }
  for (const { name, storage } of spec.versions) {
    if (storage && !storedVersions.includes(name)) {
      errors.push(invalidError(field, storedVersions, `must have the storage version ${name}`));
    }
  }
  const known = new Set(spec.versions.map((version) => version.name));
  for (const [index, name] of storedVersions.entries()) {
    if (known.has(name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalidError(`${field}[${index}]`, name, detail));
  }
  return errors;
}
