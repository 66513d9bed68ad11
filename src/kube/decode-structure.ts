// Structural decoding: parsed JSON or YAML against a schema, with the texts of the API server's JSON decoder (Go's
// encoding/json as sigs.k8s.io/json has it: names are case-sensitive, null means absent). Values in, values out.
import { Buffer } from 'node:buffer';
import { readMicroTime, readQuantity, readTime } from './scalar-texts.ts';
import type { TextReading } from './scalar-texts.ts';
import type { Member, ScalarShape, Schema, StructSchema } from './schema.ts';

export interface StructureResult {
  /** What could be decoded, members in the schema's order; members of a wrong type are left out or at their zero value. */
  readonly value: Readonly<Record<string, unknown>>;
  /** In document order; the API server reports the first only. */
  readonly typeErrors: readonly string[];
  /** Paths that the schema does not know, e.g. `spec.rules[0].paths`, in document order. */
  readonly unknownFields: readonly string[];
}

interface Place {
  /** The innermost struct and the path without indexes, as Go names a field. */
  readonly goStruct: string;
  readonly goPath: string;
  /** With indexes, as strict decoding names a field. */
  readonly path: string;
}

interface Findings {
  readonly typeErrors: string[];
  readonly unknownFields: string[];
}

/** Decodes an object. `raw` must be a JSON object; everything below it is checked. */
export function decodeStructure(
  raw: Readonly<Record<string, unknown>>,
  schema: StructSchema,
): StructureResult {
  const findings: Findings = { typeErrors: [], unknownFields: [] };
  const value = decodeStruct(raw, schema, { goStruct: schema.goName, goPath: '', path: '' }, findings);
  return { value, ...findings };
}

/** True for what JSON calls an object. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function joinPath(base: string, name: string): string {
  if (name === '') return base;
  return base === '' ? name : `${base}.${name}`;
}

function decodeStruct(
  raw: Readonly<Record<string, unknown>>,
  schema: StructSchema,
  place: Place,
  findings: Findings,
): Record<string, unknown> {
  const found = new Map<string, unknown>();
  const carried: (readonly [name: string, value: unknown])[] = [];
  for (const [name, value] of Object.entries(raw)) {
    const member = schema.members.get(name);
    const path = joinPath(place.path, name);
    if (member === undefined) {
      if (schema.isOpen === true) carried.push([name, value]);
      else findings.unknownFields.push(path);
      continue;
    }
    if (value === null || value === undefined) continue;
    const goPath = joinPath(joinPath(place.goPath, member.goInline ?? ''), name);
    const decoded = decodeValue(value, member.schema, { goStruct: schema.goName, goPath, path }, findings);
    if (decoded !== undefined && !isZeroScalar(decoded, member)) found.set(name, decoded);
  }
  const out: Record<string, unknown> = {};
  for (const [name, member] of schema.members) {
    const value = found.get(name) ?? (member.isAlways ? zeroOf(member.schema) : undefined);
    if (value !== undefined) out[name] = value;
  }
  // fromEntries defines own members even for a name such as `__proto__`.
  return carried.length === 0 ? out : { ...out, ...Object.fromEntries(carried) };
}

/** In Go a scalar that is no pointer has its zero value or another; that it was written down is not kept. */
function isZeroScalar(value: unknown, { schema, isPointer = false }: Member): boolean {
  if (schema.shape !== 'scalar' || isPointer) return false;
  const { scalar } = schema;
  if (scalar === 'free' || scalar === 'intOrString' || scalar === 'quantity') return false;
  return value === zeroOfScalar(scalar);
}

function zeroOf(schema: Schema): unknown {
  if (schema.shape === 'list') return [];
  if (schema.shape === 'map') return {};
  if (schema.shape === 'struct') {
    const nowhere: Place = { goStruct: '', goPath: '', path: '' };
    return decodeStruct({}, schema, nowhere, { typeErrors: [], unknownFields: [] });
  }
  return zeroOfScalar(schema.scalar);
}

function zeroOfScalar(scalar: ScalarShape): string | number | boolean {
  if (scalar === 'boolean') return false;
  return scalar === 'int32' || scalar === 'int64' || scalar === 'intOrString' ? 0 : '';
}

