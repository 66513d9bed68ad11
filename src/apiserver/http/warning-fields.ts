// Warning fields: `299 - "text"` (RFC 7234 5.5), as kube-apiserver sends them: each text once, 4,096 characters in all. When they are more,
// every text is cut to 256 (apiserver pkg/endpoints/filters/warning.go).

const maxCharacters = 4096;
const maxCutCharacters = 256;

/** The values of the fields, in order. */
export function renderWarnings(texts: readonly string[]): readonly string[] {
  const unique = [...new Set(texts.map(printableText))].filter((text) => text !== '');
  const lengths = unique.map((text) => Array.from(text).length);
  const isCut = lengths.reduce((sum, length) => sum + length, 0) > maxCharacters;
  const fields: string[] = [];
  let written = 0;
  for (const [index, text] of unique.entries()) {
    if (written >= maxCharacters) break;
    const cut = isCut ? Array.from(text).slice(0, maxCutCharacters).join('') : text;
    written += isCut ? Math.min(lengths[index] ?? 0, maxCutCharacters) : (lengths[index] ?? 0);
    fields.push(`299 - ${quote(cut)}`);
  }
  return fields;
}

/** Controls would end the field; they never reach a header. */
function printableText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** A quoted-string in UTF-8, as client-go reads it; node:http writes fields as latin1, so its bytes become characters. */
function quote(text: string): string {
  return Buffer.from(`"${text.replaceAll(/["\\]/g, '\\$&')}"`).toString('latin1');
}
