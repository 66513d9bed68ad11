// Escaping of one value in an access-log line: nginx's default escaping, and JSON strings. No byte of a client reaches the
// log raw if it could end the line, the value, or steer a terminal (rule O8). Strings are latin1: one character is one byte.

/** Anything but printable ASCII, and the two characters that both formats escape. Most values have none of it. */
const needsEscape = /[^ !#-[\]-~]/;
const escapes = /[^ !#-[\]-~]/g;

const hexOfByte: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

/** nginx's `escape=default`: `"`, `\` and bytes outside 0x20–0x7E as `\xXX` in capitals. */
export function escapeNginx(value: string): string {
  return needsEscape.test(value) ? value.replace(escapes, escapeByte) : value;
}

function escapeByte(char: string): string {
  return hexOfByte[char.charCodeAt(0) & 0xff] ?? '';
}

/** The inside of a JSON string (RFC 8259, section 7) in ASCII alone, so that the line is valid JSON whatever the bytes were. */
export function escapeJson(value: string): string {
  return needsEscape.test(value) ? value.replace(escapes, escapeJsonChar) : value;
}

function escapeJsonChar(char: string): string {
  if (char === '"' || char === '\\') return `\\${char}`;
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
