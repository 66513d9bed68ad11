// Texts with variables of nginx, cut into parts once, when an annotation is read. The list of variables is closed: what is not on it
// is refused, for an empty text in its place would mean something else.
import type { AuthVariable, AuthTemplate, AuthTemplatePart } from '../model/index.ts';

const maxParts = 64;

const variables: ReadonlyMap<string, AuthVariable> = new Map([
  ['request_uri', 'request-uri'],
  ['escaped_request_uri', 'escaped-request-uri'],
  ['uri', 'path'],
  ['document_uri', 'path'],
  ['args', 'query'],
  ['query_string', 'query'],
  ['is_args', 'query-mark'],
  ['host', 'host'],
  ['http_host', 'authority'],
  ['best_http_host', 'authority'],
  ['scheme', 'scheme'],
  ['pass_access_scheme', 'scheme'],
  ['request_method', 'method'],
  ['remote_addr', 'client-address'],
  ['binary_remote_addr', 'client-address'],
  ['the_real_ip', 'client-address'],
  ['remote_user', 'user'],
]);

/** For messages and the reference page. */
export const variableText =
  '$request_uri $escaped_request_uri $uri $args $is_args $host $http_host $scheme $request_method $remote_addr $remote_user $namespace $http_NAME $cookie_NAME $arg_NAME';

/** `constants`: variables that are known now. Or the variable that is not on the list. */
export function parseTemplate(
  text: string,
  constants: Readonly<Record<string, string>>,
): { readonly template: AuthTemplate } | { readonly unknown: string } {
  const parts: AuthTemplatePart[] = [];
  const add = (part: AuthTemplatePart): void => {
    const last = parts.at(-1);
    if (part.kind !== 'text' || last?.kind !== 'text') parts.push(part);
    else parts[parts.length - 1] = { kind: 'text', text: last.text + part.text };
  };
  for (const [piece] of text.matchAll(/\$\{\w+\}|\$\w+|[^$]+|\$/g)) {
    if (!piece.startsWith('$')) {
      add({ kind: 'text', text: piece });
      continue;
    }
    const name = piece.replace(/[${}]/g, '').toLowerCase();
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
    const part =
      constant === undefined
        ? partOf(piece.replace(/[${}]/g, ''))
        : { kind: 'text' as const, text: constant };
    if (part === null || parts.length >= maxParts) return { unknown: piece };
    add(part);
  }
  return { template: parts };
}

function partOf(name: string): AuthTemplatePart | null {
  const kind = variables.get(name);
  if (kind !== undefined) return { kind };
  const [, family, rest = ''] = /^(http|cookie|arg)_(\w+)$/.exec(name) ?? [];
  if (family === 'http') return { kind: 'header', name: rest.toLowerCase().replaceAll('_', '-') };
  if (family === 'cookie') return { kind: 'cookie', name: rest };
  return family === 'arg' ? { kind: 'argument', name: rest.toLowerCase() } : null;
}

/** For explain. */
export function describeTemplate(template: AuthTemplate): string {
  return template
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return 'name' in part ? `{${part.kind} ${part.name}}` : `{${part.kind}}`;
    })
    .join('');
}
