// Protobuf by hand, for what no honest client would send.
import { Buffer } from 'node:buffer';

export function varint(value: number | bigint): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...out, Number(rest)]);
}

export function tag(number: number, wireType: number): Buffer {
  return varint(number * 8 + wireType);
}

/** A field with a length: bytes, a text, or a message of its fields. */
export function field(number: number, ...content: readonly (string | Uint8Array)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
}

export function number(fieldNumber: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(fieldNumber, 0), varint(value)]);
}

/** A body; an empty apiVersion or kind is left out. */
export function body(apiVersion: string, kind: string, ...fields: readonly Uint8Array[]): Buffer {
  const typeMeta = [
    ...(apiVersion === '' ? [] : [field(1, apiVersion)]),
    ...(kind === '' ? [] : [field(2, kind)]),
  ];
  const envelope = [...(typeMeta.length === 0 ? [] : [field(1, ...typeMeta)]), field(2, ...fields)];
  return Buffer.concat([Buffer.from('k8s\0', 'latin1'), ...envelope]);
}
