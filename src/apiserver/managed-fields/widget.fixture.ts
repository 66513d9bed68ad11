// A kind with every sort of field, in two versions, and requests about it.
import { decodeStructure, isJsonObject, type StructSchema } from '../../kube/index.ts';
import {
  always,
  atomicMap,
  field,
  free,
  int64,
  listOf,
  mapList,
  pointer,
  setList,
  structOf,
  text,
  textMap,
} from '../../kube/schema.ts';
import type { JsonObject } from '../patch/index.ts';
import {
  applyConfiguration,
  type Applied,
  type Conflicting,
  type KindVersions,
  trackUpdate,
  withManagedFields,
} from './index.ts';

const objectMeta = structOf('v1.ObjectMeta', {
  name: always(text),
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: textMap,
  annotations: textMap,
  finalizers: setList(text, 'merge'),
  managedFields: listOf(free),
});

const port = structOf('v1.WidgetPort', {
  port: pointer(1, int64),
  protocol: field(2, text, '', { defaultText: 'TCP' }),
  name: text,
});

function widgetSchema(sizeName: string): StructSchema {
  const spec = structOf('v1.WidgetSpec', {
    [sizeName]: pointer(1, int64),
    free,
    ports: mapList(port, ['port', 'protocol'], 'port'),
    tags: setList(text),
    whole: atomicMap(int64),
    steps: listOf(text),
  });
  return structOf('v1.Widget', {
    apiVersion: always(text),
    kind: always(text),
    metadata: always(objectMeta),
    spec: always(spec),
    status: structOf('v1.WidgetStatus', { phase: text }),
  });
}

export const v1 = 'example.com/v1';
export const v1beta1 = 'example.com/v1beta1';

/** v1beta1 calls the size `scale`. */
const schemas: ReadonlyMap<string, StructSchema> = new Map([
  [v1, widgetSchema('size')],
  [v1beta1, widgetSchema('scale')],
]);

export const schemaV1: StructSchema = widgetSchema('size');

function rename(spec: JsonObject, from: string, to: string): JsonObject {
  const { [from]: value, ...rest } = spec;
  return value === undefined ? rest : { ...rest, [to]: value };
}

export const versions: KindVersions = {
  schemaOf: (apiVersion) => schemas.get(apiVersion) ?? null,
  toVersion: (object, apiVersion) => {
    if (!schemas.has(apiVersion)) return null;
    const spec = isJsonObject(object['spec']) ? object['spec'] : {};
    const renamed = apiVersion === v1 ? rename(spec, 'scale', 'size') : rename(spec, 'size', 'scale');
    return { ...object, apiVersion, spec: renamed };
  },
};

export function widget(spec: JsonObject, metadata: JsonObject = {}, apiVersion = v1): JsonObject {
  return { apiVersion, kind: 'Widget', metadata: { name: 'w', namespace: 'shop', ...metadata }, spec };
}

export function secondsToMs(seconds: number): number {
  return Date.parse('2026-01-02T03:04:05Z') + seconds * 1000;
}

export interface Circumstances {
  readonly atSeconds?: number;
  readonly force?: boolean;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly resetFields?: readonly string[];
}

function scopeOf(about: Circumstances) {
  return {
    apiVersion: about.apiVersion ?? v1,
    subresource: about.subresource ?? '',
    resetFields: about.resetFields ?? ['status'],
    versions,
    nowMs: secondsToMs(about.atSeconds ?? 0),
  };
}

/** The object as it is stored after a write by `manager`. */
export function write(
  live: JsonObject | null,
  next: JsonObject,
  manager: string,
  about: Circumstances = {},
): JsonObject {
  const entries = trackUpdate({ ...scopeOf(about), live, next, manager });
  return store(withManagedFields(next, entries));
}

/** As decoding leaves it: without nulls; with the uid of a stored object. */
export function store(object: JsonObject): JsonObject {
  const kept = withoutNulls(object);
  const schema = versions.schemaOf(String(object['apiVersion'])) ?? schemaV1;
  const decoded = isJsonObject(kept) ? decodeStructure(kept, schema).value : {};
  const metadata = isJsonObject(decoded['metadata']) ? decoded['metadata'] : {};
  return { ...decoded, metadata: { ...metadata, uid: 'u-1' } };
}

function withoutNulls(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]));
}

export function apply(
  live: JsonObject | null,
  config: unknown,
  manager: string,
  about: Circumstances = {},
): Applied | Conflicting {
  const force = about.force === true;
  return applyConfiguration({ ...scopeOf(about), live, config, kind: 'Widget', manager, force });
}

/** The stored object after an apply that must succeed. */
export function applied(
  live: JsonObject | null,
  config: unknown,
  manager: string,
  about: Circumstances = {},
): JsonObject {
  const result = apply(live, config, manager, about);
  if (result.kind !== 'applied') throw new Error(`conflicts: ${result.conflicts.length}, want none`);
  return store(result.object);
}

/** By manager and operation: what each owns. */
export function ownersOf(object: JsonObject): Readonly<Record<string, unknown>> {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const entries = Array.isArray(metadata['managedFields']) ? metadata['managedFields'] : [];
  return Object.fromEntries(
    entries
      .filter(isJsonObject)
      .map((entry) => [`${String(entry['manager'])} ${String(entry['operation'])}`, entry['fieldsV1']]),
  );
}
