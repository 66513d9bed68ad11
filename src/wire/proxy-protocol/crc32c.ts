// CRC-32C (Castagnoli), as version 2 of the PROXY protocol uses it (RFC 3309).

/** The polynomial, bits reversed. */
const polynomial = 0x82f6_3b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial;
  return value >>> 0;
});

/** The sum of `bytes[0, length)`, with the bytes of `[zeroStart, zeroEnd)` counted as zeros. */
export function crc32c(bytes: Uint8Array, length: number, zeroStart: number, zeroEnd: number): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < length; at += 1) {
    const byte = at >= zeroStart && at < zeroEnd ? 0 : (bytes[at] ?? 0);
    crc = ((table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
