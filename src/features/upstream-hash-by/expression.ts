// The expressions of upstream-hash-by: text and variables of nginx, as far as a request answers them.
import type { KeyPart } from '../../model/index.ts';
import type { ParseResult } from '../contract.ts';
import { refuseControls } from '../values.ts';

const maxLength = 1_024;

type PlainKind = Exclude<KeyPart['kind'], 'text' | 'header' | 'cookie' | 'argument'>;

const plainVariables: ReadonlyMap<string, PlainKind> = new Map([
  ['request_uri', 'request-uri'],
  ['uri', 'path'],
  ['args', 'query'],
  ['query_string', 'query'],
  ['host', 'host'],
  ['scheme', 'scheme'],
  ['request_method', 'method'],
  ['remote_addr', 'client-address'],
  ['binary_remote_addr', 'client-address'],
]);

const wanted =
  'letters, digits, - and _, and the variables $request_uri, $uri, $args, $host, $scheme, $request_method, $remote_addr, $binary_remote_addr, $http_NAME, $cookie_NAME and $arg_NAME, at least one of them';

/** Spaces are left out, as ingress-nginx does. */
export function parseExpression(text: string): ParseResult<readonly KeyPart[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  if (text.length > maxLength) return { wanted: `at most ${maxLength} characters` };
  const parts: KeyPart[] = [];
  for (const [piece] of text.replaceAll(' ', '').matchAll(/\$\{\w+\}|\$\w+|[\w-]+|[^]/g)) {
    const part = piece.startsWith('$') ? variablePart(piece.replace(/[${}]/g, '')) : textPart(piece);
    if (part === null) return { wanted };
    parts.push(part);
  }
  return parts.some((part) => part.kind !== 'text') ? { value: parts } : { wanted };
}

function textPart(text: string): KeyPart | null {
  return /^[\w-]+$/.test(text) ? { kind: 'text', text } : null;
}

function variablePart(name: string): KeyPart | null {
  const kind = plainVariables.get(name);
  if (kind !== undefined) return { kind };
  const match = /^(http|cookie|arg)_(\w+)$/.exec(name);
  const [, family, rest = ''] = match ?? [];
  if (family === 'http') return { kind: 'header', name: rest.toLowerCase().replaceAll('_', '-') };
  if (family === 'cookie') return { kind: 'cookie', name: rest };
  return family === 'arg' ? { kind: 'argument', name: rest.toLowerCase() } : null;
}

/** For explain. */
export function describeExpression(parts: readonly KeyPart[]): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return 'name' in part ? `${part.kind} ${part.name}` : part.kind;
    })
    .join(' + ');
}
