// Both ends of a WebSocket over HTTP/2 in tests: the request of the client, and the answer of the server.
import { createHash } from 'node:crypto';
import type { RawClient } from '../harness.ts';
import { type Fields, getFields } from './frame-client.ts';

/** An extended CONNECT (RFC 8441). */
export const connectFields: Fields = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  ...getFields('/chat').slice(1),
  ['sec-websocket-version', '13'],
  ['sec-websocket-protocol', 'talk'],
];

/** The 101 of a server that has read the request's key, or one that pretends to. */
export function switching(request: string, fields = ''): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return (
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: talk\r\n${fields}\r\n`
  );
}

/** The head of the upgrade, as the upstream gets it. */
export async function readHead(connection: RawClient): Promise<string> {
  return await connection.until((text) => text.includes('\r\n\r\n'));
}
