// gRPC-Web (PROTOCOL-WEB.md): the messages of gRPC with their trailers at the end of the body, for browsers, which see no trailers; in Base64
// where they see no bytes either. One translation per request: the body's pieces are translated as they come.
import { Buffer } from 'node:buffer';

/** The flag of the frame that holds the trailers (the first byte of its five-byte head). */
const trailerFlag = 0x80;
const headBytes = 5;

const base64Text = /^[A-Za-z0-9+/]*={0,2}$/;

export class GrpcWeb {
  /** As the client asked, which is how it is answered. */
  readonly mediaType: string;
  readonly isText: boolean;
  /** What the upstream is told. */
  readonly grpcType: string;
  /** Base64 digits of a group that is not whole. */
  #pending = '';

  private constructor(mediaType: string, isText: boolean, suffix: string) {
    this.mediaType = mediaType;
    this.isText = isText;
    this.grpcType = `application/grpc${suffix}`;
  }

  /** Null: the request is not of gRPC-Web. */
  static of(mediaType: string): GrpcWeb | null {
    const match = /^application\/grpc-web(-text)?(\+[a-z0-9.+-]+)?$/.exec(mediaType);
    return match === null ? null : new GrpcWeb(mediaType, match[1] !== undefined, match[2] ?? '');
  }

  /** Of the request's body; null: it is not Base64. */
  decodeRequest(piece: Buffer, isLast: boolean): Buffer | null {
    if (!this.isText) return piece;
    const text = this.#pending + piece.toString('latin1');
    const whole = text.length - (text.length % 4);
    this.#pending = text.slice(whole);
    if (isLast && this.#pending !== '') return null;
    return decodeGroups(text.slice(0, whole));
  }

  /** Of the response's body. Each piece is Base64 by itself, so that none waits for the next (the format allows padding in between). */
  encodeResponse(piece: Buffer): Buffer {
    return this.isText ? Buffer.from(piece.toString('base64'), 'latin1') : piece;
  }

  /** The frame that ends the body. `lines`: complete. */
  encodeTrailers(lines: string): Buffer {
    const text = lines.replaceAll(/^[^:\r\n]*/gm, (name) => name.toLowerCase());
    const frame = Buffer.alloc(headBytes + text.length);
    frame[0] = trailerFlag;
    frame.writeUInt32BE(text.length, 1);
    frame.write(text, headBytes, 'latin1');
    return this.encodeResponse(frame);
  }
}

/** Groups of four; the client may have padded in between. Null: not Base64. */
function decodeGroups(text: string): Buffer | null {
  if (!text.includes('=')) return base64Text.test(text) ? Buffer.from(text, 'base64') : null;
  const pieces: Buffer[] = [];
  let start = 0;
  while (start < text.length) {
    const padding = text.indexOf('=', start);
    const end = padding < 0 ? text.length : padding - (padding % 4) + 4;
    const part = text.slice(start, end);
    if (!base64Text.test(part)) return null;
    pieces.push(Buffer.from(part, 'base64'));
    start = end;
  }
  return Buffer.concat(pieces);
}

/** Complete field lines with another Content-Type, and without a length, which the translation changes. */
export function replaceContentType(lines: string, mediaType: string): string {
  const rest = lines.replaceAll(/^(?:content-type|content-length):[^\r\n]*\r\n/gim, '');
  return `${rest}Content-Type: ${mediaType}\r\n`;
}
