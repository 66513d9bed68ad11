// What a definition is warned of: what the API server warns of, and what this one stores without acting on it.
import { formatCheckOf } from '../schema/formats.ts';
import { everySchema, readSchema } from '../schema/json-schema.ts';
import { parseJsonPath } from '../json-path/parse-json-path.ts';
import type { Definition, DefinitionVersion } from './definition-types.ts';

/** Each text once, in the order of the versions. */
export function definitionWarnings(definition: Definition): readonly string[] {
  return [...new Set(definition.spec.versions.flatMap(versionWarnings))];
}

function versionWarnings(version: DefinitionVersion): string[] {
  const raw = version.schema?.openAPIV3Schema;
  const schemas = raw === undefined ? [] : [...everySchema(readSchema(raw))];
  const warnings = schemas
    .filter((schema) => schema.format !== '' && formatCheckOf(schema) === null)
    .map((schema) => `unrecognized format ${JSON.stringify(schema.format)}`);
  if (schemas.some((schema) => schema.rules.length > 0)) {
    warnings.push(
      `spec.versions[${version.name}]: x-kubernetes-validations are stored, but not evaluated by this server`,
    );
  }
  if (version.subresources?.scale !== undefined) {
    warnings.push(`spec.versions[${version.name}]: the scale subresource is not served by this server`);
  }
  for (const { name, jsonPath } of version.additionalPrinterColumns ?? []) {
    const parsed = parseJsonPath(jsonPath);
    if (!('problem' in parsed)) continue;
    warnings.push(
      `spec.versions[${version.name}]: column ${JSON.stringify(name)} and those behind it are not shown: ${JSON.stringify(jsonPath)}: ${parsed.problem}`,
    );
  }
  return warnings;
}
