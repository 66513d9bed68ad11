// Http2Tunnel: a WebSocket towards an HTTP/2 upstream (RFC 8441): the upgrade of HTTP/1.1 as an extended CONNECT, and its success as the 101
// that it stands for, so that everything above knows one kind of tunnel. The handshake's key has no place in HTTP/2: it is answered here.
import { lookupField, removeField } from '../../wire/http1/field-value.ts';
import type { ResponseHead } from '../../wire/http1/response-head.ts';
import { websocketAccept } from '../websocket-accept.ts';

/** RFC 6455 4.1: 16 bytes in Base64. */
const keyPattern = /^[A-Za-z0-9+/]{22}==$/;

export class Http2Tunnel {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** Null: the client's `fields` are no handshake of a WebSocket. */
  static of(fields: string): Http2Tunnel | null {
    const key = lookupField(fields, 'sec-websocket-key');
    return keyPattern.test(key) ? new Http2Tunnel(key) : null;
  }

  /** The lines that go on. */
  requestLines(lines: string): string {
    return removeField(lines, 'sec-websocket-key');
  }

  /** The head of HTTP/1.1 that says the same; null: the server has refused. */
  renderSwitch(head: ResponseHead): Buffer | null {
    if (head.status < 200 || head.status > 299) return null;
    const lines = removeField(head.fields, 'sec-websocket-accept');
    const text =
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Accept: ${websocketAccept(this.#key)}\r\n${lines}\r\n`;
    return Buffer.from(text, 'latin1');
  }
}
