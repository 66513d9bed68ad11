// HTTP_* parameters: the fields of a request as CGI names them (RFC 3875 4.1.18).
import { foldText } from '../http1/field-names.ts';

/**
 * Of complete field lines. Lines of one name become one value. `Proxy` is left out, because libraries take HTTP_PROXY for the address of a proxy
 * ("httpoxy"). A name with `_` never stands for the one with `-`.
 */
export function fieldParams(lines: string): Map<string, string> {
  const params = new Map<string, string>();
  const dashed = new Set<string>();
  const entries: { readonly name: string; readonly value: string }[] = [];
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) entries.push({ name: line.slice(0, colon), value: line.slice(colon + 1).trim() });
  }
  for (const { name } of entries) if (!name.includes('_')) dashed.add(paramOf(name));
  for (const { name, value } of entries) {
    const param = paramOf(name);
    if (foldText(name) === foldText('proxy') || !/^HTTP_[A-Z0-9_]+$/.test(param)) continue;
    if (name.includes('_') && dashed.has(param)) continue;
    const before = params.get(param);
    params.set(
      param,
      before === undefined ? value : before + (param === 'HTTP_COOKIE' ? '; ' : ', ') + value,
    );
  }
  return params;
}

function paramOf(name: string): string {
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
}
