// The row of the API that a CustomResourceDefinition makes.
import type { ApiObject } from '../../api-object.ts';
import type { Resource } from '../../registry/resource.ts';
import { type Definition, hasCondition, isNamespaced } from '../definition/definition-types.ts';
import { evaluateJsonPath } from '../json-path/evaluate-json-path.ts';
import { parseJsonPath } from '../json-path/parse-json-path.ts';
import { goNumber } from '../schema/json-value.ts';
import { customPrinter } from './column-cells.ts';
import { customStrategy } from './custom-strategy.ts';
import { customVersion, readVersionSchemas } from './custom-version.ts';
import { compareVersions } from './deprecation.ts';

/** Where the objects of a definition are kept; never where objects of a built-in resource are. */
export function customStorage({ spec }: Definition): string {
  return `custom/${spec.group}/${spec.names.plural}`;
}

/** Null: no version is served. @throws {Error} the definition has no storage version. */
export function customResource(definition: Definition): Resource | null {
  const { spec, status } = definition;
  const storageVersion = spec.versions.find((version) => version.storage);
  if (storageVersion === undefined) throw new Error('spec.versions has no storage version');
  const served = spec.versions.filter((version) => version.served);
  if (served.length === 0) return null;
  const names = status.acceptedNames;
  const storage = customStorage(definition);
  const storageApiVersion = `${spec.group}/${storageVersion.name}`;
  const schemas = readVersionSchemas(definition);
  const hasStatus = served.some((version) => version.subresources?.status !== undefined);
  return {
    group: spec.group,
    plural: names.plural,
    singular: names.singular ?? '',
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: isNamespaced(definition),
    storage,
    storageApiVersion,
    versions: [...served]
      .sort((left, right) => compareVersions(left.name, right.name))
      .map((version) => customVersion(definition, version, schemas, storageApiVersion)),
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: hasStatus ? ['status'] : [],
    strategy: customStrategy({
      group: spec.group,
      plural: names.plural,
      storage,
      storageApiVersion,
      namespaced: isNamespaced(definition),
      schemas,
      hasStatus,
      isTerminating: hasCondition(definition, 'Terminating'),
    }),
    selectableFields: selectableFieldsOf(definition),
    printer: customPrinter(storageVersion.additionalPrinterColumns ?? []),
    isCustom: true,
    doc: schemas.get(storageApiVersion)?.description ?? '',
  };
}

function selectableFieldsOf({ spec }: Definition): ReadonlyMap<string, (object: ApiObject) => string> {
  const paths = new Set(
    spec.versions.flatMap((version) => (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath)),
  );
  return new Map([...paths].map((path) => [path.replace(/^\./, ''), fieldReader(path)]));
}

/** As Go prints the value; empty when there is none. */
function fieldReader(jsonPath: string): (object: ApiObject) => string {
  const parsed = parseJsonPath(jsonPath);
  if ('problem' in parsed) return () => '';
  return (object) => {
    const value = evaluateJsonPath(parsed.path, object)?.[0];
    if (typeof value === 'number') return goNumber(value);
    return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
  };
}
