// Reads DER (X.690) where it stands: the tag of a value, and where its content begins and ends. For values of strangers: nothing throws,
// nothing recurses, and no length leads beyond the bytes.

export interface DerValue {
  readonly tag: number;
  /** Offset of the value's first byte, its tag. */
  readonly start: number;
  /** Offset of the content. */
  readonly contentStart: number;
  /** Offset behind the content. */
  readonly end: number;
}

/** The value at `offset`, within `bytes[offset, end)`; null: there is none that is whole. Tags of several bytes are not read. */
export function readDer(bytes: Uint8Array, offset: number, end = bytes.length): DerValue | null {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || offset + 2 > end) return null;
  let length = first;
  let contentStart = offset + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // Four bytes are enough for any length that could be here; 0 would be the indefinite form, which is no DER.
    if (count === 0 || count > 4 || contentStart + count > end) return null;
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[contentStart + index] ?? 0);
    contentStart += count;
  }
  return contentStart + length > end
    ? null
    : { tag, start: offset, contentStart, end: contentStart + length };
}

/** The values inside a constructed one, one after another; null: they do not fill it exactly. */
export function readMembers(bytes: Uint8Array, { contentStart, end }: DerValue): DerValue[] | null {
  const members: DerValue[] = [];
  let offset = contentStart;
  while (offset < end) {
    const member = readDer(bytes, offset, end);
    if (member === null) return null;
    members.push(member);
    offset = member.end;
  }
  return members;
}

/** `1.2.840.113549` out of the content of an object id. */
export function renderObjectId(content: Uint8Array): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) {
      const first = arc < 80n ? arc / 40n : 2n;
      arcs.push(first, arc - first * 40n);
    } else arcs.push(arc);
    arc = 0n;
  }
  return arcs.join('.');
}
