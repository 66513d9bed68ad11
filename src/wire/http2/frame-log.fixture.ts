// For tests: frames written the plainest way, and a sink that writes down what a reader says of them.
import type { FrameSink } from './frame-reader.ts';
import { FrameReader, type FrameReaderLimits } from './frame-reader.ts';
import { http2Preface } from './preface.ts';

export const limits: FrameReaderLimits = {
  maxFrameBytes: 16_384,
  maxBlockBytes: 40_000,
  maxContinuations: 8,
};

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: readonly number[] | Buffer = [],
): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, body]);
}

/** What every connection begins with. */
export const hello: Buffer = Buffer.concat([http2Preface, frame(4, 0, 0)]);

/** One line for each thing told; pieces of one DATA frame are put together. */
export class FrameLog implements FrameSink {
  readonly lines: string[] = [];
  #content = '';
  onDataFrame(stream: number, contentBytes: number, paddingBytes: number, endsStream: boolean): void {
    this.lines.push(`data ${stream} ${contentBytes}+${paddingBytes} ${endsStream}`);
    this.#content = '';
  }
  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    this.#content += bytes.toString('latin1', start, end);
    if (isLast) this.lines.push(`content ${this.#content}`);
  }
  onFieldBlock(
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
    endsStream: boolean,
    isOwnParent: boolean,
  ): void {
    this.lines.push(`block ${stream} ${bytes.toString('latin1', start, end)} ${endsStream} ${isOwnParent}`);
  }
  onPriority(stream: number, isOwnParent: boolean): void {
    this.lines.push(`priority ${stream} ${isOwnParent}`);
  }
  onReset(stream: number, code: number): void {
    this.lines.push(`reset ${stream} ${code}`);
  }
  onSettings(bytes: Buffer, start: number, end: number): void {
    this.lines.push(`settings ${bytes.toString('hex', start, end)}`);
  }
  onSettingsAck(): void {
    this.lines.push('settings-ack');
  }
  onPing(bytes: Buffer, start: number, isAck: boolean): void {
    this.lines.push(`ping ${bytes.toString('hex', start, start + 8)} ${isAck}`);
  }
  onGoaway(code: number): void {
    this.lines.push(`goaway ${code}`);
  }
  onWindowUpdate(stream: number, increment: number): void {
    this.lines.push(`window ${stream} ${increment}`);
  }
  onUnknown(): void {
    this.lines.push('unknown');
  }
  onStreamError(stream: number, code: number): void {
    this.lines.push(`stream-error ${stream} ${code}`);
  }
}

/** What a reader says of the pieces, and the error code that it ends with. */
export function readPieces(pieces: readonly Buffer[]): { lines: readonly string[]; code: number } {
  const log = new FrameLog();
  const reader = new FrameReader(log, limits);
  for (const piece of pieces) {
    const code = reader.receive(piece);
    if (code !== 0) return { lines: log.lines, code };
  }
  return { lines: log.lines, code: 0 };
}
