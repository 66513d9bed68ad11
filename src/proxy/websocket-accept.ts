// The proof of a WebSocket handshake (RFC 6455 4.2.2): what a server answers to a client's key. Only for handshakes that end here, because one
// side speaks HTTP/2, which has none.
import { createHash } from 'node:crypto';

const websocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The value of `Sec-WebSocket-Accept`. */
export function websocketAccept(key: string): string {
  return createHash('sha1').update(`${key}${websocketGuid}`).digest('base64');
}
