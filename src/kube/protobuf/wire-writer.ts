// The wire format of protocol buffers, writing: fields as a growing list of pieces that is put together once.
import { Buffer } from 'node:buffer';

const wireVarint = 0;
const wireBytes = 2;

/** One message in the making. */
export class WireWriter {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** A number in 64 bits; negative ones take ten bytes, as in Go. */
  varintField(number: number, value: number): void {
    this.#varint(number * 8 + wireVarint);
    if (value >= 0 && Number.isSafeInteger(value)) this.#varint(value);
    else this.#push(encodeVarint64(BigInt.asUintN(64, BigInt(value))));
  }

  bytesField(number: number, value: Uint8Array): void {
    this.#varint(number * 8 + wireBytes);
    this.#varint(value.length);
    this.#push(value);
  }

  textField(number: number, value: string): void {
    this.bytesField(number, Buffer.from(value, 'utf8'));
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces, this.#bytes);
  }

  #push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  #varint(value: number): void {
    const out: number[] = [];
    let rest = value;
    while (rest > 0x7f) {
      out.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    out.push(rest);
    this.#push(Uint8Array.from(out));
  }
}

function encodeVarint64(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}
