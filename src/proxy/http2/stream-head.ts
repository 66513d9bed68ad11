// Around the head of a stream: the WebSocket handshake that an extended CONNECT stands for (RFC 8441), and what the log may tell of a head
// that was refused.
import { randomBytes } from 'node:crypto';
import { lookupField, removeField } from '../../wire/http1/field-value.ts';
import type { RequestHead } from '../../wire/http1/request-head.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import { websocketAccept } from '../websocket-accept.ts';

const acceptName = 'sec-websocket-accept';
/** The pseudo fields are the first five pairs at most. */
const maxPseudoEntries = 10;
const plainMethod = /^[A-Z]{1,32}$/;
const plainPath = /^[\x21-\x7e]{1,8000}$/;

/** The key of the HTTP/1.1 handshake, new for each; empty when `fields` (names and values by turns) ask for no tunnel. */
export function makeWebsocketKey(fields: readonly string[]): string {
  return fields.lastIndexOf(':protocol', maxPseudoEntries) < 0 ? '' : randomBytes(16).toString('base64');
}

/** Whether a 101 is the answer to this key: no client can see that for itself. */
export function acceptsKey(head: ResponseHead, key: string): boolean {
  return lookupField(head.fields, acceptName) === websocketAccept(key);
}

/** The lines of a 101 for the client, which has no part in the key's exchange. */
export function tunnelLines(head: ResponseHead): string {
  return removeField(head.fields, acceptName);
}

/** Method and target of a refused head for the log, as far as they are plain. */
export function noteRefused(fields: readonly string[], head: RequestHead): void {
  for (let i = 0; i < maxPseudoEntries && i + 1 < fields.length; i += 2) {
    const value = fields[i + 1] ?? '';
    if (fields[i] === ':method' && plainMethod.test(value)) head.method = value;
    else if (fields[i] === ':path' && plainPath.test(value)) head.target = value;
  }
}
