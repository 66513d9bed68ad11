// Protobuf messages (wire format), of the three types that the OpenAPI message knows: texts, booleans, messages.

const varintWire = 0;
const lengthWire = 2;

export function textField(field: number, text: unknown): Uint8Array[] {
  if (typeof text !== 'string' || text === '') return [];
  const bytes = Buffer.from(text);
  return [tag(field, lengthWire), varint(bytes.length), bytes];
}

export function textFields(field: number, texts: unknown): Uint8Array[] {
  return Array.isArray(texts) ? texts.flatMap((text) => textField(field, text)) : [];
}

export function booleanField(field: number, value: unknown): Uint8Array[] {
  return value === true ? [tag(field, varintWire), varint(1)] : [];
}

/** Also an empty message is there. */
export function messageField(field: number, ...parts: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  const content = parts.flat();
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [tag(field, lengthWire), varint(length), ...content];
}

function tag(field: number, wire: number): Uint8Array {
  return varint(field * 8 + wire);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
