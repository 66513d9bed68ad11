// FrameHandler: what the frames of a client mean (RFC 9113 5 and 6): its streams and their states, windows, settings. All frames of one read are
// taken before the first of its requests starts, so that one that is reset in the same read never does.
import { HpackDecoder, type HpackLimits } from '../../wire/hpack/index.ts';
import { defaultWindowBytes, errorCodes, largestWindowBytes } from '../../wire/http2/frame-types.ts';
import type { FrameSink } from '../../wire/http2/frame-reader.ts';
import { PeerSettings } from '../../wire/http2/peer-settings.ts';
import type { CodecOptions, SessionEvents } from './codec.ts';
import { CodecStream, type StreamHost } from './codec-stream.ts';
import { ReceiveWindow } from './receive-window.ts';
import { ResetStreams } from './reset-streams.ts';
import type { SendSide } from './send-side.ts';
import { type InputHost, StreamInput } from './stream-input.ts';

/** SETTINGS_HEADER_TABLE_SIZE that holds until somebody says another, and nobody does. */
const tableBytes = 4_096;
/** DATA frames without content and without an end, between two pieces of work. */
const maxEmptyFrames = 100;
/** A window that grows by less is a control frame: it buys the client an answer in crumbs. */
const smallIncrementBytes = 1_024;

/** What the handler asks of its session. */
export interface HandlerHost extends StreamHost {
  /** A GOAWAY with this code ends the connection. */
  fail(code: number): void;
  onSettingsAck(): void;
}

interface OpenedStream {
  readonly stream: CodecStream;
  readonly fields: string[];
  readonly isCut: boolean;
}

export class FrameHandler implements FrameSink, InputHost {
  readonly streams = new Map<number, CodecStream>();
  /** The newest stream that was taken. */
  lastStream = 0;
  /** Above it the client was told that nothing is served. */
  highestServed = Number.POSITIVE_INFINITY;
  /** PINGs of ours without an answer. */
  pingsAwaited = 0;
  #newestPassedOver = 0;
  readonly #host: HandlerHost;
  readonly #send: SendSide;
  readonly #events: SessionEvents;
  readonly #options: CodecOptions;
  readonly #decoder = new HpackDecoder(tableBytes);
  readonly #limits: HpackLimits;
  readonly #peer = new PeerSettings();
  readonly #resets = new ResetStreams();
  #opened: OpenedStream[] = [];
  #touched: StreamInput[] = [];
  /** Of the present DATA frame; null: its bytes go nowhere. */
  #dataStream: CodecStream | null = null;
  #dataEnds = false;
  readonly #window: ReceiveWindow;
  #emptyFrames = 0;
  #isAcked = false;

  constructor(host: HandlerHost, send: SendSide, options: CodecOptions, events: SessionEvents) {
    this.#host = host;
    this.#send = send;
    this.#options = options;
    this.#events = events;
    this.#limits = { maxFields: options.maxFields, maxListBytes: options.maxFieldListBytes };
    this.#window = new ReceiveWindow(options.connectionWindowBytes);
  }

  // ── heads ──

  onFieldBlock(
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
    endsStream: boolean,
    isOwnParent: boolean,
  ): void {
    const fields: string[] = [];
    const result = this.#decoder.decode(bytes, start, end, fields, this.#limits);
    if (result === 'error') return this.#host.fail(errorCodes.compression);
    const isCut = result === 'too-many';
    const stream = this.streams.get(id);
    if (stream !== undefined) this.#takeTrailers(stream, fields, endsStream, isCut);
    else if ((id & 1) === 1 && id > this.highestServed) this.#passOver(id);
    else if ((id & 1) === 1 && id > this.lastStream) this.#open(id, fields, endsStream, isCut, isOwnParent);
    else if (this.#resets.has(id)) this.#events.onControlFrame();
    else this.#host.fail((id & 1) === 1 ? errorCodes.streamClosed : errorCodes.protocol);
  }

  #open(id: number, fields: string[], endsStream: boolean, isCut: boolean, isOwnParent: boolean): void {
    this.lastStream = id;
    this.#emptyFrames = 0;
    if (this.streams.size >= this.#options.maxConcurrentStreams) {
      this.#refuse(id, errorCodes.refusedStream);
      return;
    }
    if (isOwnParent) {
      this.#refuse(id, errorCodes.protocol);
      return;
    }
    const { streamWindowBytes } = this.#options;
    const slack = this.#isAcked ? 0 : Math.max(0, defaultWindowBytes - streamWindowBytes);
    const input = endsStream ? null : new StreamInput(id, this, streamWindowBytes, slack);
    const stream = new CodecStream(id, this.#host, this.#send, this.#peer.initialWindowBytes, input);
    this.streams.set(id, stream);
    this.#opened.push({ stream, fields, isCut });
  }

  /** The client will learn from the GOAWAY that it was never served. */
  #passOver(id: number): void {
    this.#newestPassedOver = Math.max(this.#newestPassedOver, id);
    this.#events.onControlFrame();
  }

