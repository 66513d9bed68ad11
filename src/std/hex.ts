// Hex digits by byte.

/** Value of a hex digit, 0xff for every other byte. */
export const hexValue: Uint8Array = new Uint8Array(256).fill(0xff);

for (const char of '0123456789abcdef') {
  hexValue[char.charCodeAt(0)] = Number.parseInt(char, 16);
  hexValue[char.toUpperCase().charCodeAt(0)] = Number.parseInt(char, 16);
}
