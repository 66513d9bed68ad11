// How a row of the registry is written down: what follows from its kind and group is filled in.
import { deprecationWarning, schemaOf, type StructSchema } from '../../../kube/index.ts';
import type { ApiObject } from '../../api-object.ts';
import { defaultPrinter } from '../../tables/index.ts';
import type { Resource, ResourceVersion, Verb } from '../resource.ts';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

type Filled = 'singular' | 'listKind' | 'shortNames' | 'categories' | 'namespaced' | 'storage';
type Optional = 'storageApiVersion' | 'verbs' | 'subresources' | 'selectableFields' | 'printer';

/** By default: namespaced, all verbs, nothing else, stored under its own name in its first version. */
export type Row = Omit<Resource, Filled | Optional> & Partial<Pick<Resource, Filled | Optional>>;

export function resourceOf(row: Row): Resource {
  const { group, plural, kind, versions } = row;
  return {
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: [],
    categories: [],
    namespaced: true,
    storage: `${group === '' ? 'core' : group}/${plural}`,
    storageApiVersion: joinVersion(group, versions[0]?.version ?? ''),
    verbs: allVerbs,
    subresources: [],
    selectableFields: new Map(),
    printer: defaultPrinter,
    ...row,
  };
}

function joinVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

interface VersionTraits {
  /** Instead of the kind's, for kinds that kube/ does not know. */
  readonly schema?: StructSchema;
  readonly toStorage?: (object: ApiObject) => ApiObject;
  readonly fromStorage?: (object: ApiObject) => ApiObject;
  readonly toAnswer?: (object: ApiObject) => ApiObject;
}

const asItIs = (object: ApiObject): ApiObject => object;

/** A version of a kind; without conversions it is the storage version and has no defaults. */
export function versionOf(apiVersion: string, kind: string, traits: VersionTraits = {}): ResourceVersion {
  const schema = traits.schema ?? schemaOf(apiVersion, kind);
  if (schema === undefined)
    throw new Error(`no schema is known for kind "${kind}" in version "${apiVersion}"`);
  return {
    version: apiVersion.slice(apiVersion.indexOf('/') + 1),
    schema,
    deprecation: deprecationWarning(apiVersion, kind) ?? null,
    toStorage: traits.toStorage ?? asItIs,
    fromStorage: traits.fromStorage ?? asItIs,
    ...(traits.toAnswer === undefined ? {} : { toAnswer: traits.toAnswer }),
  };
}

/** The shape of a kind that is only stored: version, kind and metadata are known, the rest is carried as it came. */
export function openSchema(apiVersion: string, kind: string): StructSchema {
  const names = ['apiVersion', 'kind', 'metadata'];
  // Any kind has these members in the same shape.
  const known = schemaOf('v1', 'ConfigMap')?.members ?? new Map();
  const members = new Map([...known].filter(([name]) => names.includes(name)));
  const goType = `${apiVersion.slice(apiVersion.indexOf('/') + 1)}.${kind}`;
  return { shape: 'struct', goType, goName: kind, members, isOpen: true };
}
