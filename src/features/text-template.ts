// Reads templates of text with variables, as nginx spells them: `$name` and `${name}`, anything else as it stands.
import type { ParseResult } from './contract.ts';
import {
  recordVariables,
  requestVariables,
  type RecordVariable,
  type RequestVariable,
  type TemplatePart,
} from '../model/index.ts';

const maxLength = 8_192;
const maxParts = 200;
const ofRequest: ReadonlySet<string> = new Set(requestVariables);
const ofRecord: ReadonlySet<string> = new Set([...requestVariables, ...recordVariables]);
/** Fields that hold what lets somebody in: not in a log. */
const secretFields = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** For a value of a field. */
export function parseRequestTemplate(text: string): ParseResult<readonly TemplatePart[]> {
  const parsed = parse(text, ofRequest);
  // The list that was asked for holds nothing else.
  return 'wanted' in parsed ? parsed : { value: parsed.value as readonly TemplatePart[] };
}

/** For a line of the access log. */
export function parseRecordTemplate(
  text: string,
): ParseResult<readonly TemplatePart<RequestVariable | RecordVariable>[]> {
  const parsed = parse(text, ofRecord);
  if ('wanted' in parsed) return parsed;
  const secret = parsed.value.find((part) => part.kind === 'header' && secretFields.has(part.name));
  if (secret !== undefined) return { wanted: 'no field that holds credentials' };
  return { value: parsed.value as readonly TemplatePart<RequestVariable | RecordVariable>[] };
}

function parse(text: string, variables: ReadonlySet<string>): ParseResult<readonly TemplatePart<string>[]> {
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) return { wanted: 'a text without control characters' };
  // Bytes on the wire are latin1 here: what is beyond would come out as something else.
  if (/[^\0-\x7f]/.test(text)) return { wanted: 'a text of ASCII characters' };
  if (text.length > maxLength) return { wanted: `at most ${maxLength} characters` };
  const parts: TemplatePart<string>[] = [];
  for (const [piece] of text.matchAll(/\$\{\w+\}|\$\w+|[^$]+|\$/g)) {
    const part = piece.startsWith('$')
      ? variablePart(piece.replace(/[${}]/g, ''), variables)
      : textPart(piece);
    if (part === null) {
      return {
        wanted: `instead of ${piece === '$' ? 'a lone "$"' : `"${piece}"`} variables of [${[...variables].join(' ')}], http_NAME, cookie_NAME and arg_NAME`,
      };
    }
    parts.push(part);
  }
  return parts.length <= maxParts ? { value: parts } : { wanted: `at most ${maxParts} parts` };
}

function textPart(text: string): TemplatePart<string> {
  return { kind: 'text', text };
}

function variablePart(name: string, variables: ReadonlySet<string>): TemplatePart<string> | null {
  if (variables.has(name)) return { kind: 'variable', name };
  const [, family, rest = ''] = /^(http|cookie|arg)_(\w+)$/.exec(name) ?? [];
  if (family === 'http') return { kind: 'header', name: rest.toLowerCase().replaceAll('_', '-') };
  if (family === 'cookie') return { kind: 'cookie', name: rest };
  return family === 'arg' ? { kind: 'argument', name: rest.toLowerCase() } : null;
}