function decodeValue(value: unknown, schema: Schema, place: Place, findings: Findings): unknown {
  switch (schema.shape) {
    case 'struct':
      if (isJsonObject(value)) return decodeStruct(value, schema, place, findings);
      break;
    case 'list':
      if (Array.isArray(value)) {
        return value.map((item: unknown, index) => {
          const itemPlace = { ...place, path: `${place.path}[${index}]` };
          return decodeItem(item, schema.items, itemPlace, findings);
        });
      }
      break;
    case 'map':
      if (isJsonObject(value)) {
        const entries = Object.entries(value).map(([key, item]) => {
          const itemPlace = { ...place, path: joinPath(place.path, key) };
          return [key, decodeItem(item, schema.values, itemPlace, findings)] as const;
        });
        return Object.fromEntries(entries);
      }
      break;
    case 'scalar':
      return decodeScalar(value, schema.scalar, schema.goType, place, findings);
  }
  findings.typeErrors.push(renderTypeError(jsonKind(value), schema.goType, place));
  return undefined;
}

/** An element of a list or map is always there: null and values of a wrong type become the zero value, as in Go. */
function decodeItem(item: unknown, schema: Schema, place: Place, findings: Findings): unknown {
  if (item === null || item === undefined) return zeroOf(schema);
  return decodeValue(item, schema, place, findings) ?? zeroOf(schema);
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'number' : typeof value;
}

function renderTypeError(kind: string, goType: string, place: Place): string {
  return `json: cannot unmarshal ${kind} into Go struct field ${place.goStruct}.${place.goPath} of type ${goType}`;
}

function decodeScalar(
  value: unknown,
  scalar: ScalarShape,
  goType: string,
  place: Place,
  findings: Findings,
): unknown {
  if (scalar === 'free') return value;
  const decoded = readScalar(value, scalar, findings);
  if (decoded === 'wrong type') findings.typeErrors.push(renderTypeError(jsonKind(value), goType, place));
  else if (decoded === 'out of range') {
    findings.typeErrors.push(renderTypeError(`number ${String(value)}`, goType, place));
  } else if (decoded !== 'reported') return decoded.value;
  return undefined;
}

type ScalarReading =
  | { readonly value: string | number | boolean }
  | 'wrong type'
  | 'out of range'
  /** The finding has been written down. */
  | 'reported';

function readScalar(value: unknown, scalar: Exclude<ScalarShape, 'free'>, findings: Findings): ScalarReading {
  if (scalar === 'boolean') return typeof value === 'boolean' ? { value } : 'wrong type';
  if (scalar === 'int32' || scalar === 'int64') return readInteger(value, scalar);
  if (scalar === 'intOrString') return typeof value === 'string' ? { value } : readInteger(value, 'int32');
  if (scalar === 'quantity') return reportFault(readQuantity(value), findings);
  if (typeof value !== 'string') return 'wrong type';
  if (scalar === 'bytes') return readBytes(value, findings);
  if (scalar === 'time') return reportFault(readTime(value), findings);
  return scalar === 'microTime' ? reportFault(readMicroTime(value), findings) : { value };
}

function readInteger(value: unknown, scalar: 'int32' | 'int64'): ScalarReading {
  if (typeof value !== 'number') return 'wrong type';
  const limit = scalar === 'int32' ? 2 ** 31 : 2 ** 63;
  const fits = Number.isInteger(value) && value >= -limit && value < limit;
  return fits ? { value } : 'out of range';
}

/** Canonical base64, which is what the server would answer. */
function readBytes(value: string, findings: Findings): ScalarReading {
  const fault = findBase64Fault(value);
  if (fault === null) return { value: Buffer.from(value, 'base64').toString('base64') };
  findings.typeErrors.push(`illegal base64 data at input byte ${fault}`);
  return 'reported';
}

/** Where Go's decoder of standard base64 (line breaks ignored) stops, or null if it does not. */
export function findBase64Fault(value: string): number | null {
  const compact = value.replace(/[\r\n]/g, '');
  if (compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return null;
  let filled = 0;
  for (let at = 0; at < value.length; at += 1) {
    const char = value.charAt(at);
    if (char === '\n' || char === '\r') continue;
    if (/[A-Za-z0-9+/]/.test(char)) {
      filled = (filled + 1) % 4;
      continue;
    }
    if (char !== '=' || filled < 2) return at;
    return findPaddingFault(value, at + 1, filled === 2);
  }
  return filled === 0 ? null : value.length - filled;
}

function findPaddingFault(value: string, from: number, wantsSecond: boolean): number | null {
  let wanted = wantsSecond;
  for (let at = from; at < value.length; at += 1) {
    const char = value.charAt(at);
    if (char === '\n' || char === '\r') continue;
    if (!wanted || char !== '=') return at;
    wanted = false;
  }
  return wanted ? value.length : null;
}

function reportFault(reading: TextReading, findings: Findings): ScalarReading {
  if ('value' in reading) return reading;
  findings.typeErrors.push(reading.fault);
  return 'reported';
}
