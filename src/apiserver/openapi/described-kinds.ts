// What the documents describe: every resource in every version, and the reviews that are no resources, by group version.
import { reviewResources } from '../discovery/review-resources.ts';
import type { Registry, ResourceVersion } from '../registry/resource.ts';
import { type Operation, operationsOf, reviewOperation } from './operations.ts';
import type { Definitions, GroupVersionKind } from './definitions.ts';
import { listKindOf, schemaOf, type StructSchema } from '../../kube/index.ts';

export interface DescribedKind {
  readonly kind: GroupVersionKind;
  readonly listKind: string | null;
  readonly schema: StructSchema;
  readonly openApi: ResourceVersion['openApi'];
  readonly doc: string;
  readonly operations: readonly Operation[];
  /** As long as it is the same, so is the description. */
  readonly source: object;
}

export interface DescribedGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly DescribedKind[];
}

export function listDescribed(registry: Registry): readonly DescribedGroupVersion[] {
  const described = new Map<string, { group: string; version: string; kinds: DescribedKind[] }>();
  const add = (entry: DescribedKind): void => {
    const { group, version } = entry.kind;
    const key = `${group}/${version}`;
    let found = described.get(key);
    if (found === undefined) described.set(key, (found = { group, version, kinds: [] }));
    if (!found.kinds.some(({ kind }) => kind.kind === entry.kind.kind)) found.kinds.push(entry);
  };
  for (const resource of registry.resources()) {
    for (const served of resource.versions) {
      add({
        kind: { group: resource.group, version: served.version, kind: resource.kind },
        listKind: resource.listKind,
        schema: served.schema,
        openApi: served.openApi,
        doc: resource.doc,
        operations: operationsOf(resource, served.version),
        source: served,
      });
    }
  }
  for (const review of reviewResources) {
    const { group, version, resource } = review;
    const schema = schemaOf(`${group}/${version}`, resource.kind);
    if (schema === undefined) continue;
    const target = {
      group,
      version,
      kind: resource.kind,
      plural: resource.name,
      namespaced: resource.namespaced,
    };
    add({
      kind: { group, version, kind: resource.kind },
      listKind: null,
      schema,
      openApi: undefined,
      doc: review.doc,
      operations: [reviewOperation(target)],
      source: review,
    });
  }
  return [...described.values()];
}

/** Names of the definitions of a kind. */
export interface KindDefinitions {
  readonly object: string;
  readonly list: string | null;
}

/** Adds a kind and its list. */
export function defineKind(definitions: Definitions, described: DescribedKind): KindDefinitions {
  const { kind, schema, openApi, doc, listKind } = described;
  const object =
    openApi === undefined
      ? definitions.addKind(schema, kind, doc)
      : definitions.addCustomKind(openApi, schema, kind, doc);
  if (listKind === null) return { object, list: null };
  return { object, list: definitions.addList(object, listKindOf(schema), { ...kind, kind: listKind }) };
}

/** Names of the definitions that all kinds share. */
export interface SharedDefinitions {
  readonly status: string | null;
  readonly deleteOptions: string | null;
  readonly patch: string;
}

export function defineShared(definitions: Definitions): SharedDefinitions {
  const add = (kind: string): string | null => {
    const schema = schemaOf('v1', kind);
    return schema === undefined ? null : definitions.addShared(schema);
  };
  return { status: add('Status'), deleteOptions: add('DeleteOptions'), patch: definitions.addPatch() };
}
