// Fields that the settings put into every request to an endpoint and into every response, or take out of them.
import type { FieldTemplate, TrafficSettings } from '../model/index.ts';
import { lookupValues, removeField } from '../wire/http1/field-value.ts';
import type { ResponseHead } from '../wire/http1/response-head.ts';
import type { Exchange } from './exchange.ts';
import { compileTemplate, type Reader } from './text-template.ts';

interface SettledField {
  readonly name: string;
  /** Lower case, with `-` and with `_`. */
  readonly spellings: readonly string[];
  readonly valueOf: Reader;
}

function settle({ name, value }: FieldTemplate): SettledField {
  const lower = name.toLowerCase();
  const spellings = [...new Set([lower, lower.replaceAll('-', '_')])];
  return { name, spellings, valueOf: compileTemplate(value) };
}

function linesOf(fields: readonly SettledField[], exchange: Exchange): string {
  let lines = '';
  for (const { name, valueOf } of fields) {
    const value = valueOf(exchange).trim();
    if (value !== '') lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

function without(fields: string, taken: readonly SettledField[]): string {
  let kept = fields;
  for (const { spellings } of taken) for (const name of spellings) kept = removeField(kept, name);
  return kept;
}

/** Changes what the endpoint will get; null: nothing is set. */
export type RequestChange = ((exchange: Exchange) => void) | null;

export function compileRequestChange({ requestFields }: TrafficSettings): RequestChange {
  if (requestFields.length === 0) return null;
  const fields = requestFields.map(settle);
  const setsCodings = fields.some(({ spellings }) => spellings.includes('accept-encoding'));
  return (exchange) => {
    // All values before the first field goes: they may speak of each other.
    const lines = linesOf(fields, exchange);
    // Once: a request for an error page has lost it.
    if (setsCodings) exchange.acceptedCodings ??= lookupValues(exchange.head.fields, 'accept-encoding');
    exchange.head.fields = without(exchange.head.fields, fields);
    exchange.forwardedFields = without(exchange.forwardedFields, fields) + lines;
  };
}

/** Changes a response head; `isOwn`: no endpoint gave it. Null: nothing is set. */
export type ResponseChange = ((exchange: Exchange, head: ResponseHead, isOwn: boolean) => void) | null;

export function compileResponseChange({ responseFields, hiddenFields }: TrafficSettings): ResponseChange {
  if (responseFields.length === 0 && hiddenFields.length === 0) return null;
  const fields = responseFields.map(settle);
  const hidesServer = hiddenFields.includes('server');
  return (exchange, head, isOwn) => {
    let lines = head.fields;
    if (!isOwn) {
      for (const name of hiddenFields) lines = removeField(lines, name);
      if (hidesServer) head.hasServer = false;
    }
    head.fields = without(lines, fields) + linesOf(fields, exchange);
  };
}
