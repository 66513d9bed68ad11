// CodecSession: HTTP/2 on a client's socket: bytes into the reader, frames into the handler, answers into the output, and the ends of a
// connection. All that is to be said in a turn of the event loop leaves at its end, in one write.
import type { Socket } from 'node:net';
import {
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCodes,
  highestStreamId,
  settingIds,
} from '../../wire/http2/frame-types.ts';
import { FrameReader } from '../../wire/http2/frame-reader.ts';
import type { Timed } from '../deadlines.ts';
import type { CodecOptions, Http2Session, SessionEvents } from './codec.ts';
import type { CodecStream } from './codec-stream.ts';
import { FrameHandler, type HandlerHost } from './frame-handler.ts';
import { FrameOutput } from './frame-output.ts';
import { SendSide } from './send-side.ts';
import { turnEnd, type TurnItem } from './turn-end.ts';

const maxContinuations = 8;
/** A client has this long to acknowledge our SETTINGS (RFC 9113 6.5.3). */
const settingsMs = 10_000;
/** Bytes behind our last word that are read and thrown away, so that a reset does not eat it. */
const lingerBytes = 262_144;
/** Answers that wait for a client that makes us answer and does not read. */
const maxQueuedBytes = 1_048_576;
const noData = Buffer.alloc(8);

export class CodecSession implements Http2Session, HandlerHost, TurnItem, Timed {
  readonly highWaterBytes: number;
  /** For the acknowledgement of our SETTINGS. */
  deadlineMs: number;
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #options: CodecOptions;
  readonly #reader: FrameReader;
  readonly #output: FrameOutput;
  readonly #send: SendSide;
  readonly #handler: FrameHandler;
  /** Closed, and not told yet. */
  #closed: CodecStream[] = [];
  #isScheduled = false;
  /** The connection ends with its last stream. */
  #isEnding = false;
  /** Our last word is said. */
  #isOver = false;
  #isClosed = false;
  #lingered = 0;

  constructor(socket: Socket, options: CodecOptions, events: SessionEvents) {
    this.#socket = socket;
    this.#options = options;
    this.#events = events;
    this.highWaterBytes = options.highWaterBytes;
    this.#output = new FrameOutput(socket, () => this.#guard(this.#onSpace));
    this.#send = new SendSide(this.#output);
    this.#handler = new FrameHandler(this, this.#send, options, events);
    this.#reader = new FrameReader(this.#handler, {
      maxFrameBytes: defaultMaxFrameBytes,
      // Huffman's code can make a field longer than it is, by less than four times.
      maxBlockBytes: Math.min(4 * options.maxFieldListBytes, (maxContinuations + 1) * defaultMaxFrameBytes),
      maxContinuations,
    });
    this.deadlineMs = options.deadlines.after(settingsMs);
    options.deadlines.add(this);
    this.#sayHello();
    socket.on('data', (chunk: Buffer) => this.#onChunk(chunk));
    socket.on('end', () => this.#guard(this.#onEnd));
    socket.on('close', () => this.#guard(this.#onClose));
    // It may have been paused between two owners.
    socket.resume();
  }

  #sayHello(): void {
    const options = this.#options;
    this.#send.sendSettings([
      [settingIds.maxConcurrentStreams, options.maxConcurrentStreams],
      [settingIds.initialWindowSize, options.streamWindowBytes],
      [settingIds.maxHeaderListSize, options.maxFieldListBytes],
      [settingIds.enableConnectProtocol, 1],
    ]);
    const more = options.connectionWindowBytes - defaultWindowBytes;
    if (more > 0) this.#send.sendWindowUpdate(0, more);
    this.schedule();
  }

  // ── the socket ──

  #onChunk(chunk: Buffer): void {
    if (this.#isOver) {
      this.#lingered += chunk.length;
      if (this.#lingered > lingerBytes) this.#socket.destroy();
      return;
    }
    try {
      const code = this.#reader.receive(chunk);
      if (code !== 0) this.fail(code);
      else this.#handler.onReadEnd();
    } catch (error) {
      this.#events.onBug(error);
    }
  }

  /** A client of HTTP/2 that ends its side has left. Behind our last word it is what we wait for. */
  readonly #onEnd = (): void => {
    if (this.#isOver) return;
    this.#finish();
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#finish();
    this.#output.drop();
    this.#events.onClosed();
  };

  readonly #onSpace = (): void => {
    if (this.#isClosed) return;
    this.#send.pump();
    this.#tellClosed();
    this.#output.flush();
  };

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#events.onBug(error);
    }
  }

  // ── the turn ──

  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    turnEnd.add(this);
  }

  onTurnEnd(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    try {
      this.#handler.deliver();
      this.#onSpace();
      if (this.#output.queuedBytes > maxQueuedBytes) this.fail(errorCodes.enhanceYourCalm);
    } catch (error) {
      this.#events.onBug(error);
    }
  }

  close(stream: CodecStream, wasReset: boolean): void {
    this.#handler.streams.delete(stream.id);
    if (wasReset) this.#handler.noteReset(stream.id);
    this.#closed.push(stream);
    this.schedule();
  }

  #tellClosed(): void {
    if (this.#closed.length > 0) {
      const closed = this.#closed;
      this.#closed = [];
      for (const { events } of closed) events?.onClosed();
    }
    if (this.#isEnding && this.#handler.streams.size === 0) this.#output.end();
  }

  // ── ends ──

  announceEnd(): void {
    this.#goaway(highestStreamId, errorCodes.none);
  }

  end(): void {
    if (this.#isOver) return;
    this.#isEnding = true;
    this.#handler.highestServed = this.#handler.lastStream;
    this.#goaway(this.#handler.lastStream, errorCodes.none);
  }

  #goaway(lastStream: number, code: number): void {
    if (this.#isOver) return;
    this.#send.sendGoaway(lastStream, code);
    this.schedule();
  }

  destroy(code: number): void {
    if (this.#isOver) return;
    this.#goaway(this.#handler.lastStream, code);
    this.#finish();
    this.#isEnding = true;
    this.schedule();
  }

  fail(code: number): void {
    if (this.#isOver) return;
    this.destroy(code);
    this.#events.onBroken(code);
  }

  /** Nothing is read any more, and every stream is over. */
  #finish(): void {
    this.#isOver = true;
    this.#reader.stop();
    this.#options.deadlines.remove(this);
    for (const stream of this.#handler.streams.values()) stream.abandon();
    this.schedule();
  }

  onSettingsAck(): void {
    this.#options.deadlines.remove(this);
  }

  onDeadline(): void {
    this.#guard(() => this.fail(errorCodes.settingsTimeout));
  }

  ping(): void {
    if (this.#isOver) return;
    this.#handler.pingsAwaited += 1;
    this.#send.sendPing(noData, 0, false);
    this.schedule();
  }
}
