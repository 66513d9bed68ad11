// The parts of the key under which an answer is remembered. A server may read a request otherwise than this proxy: the last of two cookies of
// one name, a field in another spelling. So where there is more than one reading, all that could be read is in the key, and nobody has an
// answer remembered for others that was given to something else.
import { expandParts } from '../../features/index.ts';
import type { AuthTemplate, AuthTemplatePart } from '../../model/index.ts';
import { foldText } from '../../wire/http1/field-names.ts';
import { lookupCookies, lookupValues, selectAliases } from '../../wire/http1/field-value.ts';
import type { Exchange } from '../exchange.ts';
import { saidField } from '../said-field.ts';

export function keyParts(key: AuthTemplate, exchange: Exchange): unknown[] {
  return key.map((part) => readPart(part, exchange) ?? expandParts([part], exchange));
}

/** Null: there is but one reading. */
function readPart(
  part: AuthTemplatePart,
  { head, query, forwardedFields }: Exchange,
): readonly string[] | null {
  const { fields } = head;
  if (part.kind === 'text') return [part.text];
  if (part.kind === 'header') {
    // Of the names that are the proxy's: what the client said, and what the server is told instead.
    const names = new Set([foldText(part.name)]);
    return [selectAliases(fields, names), saidField(head, part.name), selectAliases(forwardedFields, names)];
  }
  if (part.kind === 'argument') return [query];
  if (part.kind === 'user') return lookupValues(fields, 'authorization');
  if (part.kind !== 'cookie') return null;
  const values = lookupCookies(fields, part.name);
  return values.length === 1 ? values : lookupValues(fields, 'cookie');
}