  #refuse(id: number, code: number): void {
    this.#send.sendReset(id, code);
    this.#host.schedule();
    this.noteReset(id);
    this.#events.onLostStream();
  }

  /** What the client has under way for it is no error. */
  noteReset(id: number): void {
    this.#resets.add(id);
  }

  #takeTrailers(stream: CodecStream, fields: string[], endsStream: boolean, isCut: boolean): void {
    const { input } = stream;
    if (input === null || input.hasEnded) this.#resetStream(stream, errorCodes.streamClosed);
    else if (!endsStream) this.#resetStream(stream, errorCodes.protocol);
    else if (isCut) this.#resetStream(stream, errorCodes.enhanceYourCalm);
    else this.#endInput(stream, input, fields);
  }

  #endInput(stream: CodecStream, input: StreamInput, trailers: readonly string[] | null): void {
    const code = input.end(trailers);
    if (code !== 0) this.#resetStream(stream, code);
    else stream.closeIfDone();
  }

  /** An error of the client's on one stream. */
  #resetStream(stream: CodecStream, code: number): void {
    const { events } = stream;
    stream.reset(code);
    if (events === null) this.#events.onLostStream();
    else events.onReset();
  }

  /** Behind a read: what it brought goes to whom it is for. */
  onReadEnd(): void {
    const opened = this.#opened;
    if (opened.length > 0) {
      this.#opened = [];
      for (const each of opened) this.#start(each);
    }
    this.deliver();
  }

  #start({ stream, fields, isCut }: OpenedStream): void {
    if (stream.isClosed) return;
    const events = this.#events.onStream(stream, fields, stream.input === null, isCut);
    if (events === null) return;
    stream.events = events;
    stream.input?.start(events);
  }

  // ── bodies ──

  onDataFrame(id: number, contentBytes: number, paddingBytes: number, endsStream: boolean): void {
    this.#dataStream = null;
    if (!this.#window.receive(contentBytes + paddingBytes)) return this.#host.fail(errorCodes.flowControl);
    if (contentBytes > 0) this.#emptyFrames = 0;
    else if (!endsStream) {
      this.#emptyFrames += 1;
      if (this.#emptyFrames > maxEmptyFrames) return this.#host.fail(errorCodes.enhanceYourCalm);
    }
    const stream = this.streams.get(id);
    if (stream !== undefined) {
      const code = stream.input?.beginFrame(contentBytes, paddingBytes) ?? errorCodes.streamClosed;
      if (code === 0) {
        this.#dataStream = stream;
        this.#dataEnds = endsStream;
        return;
      }
      this.#resetStream(stream, code);
    } else if (this.#isIdle(id)) {
      return this.#host.fail(errorCodes.protocol);
    } else if (!this.#resets.has(id) && id <= this.highestServed) {
      // The client itself has ended it.
      return this.#host.fail(errorCodes.streamClosed);
    }
    this.giveBack(contentBytes + paddingBytes);
  }

  onData(bytes: Buffer, start: number, end: number, isLast: boolean): void {
    const stream = this.#dataStream;
    const input = stream?.input ?? null;
    if (stream === null || input === null) return;
    if (stream.isClosed) this.giveBack(end - start);
    else input.add(bytes, start, end);
    if (isLast && this.#dataEnds && !stream.isClosed) this.#endInput(stream, input, null);
  }

  giveBack(bytes: number): void {
    const increment = this.#window.giveBack(bytes);
    if (increment > 0) this.giveBackToStream(0, increment);
  }

  giveBackToStream(id: number, bytes: number): void {
    this.#send.sendWindowUpdate(id, bytes);
    this.#host.schedule();
  }

  touch(input: StreamInput): void {
    this.#touched.push(input);
    this.#host.schedule();
  }

  /** To streams that have something for somebody who takes it. */
  deliver(): void {
    if (this.#touched.length === 0) return;
    const touched = this.#touched;
    this.#touched = [];
    for (const input of touched) input.deliver();
  }

  // ── frames about streams ──

  onReset(id: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) this.#host.fail(errorCodes.protocol);
      else this.#events.onControlFrame();
      return;
    }
    const { events } = stream;
    stream.abandon();
    if (events === null) this.#events.onLostStream();
    else events.onReset();
  }

  onPriority(id: number, isOwnParent: boolean): void {
    this.#events.onControlFrame();
    if (isOwnParent) this.onStreamError(id, errorCodes.protocol);
  }

  onStreamError(id: number, code: number): void {
    const stream = this.streams.get(id);
    if (stream !== undefined) this.#resetStream(stream, code);
    else if (this.#resets.has(id)) this.#events.onControlFrame();
    // RST_STREAM is not for streams that do not exist.
    else this.#host.fail(code);
  }

  onWindowUpdate(id: number, increment: number): void {
    if (increment < smallIncrementBytes) this.#events.onControlFrame();
    if (id === 0) {
      if (increment === 0) return this.#host.fail(errorCodes.protocol);
      this.#send.windowBytes += increment;
      if (this.#send.windowBytes > largestWindowBytes) return this.#host.fail(errorCodes.flowControl);
      this.#host.schedule();
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (this.#isIdle(id)) this.#host.fail(errorCodes.protocol);
    } else if (increment === 0) this.#resetStream(stream, errorCodes.protocol);
    else if (stream.windowBytes + increment > largestWindowBytes)
      this.#resetStream(stream, errorCodes.flowControl);
    else stream.grow(increment);
  }

  #isIdle(id: number): boolean {
    return (id & 1) === 0 || id > Math.max(this.lastStream, this.#newestPassedOver);
  }

  // ── frames about the connection ──

  onSettings(bytes: Buffer, start: number, end: number): void {
    const peer = this.#peer;
    const windowBefore = peer.initialWindowBytes;
    const code = peer.take(bytes, start, end);
    if (code !== 0) return this.#host.fail(code);
    if (peer.tableBytes >= 0) {
      this.#send.encoder.setMaxTableBytes(peer.leastTableBytes);
      this.#send.encoder.setMaxTableBytes(peer.tableBytes);
    }
    if (!this.#changeWindows(peer.mostWindowBytes - windowBefore, peer.initialWindowBytes - windowBefore))
      return this.#host.fail(errorCodes.flowControl);
    this.#send.sendSettingsAck();
    this.#noteControl();
  }

  /** RFC 9113 6.9.2. `most`: what the windows grew by in between. False: one grew too large. */
  #changeWindows(most: number, change: number): boolean {
    if (most === 0 && change === 0) return true;
    for (const stream of this.streams.values()) {
      if (stream.windowBytes + most > largestWindowBytes) return false;
      stream.grow(change);
    }
    return true;
  }

  onSettingsAck(): void {
    if (this.#isAcked) return this.#events.onControlFrame();
    this.#isAcked = true;
    this.#host.onSettingsAck();
  }

  onPing(bytes: Buffer, start: number, isAck: boolean): void {
    if (isAck) {
      if (this.pingsAwaited === 0) return this.#events.onControlFrame();
      this.pingsAwaited -= 1;
      return this.#events.onPingAnswer();
    }
    this.#send.sendPing(bytes, start, true);
    this.#noteControl();
  }

  /** An answer is written. */
  #noteControl(): void {
    this.#host.schedule();
    this.#events.onControlFrame();
  }

  /** It opens no more streams, which needs nothing of us. */
  onGoaway(): void {
    this.#events.onControlFrame();
  }

  onUnknown(): void {
    this.#events.onControlFrame();
  }
}
