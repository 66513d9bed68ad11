// Paths of fields in a schema, as selectable fields and validation rules name them: `.spec.color`, `.spec.labels['a/b']`
// (apiextensions-apiserver pkg/apiserver/schema/cel/validation.go, ValidFieldPath).
import { additionalSchema, type JsonSchema } from '../schema/json-schema.ts';

export type FoundField =
  /** `names`: the members from the root to the field. */
  { readonly schema: JsonSchema | null; readonly names: readonly string[] } | { readonly problem: string };

const tokenPattern = /[.[\]]|'(?:[^'\\]|\\.)*'|[^.[\]]+/gs;

/** Where a path leads. */
export function findFieldSchema(
  path: string,
  schema: JsonSchema,
  options: { readonly allowsBrackets: boolean },
): FoundField {
  const tokens = path.match(tokenPattern) ?? [];
  const names: string[] = [];
  let current: JsonSchema | null = schema;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (token === '[' && !options.allowsBrackets) return { problem: 'array notation is not allowed' };
    if (token !== '.' && token !== '[') return { problem: `expected [ or . but got: ${token}` };
    at += 1;
    const part = tokens[at];
    if (part === undefined) return { problem: 'unexpected end of JSON path' };
    const name: string | null = token === '.' ? part : unquote(part);
    if (name === null) return { problem: `expected single quoted string but got ${part}` };
    const step = stepInto(current, name);
    if (step === undefined) return { problem: 'does not refer to a valid field' };
    current = step;
    names.push(name);
    if (token === '.') continue;
    at += 1;
    const close = tokens[at];
    if (close === undefined) return { problem: 'unexpected end of JSON path' };
    if (close !== ']') return { problem: `expected ] but got ${close}` };
  }
  return { schema: current, names };
}

/** Undefined: there is no such member. */
function stepInto(schema: JsonSchema | null, name: string): JsonSchema | null | undefined {
  if (schema === null) return undefined;
  if (schema.properties.size > 0) return schema.properties.get(name);
  return schema.additional === null ? undefined : additionalSchema(schema);
}

function unquote(token: string): string | null {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) return null;
  return token.slice(1, -1).replace(/\\(.)/gs, '$1');
}
