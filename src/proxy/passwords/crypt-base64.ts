// The base64 of crypt(3): another alphabet, and the least significant bits first.

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * The bytes of a digest in an order of its own, three to a group of four characters; a group of two bytes has three, one of a single byte two.
 * A group begins with its most significant byte.
 */
export function encodeCrypt(bytes: Uint8Array, groups: readonly (readonly number[])[]): string {
  let text = '';
  for (const group of groups) {
    let bits = 0;
    for (const index of group) bits = (bits << 8) | (bytes[index] ?? 0);
    for (let left = group.length + 1; left > 0; left -= 1) {
      text += alphabet[bits & 0x3f];
      bits >>>= 6;
    }
  }
  return text;
}
