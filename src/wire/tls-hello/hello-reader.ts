// HelloReader: takes the first bytes of a TLS connection as they come and says what the ClientHello asks for (rule S4). A hello may
// be spread over many records and many pieces; each byte is looked at once, and what is kept is bounded.
import { type ClientHello, parseClientHello } from './client-hello.ts';

/** The handshake message, with its head. Post-quantum key shares make hellos of 2 KiB; 16 KiB is what one record can hold. */
export const maxHelloBytes = 16_384;
/** Everything up to the end of the hello: cut into tiny records it has more heads than content. */
export const maxHelloWireBytes = 24_576;

const recordHeadBytes = 5;
const messageHeadBytes = 4;
const maxRecordBytes = 16_384;
const handshakeRecord = 22;
const clientHelloMessage = 1;
const emptyBytes = new Uint8Array(0);

export type HelloRefusal = 'not-tls' | 'not-a-hello' | 'hello-too-long' | 'hello-malformed';

export type HelloReading =
  | { readonly kind: 'more' }
  | { readonly kind: 'done'; readonly hello: ClientHello }
  | { readonly kind: 'refused'; readonly reason: HelloRefusal };

const needsMore: HelloReading = { kind: 'more' };

export class HelloReader {
  /** Grows with what comes; most hellos have a few hundred bytes. */
  #message: Uint8Array = emptyBytes;
  #filled = 0;
  readonly #head = new Uint8Array(recordHeadBytes);
  #headFilled = 0;
  /** Of the present record's content, not seen yet. */
  #recordLeft = 0;
  #wireBytes = 0;
  #verdict: HelloReading = needsMore;

  /** The next bytes. After a verdict other than `more`, further bytes change nothing. */
  push(bytes: Uint8Array): HelloReading {
    let at = 0;
    while (this.#verdict.kind === 'more' && at < bytes.length) {
      const taken = this.#recordLeft === 0 ? this.#takeHead(bytes, at) : this.#takeContent(bytes, at);
      at += taken;
      this.#wireBytes += taken;
      if (this.#verdict.kind === 'more' && this.#wireBytes >= maxHelloWireBytes)
        this.#refuse('hello-too-long');
    }
    return this.#verdict;
  }

  /** One byte of a record's head: what cannot become a handshake of TLS is refused as soon as it shows. */
  #takeHead(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (this.#headFilled === 0 && byte !== handshakeRecord) this.#refuse('not-tls');
    // 3.1 is what old and new clients write here, whatever they speak.
    else if (this.#headFilled === 1 && byte !== 3) this.#refuse('not-tls');
    this.#head[this.#headFilled] = byte;
    this.#headFilled += 1;
    if (this.#headFilled === recordHeadBytes) this.#beginRecord();
    return 1;
  }

  #beginRecord(): void {
    this.#headFilled = 0;
    this.#recordLeft = (this.#head[3] ?? 0) * 256 + (this.#head[4] ?? 0);
    // RFC 8446 5.1: no empty records of handshakes.
    if (this.#recordLeft === 0 || this.#recordLeft > maxRecordBytes) this.#refuse('not-tls');
  }

  #takeContent(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#recordLeft, bytes.length - at);
    this.#recordLeft -= length;
    this.#append(bytes.subarray(at, at + length));
    return length;
  }

  #append(content: Uint8Array): void {
    const filled = this.#filled + content.length;
    if (filled > this.#message.length) {
      const grown = new Uint8Array(Math.max(filled, 2 * this.#message.length));
      grown.set(this.#message.subarray(0, this.#filled));
      this.#message = grown;
    }
    this.#message.set(content, this.#filled);
    this.#filled = filled;
    this.#judge();
  }

  #judge(): void {
    const message = this.#message;
    if (message[0] !== clientHelloMessage) {
      this.#refuse('not-a-hello');
      return;
    }
    if (this.#filled < messageHeadBytes) return;
    const length =
      messageHeadBytes + (message[1] ?? 0) * 65_536 + (message[2] ?? 0) * 256 + (message[3] ?? 0);
    if (length > maxHelloBytes) this.#refuse('hello-too-long');
    // RFC 8446 5.1: nothing may follow in the record of a message behind which keys change.
    else if (this.#filled > length || (this.#filled === length && this.#recordLeft > 0)) {
      this.#refuse('hello-malformed');
    } else if (this.#filled === length) {
      const hello = parseClientHello(message.subarray(messageHeadBytes, length));
      if (hello === null) this.#refuse('hello-malformed');
      else this.#verdict = { kind: 'done', hello };
    }
  }

  #refuse(reason: HelloRefusal): void {
    this.#verdict = { kind: 'refused', reason };
    this.#message = emptyBytes;
  }
}
