// FrameHeader: the nine bytes before every frame (RFC 9113 4.1), and what they alone can get wrong (the rules of section 6 on lengths and
// stream identifiers). Read into again for each frame. Casts: offsets stay below the length of the bytes.
import { errorCodes, frameFlags, frameHeaderBytes, frameTypes, pingBytes } from './frame-types.ts';

export class FrameHeader {
  /** Of the payload. */
  length = 0;
  type = 0;
  flags = 0;
  stream = 0;
  /** What was read: with DATA that is padded, the length of the padding too. */
  bytes = frameHeaderBytes;
  /** Of DATA only. */
  padding = 0;

  /** `bytes` holds the header; and one byte behind it, which counts where this says `bytes` of 10. */
  read(bytes: Buffer, at: number): void {
    this.length =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    this.type = bytes[at + 3] as number;
    this.flags = bytes[at + 4] as number;
    // The first bit is reserved and has no meaning.
    this.stream =
      (((bytes[at + 5] as number) & 0x7f) << 24) |
      ((bytes[at + 6] as number) << 16) |
      ((bytes[at + 7] as number) << 8) |
      (bytes[at + 8] as number);
    const isPadded =
      this.type === frameTypes.data && (this.flags & frameFlags.padded) !== 0 && this.length > 0;
    this.bytes = isPadded ? frameHeaderBytes + 1 : frameHeaderBytes;
    this.padding = isPadded ? (bytes[at + frameHeaderBytes] as number) : 0;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** The error code of the connection; 0: none. `blockStream`: whose field block is not complete; 0: nobody's. */
  judge(blockStream: number): number {
    const { type, stream, length } = this;
    if (blockStream !== 0 && (type !== frameTypes.continuation || stream !== blockStream))
      return errorCodes.protocol;
    switch (type) {
      case frameTypes.data:
      case frameTypes.headers:
        if (stream === 0) return errorCodes.protocol;
        return length < this.#leastBytes() ? errorCodes.frameSize : 0;
      case frameTypes.priority:
        // Another length is an error of the stream.
        return stream === 0 ? errorCodes.protocol : 0;
      case frameTypes.reset:
        if (stream === 0) return errorCodes.protocol;
        return length === 4 ? 0 : errorCodes.frameSize;
      case frameTypes.settings:
        if (stream !== 0) return errorCodes.protocol;
        return length % 6 === 0 && (length === 0 || !this.has(frameFlags.ack)) ? 0 : errorCodes.frameSize;
      case frameTypes.ping:
        if (stream !== 0) return errorCodes.protocol;
        return length === pingBytes ? 0 : errorCodes.frameSize;
      case frameTypes.goaway:
        if (stream !== 0) return errorCodes.protocol;
        return length >= 8 ? 0 : errorCodes.frameSize;
      case frameTypes.windowUpdate:
        return length === 4 ? 0 : errorCodes.frameSize;
      case frameTypes.continuation:
        return blockStream === 0 ? errorCodes.protocol : 0;
      case frameTypes.pushPromise:
        // Only servers push.
        return errorCodes.protocol;
      default:
        return 0;
    }
  }

  /** What the flags say must be there. */
  #leastBytes(): number {
    const padded = this.has(frameFlags.padded) ? 1 : 0;
    return this.type === frameTypes.headers && this.has(frameFlags.priority) ? padded + 5 : padded;
  }
}
