// Decodes a custom resource: metadata by its Go type, everything else as JSON, without what the schema does not know and without
// nulls that mean nothing. Values of a wrong type stay; the validation refuses them (422).
import { isJsonObject, type StructureResult } from '../../../kube/index.ts';
import type { DecodeFindings } from '../schema/decode-schema.ts';
import { pruneNulls } from '../schema/default-values.ts';
import { coerceEmbedded, decodeMeta } from '../schema/embedded-meta.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { isTooDeep, type JsonObject, maxValueLevels } from '../schema/json-value.ts';
import { pruneObject } from '../schema/prune.ts';

/** `schema` null: nothing beyond metadata is kept. */
export function decodeCustom(raw: JsonObject, schema: JsonSchema | null): StructureResult {
  if (isTooDeep(raw, maxValueLevels)) {
    const problem = `json: the object is nested deeper than ${maxValueLevels} levels`;
    return { value: {}, typeErrors: [problem], unknownFields: [] };
  }
  const findings: DecodeFindings = { typeErrors: [], unknownFields: [] };
  const metadata = decodeMeta(raw['metadata'] ?? {}, 'metadata', findings) ?? {};
  const pruned = pruneObject(raw, schema);
  findings.unknownFields.push(...pruned.unknownFields);
  const { apiVersion, kind, metadata: _replaced, ...rest } = pruned.value;
  const clean = coerceEmbedded(pruneNulls(rest, schema), schema, '', findings);
  return {
    value: {
      ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
      ...(typeof kind === 'string' ? { kind } : {}),
      metadata,
      ...(isJsonObject(clean) ? clean : {}),
    },
    ...findings,
  };
}
