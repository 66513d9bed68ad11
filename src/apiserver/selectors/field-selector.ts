// Field selectors: `metadata.name=a,status.phase!=b`, with the grammar and texts of apimachinery pkg/fields.

export interface FieldTerm {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Why a selector cannot be read; the message is the API server's. */
export class SelectorSyntaxError extends Error {}

/** All must hold; empty selects everything. */
export type FieldSelector = readonly FieldTerm[];

/** @throws {SelectorSyntaxError} */
export function parseFieldSelector(text: string): FieldSelector {
  // Sorted, so that of several faults the same one is told as by the API server.
  return splitTerms(text)
    .sort()
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...terms, text.slice(start)];
}

function parseTerm(term: string, selector: string): FieldTerm {
  const operator = /!=|==|=/.exec(term);
  if (operator === null) {
    throw new SelectorSyntaxError(`invalid selector: '${selector}'; can't understand '${term}'`);
  }
  const [symbol] = operator;
  return {
    field: term.slice(0, operator.index),
    isEqual: symbol !== '!=',
    value: unescapeValue(term.slice(operator.index + symbol.length)),
  };
}

function unescapeValue(text: string): string {
  let value = '';
  let isEscaped = false;
  for (const char of text) {
    if (isEscaped) {
      if (char !== '\\' && char !== ',' && char !== '=') {
        throw new SelectorSyntaxError(`invalid field selector: invalid escape sequence: \\${char}`);
      }
      value += char;
      isEscaped = false;
    } else if (char === '\\') isEscaped = true;
    else if (char === '=' || char === ',') {
      const code = char.charCodeAt(0);
      throw new SelectorSyntaxError(`invalid field selector: unescaped character in value: ${code}`);
    } else value += char;
  }
  if (isEscaped) throw new SelectorSyntaxError('invalid field selector: invalid escape sequence: \\');
  return value;
}

/** Whether the fields that `read` finds are selected. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  return selector.every(({ field, isEqual, value }) => (read(field) === value) === isEqual);
}

/** The only value that the selector lets `field` have, or null. */
export function exactValue(selector: FieldSelector, field: string): string | null {
  return selector.find((term) => term.isEqual && term.field === field)?.value ?? null;
}
