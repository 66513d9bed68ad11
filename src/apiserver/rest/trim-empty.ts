// Stored objects without empty lists and maps: Go's `omitempty` never prints them, so a client that sends `data: {}` reads back
// an object without data, and owns nothing by it.
import { isJsonObject, type Schema, type StructSchema } from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { Resource } from '../registry/resource.ts';
import { splitGroupVersion } from './decode-object.ts';
import { joinGroupVersion } from './parts.ts';

/** `object` is in the storage version; when nothing is to be left out it is returned itself. */
export function trimEmpty(object: ApiObject, resource: Resource): ApiObject {
  // Objects of custom kinds are kept as they came.
  if (resource.isCustom === true) return object;
  const [, storageVersion] = splitGroupVersion(resource.storageApiVersion);
  const version = resource.versions.find((each) => each.version === storageVersion);
  // A view of a kind that another group stores has no schema of what is stored.
  if (version === undefined || object.apiVersion !== joinGroupVersion(resource.group, storageVersion))
    return object;
  // Members are only taken away, and none of those that every object has.
  return trimStruct(object, version.schema) as ApiObject;
}

type Members = Readonly<Record<string, unknown>>;

function trimStruct(value: Members, schema: StructSchema): Members {
  let out: Record<string, unknown> | null = null;
  for (const [name, member] of schema.members) {
    const old = Object.hasOwn(value, name) ? value[name] : undefined;
    if (old === undefined) continue;
    const trimmed = trimValue(old, member.schema);
    const isLeftOut =
      !member.isAlways && member.isPointer !== true && isEmptyCollection(trimmed, member.schema);
    if (trimmed === old && !isLeftOut) continue;
    out ??= { ...value };
    if (isLeftOut) delete out[name];
    else out[name] = trimmed;
  }
  return out ?? value;
}

function isEmptyCollection(value: unknown, { shape }: Schema): boolean {
  if (shape === 'list') return Array.isArray(value) && value.length === 0;
  return shape === 'map' && isJsonObject(value) && Object.keys(value).length === 0;
}

function trimValue(value: unknown, schema: Schema): unknown {
  if (schema.shape === 'struct') return isJsonObject(value) ? trimStruct(value, schema) : value;
  if (schema.shape === 'list' && Array.isArray(value)) {
    const { items } = schema;
    if (items.shape === 'scalar') return value;
    const trimmed = value.map((item: unknown) => trimValue(item, items));
    return trimmed.some((item, index) => item !== value[index]) ? trimmed : value;
  }
  return value;
}
