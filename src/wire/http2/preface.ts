// The connection preface of a client of HTTP/2 (RFC 9113 3.4).

export const http2Preface: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** Fewer bytes could be the start of a method of HTTP/1.1. */
const minBytes = 3;

/** Whether `bytes` begin with the preface, or are the first bytes of one. */
export function isHttp2Preface(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, http2Preface.length);
  return length >= minBytes && bytes.compare(http2Preface, 0, length, 0, length) === 0;
}
