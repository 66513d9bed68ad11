// Text from other people on its way to a terminal, a log or a metric: what would steer the terminal, end the line or reorder
// what is read is written as an escape (http-hardening.md, O8). Everything printable stays as it is.

/** Controls, formats (bidirectional overrides, zero width), lone surrogates, line and paragraph separators. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** One printable line: `\n`, `\r`, `\t` and `\uXXXX` for what cannot be shown. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (char) => shortEscapes.get(char) ?? escapeUnits(char));
}

/** JSON text with the same characters as JSON escapes; its own line ends stay, for inside JSON they stand between values alone. */
export function escapeUnprintableJson(json: string): string {
  return json.replace(unprintable, (char) => (char === '\n' ? char : escapeUnits(char)));
}

function escapeUnits(text: string): string {
  let escaped = '';
  for (let index = 0; index < text.length; index += 1) {
    escaped += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
