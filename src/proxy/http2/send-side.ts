// SendSide: what a session sends: its frames, the window of the connection, and whose turn it is when there is no room for everybody.
import { HpackEncoder } from '../../wire/hpack/index.ts';
import { FieldBlockWriter } from '../../wire/http2/field-block-writer.ts';
import {
  defaultMaxFrameBytes,
  defaultWindowBytes,
  frameFlags,
  frameHeaderBytes,
  frameTypes,
} from '../../wire/http2/frame-types.ts';
import {
  goawayFrameBytes,
  pingFrameBytes,
  resetFrameBytes,
  type Setting,
  settingsFrameBytes,
  windowUpdateFrameBytes,
  writeFrameHeader,
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../wire/http2/frame-writer.ts';
import type { FrameOutput } from './frame-output.ts';

/** What our encoder's table may cost, whatever the client offers. */
const maxTableBytes = 4_096;
const statusTexts: readonly string[] = Array.from({ length: 600 }, (_, status) => String(status));

/** For all sessions of a worker: a block is framed as soon as it is made. */
const block = new FieldBlockWriter();

/** A stream with something to send. */
export interface Sender {
  /** Sends a frame or so. False: nothing more can go, or there is nothing more. */
  sendNext(): boolean;
}

export class SendSide {
  readonly output: FrameOutput;
  readonly encoder = new HpackEncoder(maxTableBytes);
  /** What the client still takes, of all streams together. */
  windowBytes = defaultWindowBytes;
  /** Wait for their turn; those that wait for their own window do not. */
  #waiting: Sender[] = [];
  #resting: Sender[] = [];

  constructor(output: FrameOutput) {
    this.output = output;
  }

  // ── heads ──

  sendHead(
    stream: number,
    status: number,
    ownLines: string,
    lines: string,
    contentLength: number,
    endsStream: boolean,
  ): void {
    block.begin(this.encoder);
    block.addField(':status', statusTexts[status] ?? String(status));
    block.addLines(ownLines);
    block.addLines(lines);
    if (contentLength >= 0) block.addField('content-length', String(contentLength));
    this.#sendBlock(stream, endsStream);
  }

  sendTrailers(stream: number, lines: string): void {
    block.begin(this.encoder);
    block.addLines(lines);
    this.#sendBlock(stream, true);
  }

  /** Frames the block: HEADERS, and CONTINUATION where it is longer than a frame. */
  #sendBlock(stream: number, endsStream: boolean): void {
    const { bytes, length } = block;
    let type: number = frameTypes.headers;
    let start = 0;
    do {
      const size = Math.min(length - start, defaultMaxFrameBytes);
      const isLast = start + size === length;
      let flags = isLast ? frameFlags.endHeaders : frameFlags.none;
      if (endsStream && type === frameTypes.headers) flags |= frameFlags.endStream;
      const out = this.output.reserve(frameHeaderBytes + size);
      const at = writeFrameHeader(out, this.output.at, size, type, flags, stream);
      bytes.copy(out, at, start, start + size);
      this.output.commit(at + size);
      start += size;
      type = frameTypes.continuation;
    } while (start < length);
  }

  // ── bodies ──

  /** One frame of up to `maxBytes`, copied; the connection's window and the queue may allow less. Returns how many went. */
  sendData(
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
    maxBytes: number,
    endsStream: boolean,
  ): number {
    const { output } = this;
    const wanted = end - start;
    const size = Math.min(wanted, maxBytes, this.windowBytes, defaultMaxFrameBytes);
    if (wanted > 0 && size <= 0) return 0;
    const out = output.reserve(frameHeaderBytes + size);
    const flags = endsStream && size === wanted ? frameFlags.endStream : frameFlags.none;
    const at = writeFrameHeader(out, output.at, size, frameTypes.data, flags, stream);
    bytes.copy(out, at, start, start + size);
    output.commit(at + size);
    this.windowBytes -= size;
    return size;
  }

  /** It has more to send than there is room for now. */
  wait(sender: Sender): void {
    this.#waiting.push(sender);
  }

  /** Lets those that wait send by turns, as far as there is room. Each gives notice again when it has more. */
  pump(): void {
    while (this.#waiting.length > 0 && this.output.hasRoom) {
      const round = this.#waiting;
      this.#waiting = this.#resting;
      this.#resting = round;
      let hasSent = false;
      for (const sender of round) {
        if (sender.sendNext()) hasSent = true;
      }
      round.length = 0;
      if (!hasSent) return;
    }
  }

  // ── the connection ──

  sendReset(stream: number, code: number): void {
    const out = this.output.reserve(resetFrameBytes);
    this.output.commit(writeReset(out, this.output.at, stream, code));
  }

  sendWindowUpdate(stream: number, increment: number): void {
    const out = this.output.reserve(windowUpdateFrameBytes);
    this.output.commit(writeWindowUpdate(out, this.output.at, stream, increment));
  }

  sendPing(data: Buffer, start: number, isAck: boolean): void {
    const out = this.output.reserve(pingFrameBytes);
    this.output.commit(writePing(out, this.output.at, data, start, isAck));
  }

  sendGoaway(lastStream: number, code: number): void {
    const out = this.output.reserve(goawayFrameBytes);
    this.output.commit(writeGoaway(out, this.output.at, lastStream, code));
  }

  sendSettings(settings: readonly Setting[]): void {
    const out = this.output.reserve(settingsFrameBytes(settings));
    this.output.commit(writeSettings(out, this.output.at, settings));
  }

  sendSettingsAck(): void {
    const out = this.output.reserve(frameHeaderBytes);
    this.output.commit(writeSettingsAck(out, this.output.at));
  }
}
