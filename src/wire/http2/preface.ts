// The connection preface of a client of HTTP/2 (RFC 9113 3.4).

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** Fewer bytes could be the start of a method of HTTP/1.1. */
const minBytes = 3;

/** Whether `bytes` begin with the preface, or are the first bytes of one. */
export function isHttp2Preface(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, preface.length);
  return length >= minBytes && bytes.compare(preface, 0, length, 0, length) === 0;
}
