// OpenAPI 3.0 and Swagger 2.0: what differs in how a schema is written.

export type Dialect = 'v2' | 'v3';

export type JsonSchema = Readonly<Record<string, unknown>>;

export function refTo(dialect: Dialect, name: string): JsonSchema {
  return { $ref: dialect === 'v3' ? `#/components/schemas/${name}` : `#/definitions/${name}` };
}
