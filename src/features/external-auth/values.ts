// Parsers of the annotations of external authentication. A blank text counts as absent, as in ingress-nginx, but for the address of the
// server: that somebody wanted protection is not overlooked.
import { objectKey, type ObjectKey } from '../../model/index.ts';
import type { ParseResult } from '../contract.ts';
import { type Charset, refuseControls, textOf } from '../values.ts';

const maxTextLength = 2_048;
const maxNames = 50;
/** CONNECT and TRACE ask nobody anything. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
export const methodsText = [...methods].join(' ');

/** Null: a text that is none, of a setting that protects. */
export function parseServerText(text: string): ParseResult<string | null> {
  const parsed = textOf('url+var')(text);
  if ('wanted' in parsed) return parsed;
  const authority = /^https?:\/\/([^/?]+)/.exec(parsed.value)?.[1] ?? '';
  const isHost = /^[\w.$-]+(?::[0-9]{1,5})?$/.test(authority);
  if (isHost && text.length <= maxTextLength) return parsed;
  return { wanted: `a URL such as "https://auth.example.com/check" of at most ${maxTextLength} characters` };
}

/** Text of a set of characters; undefined for a blank one. */
export function blankOr(charset: Charset): (text: string) => ParseResult<string | undefined> {
  const parse = textOf(charset);
  return (text) => {
    const refusal = refuseControls(text);
    if (refusal !== null) return refusal;
    if (text.trim() === '') return { value: undefined };
    return text.length > maxTextLength ? { wanted: `at most ${maxTextLength} characters` } : parse(text);
  };
}

export function parseMethod(text: string): ParseResult<string | undefined> {
  if (methods.has(text)) return { value: text };
  if (/^ *$/.test(text)) return { value: undefined };
  return refuseControls(text) ?? { wanted: `one of ${methodsText}` };
}

/** Names of fields that frame messages or belong to one connection: whoever could set them could cut requests anew. */
const unsettable = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isSettable(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(name) && !unsettable.has(name.toLowerCase().replaceAll('_', '-'));
}

/** Null: a text that is none, of a setting that protects. */
export function parseNames(text: string): ParseResult<readonly string[] | null | undefined> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  if (text.trim() === '') return { value: undefined };
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length <= maxNames && names.every(isSettable)) return { value: names };
  return { wanted: `up to ${maxNames} names of fields with commas between, none that frames a message` };
}

/** `NAMESPACE/NAME`. */
export function parseObjectKey(text: string): ParseResult<ObjectKey | undefined> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const [, namespace = '', name = ''] = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text.trim()) ?? [];
  if (text.trim() === '') return { value: undefined };
  return name === '' ? { wanted: 'a ConfigMap as "NAMESPACE/NAME"' } : { value: objectKey(namespace, name) };
}

/** Hosts that `auth-url` may name. */
export function parseHosts(text: string): ParseResult<readonly string[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const hosts = text.split(',').map((each) => each.trim().toLowerCase());
  if (hosts.length <= 1_000 && hosts.every((each) => /^(?:\*\.)?[a-z0-9\-_]+(?:\.[a-z0-9\-_]+)*$/.test(each)))
    return { value: hosts };
  return {
    wanted: 'up to 1000 hosts such as "auth.example.com" or "*.svc.cluster.local", with commas between',
  };
}
