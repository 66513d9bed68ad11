// What Go makes of objects of every kind: `go-messages.jsonl` was written by a program with k8s.io/api v0.36.3, which marshalled
// each object to protobuf (in its envelope) and to JSON. Variants: `full`: every field has a value (schemas of custom resources
// aside); `zero`: every pointer points to a zero value; `empty`: nothing is set.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';

export interface GoMessage {
  readonly apiVersion: string;
  readonly kind: string;
  readonly variant: 'full' | 'zero' | 'empty';
  readonly bytes: Buffer;
  readonly json: Readonly<Record<string, unknown>>;
}

interface Line extends Omit<GoMessage, 'bytes'> {
  readonly protobuf: string;
}

export const goMessages: readonly GoMessage[] = readFileSync(
  new URL('go-messages.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((text) => {
    const { protobuf, ...rest } = JSON.parse(text) as Line;
    return { ...rest, bytes: Buffer.from(protobuf, 'base64') };
  });

/** Without nulls: Go prints zero times and nil lists as null, which means the same as absence. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutNulls(item)]));
}
