// FrameClient: a client of HTTP/2 that writes every frame by hand, also those that no library would write, and keeps the frames that it gets.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { none: 0, ack: 1, endStream: 1, endHeaders: 4 } as const;

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const headerBytes = 9;
const largestWindow = 2 ** 31 - 1;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** The pseudo fields of a plain GET, and what follows. */
export function getFields(path = '/', ...more: Fields): Fields {
  return [[':method', 'GET'], [':scheme', 'http'], [':path', path], [':authority', 'a.test'], ...more];
}

export function postFields(path = '/', ...more: Fields): Fields {
  return [[':method', 'POST'], ...getFields(path, ...more).slice(1)];
}

/** HPACK without compression: each field a literal that is not indexed (RFC 7541 6.2.2). */
export function encodeFields(fields: Fields): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** RFC 7541 5.1 with a prefix of 7 bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** The status of a response's head, which HPACK puts first: indexed, or a literal, maybe in Huffman's code. */
export function statusOf(frame: Frame): number {
  const first = frame.payload[0] ?? 0;
  const indexed = [200, 204, 206, 304, 400, 404, 500];
  if (first >= 0x88 && first <= 0x8e) return indexed[first - 0x88] ?? 0;
  const size = frame.payload[1] ?? 0;
  const bytes = frame.payload.subarray(2, 2 + (size & 0x7f));
  return size < 0x80 ? Number(bytes.toString('latin1')) : Number(huffmanDigits(bytes));
}

/** RFC 7541, appendix B, digits: 0 to 2 have five bits, the others six. */
function huffmanDigits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  while (digits.length < 3 && bits.length >= 5) {
    const five = Number.parseInt(bits.slice(0, 5), 2);
    if (five <= 2) {
      digits += String(five);
      bits = bits.slice(5);
    } else {
      digits += String(Number.parseInt(bits.slice(0, 6), 2) - 0b011001 + 3);
      bits = bits.slice(6);
    }
  }
  return digits;
}

export class FrameClient {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  isClosed = false;
  /** False: what the proxy announces does not hold yet. */
  acksSettings = true;
  /** False: PINGs stay without an answer. */
  answersPings = true;
  #pending: Buffer = Buffer.alloc(0);
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isClosed = true;
        this.#notify();
      });
    }
  }

  /** Connected, preface and SETTINGS sent. `settings`: identifiers and values. */
  static async open(
    t: TestContext,
    port: number,
    settings: readonly (readonly [id: number, value: number])[] = [],
  ): Promise<FrameClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    const client = new FrameClient(socket);
    socket.write(preface);
    client.settings(settings);
    return client;
  }

  #receive(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#pending, chunk]);
    while (bytes.length >= headerBytes) {
      const end = headerBytes + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      const frame: Frame = {
        type: bytes[3] ?? 0,
        flags: bytes[4] ?? 0,
        stream: bytes.readUInt32BE(5),
        payload: bytes.subarray(headerBytes, end),
      };
      this.frames.push(frame);
      const isSettings = frame.type === frameTypes.settings && frame.flags === 0;
      if (isSettings && this.acksSettings) this.frame(frameTypes.settings, flags.ack, 0);
      const isPing = frame.type === frameTypes.ping && frame.flags === 0;
      if (isPing && this.answersPings) this.frame(frameTypes.ping, flags.ack, 0, frame.payload);
      bytes = bytes.subarray(end);
    }
    this.#pending = bytes;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  // ── sending ──

  frame(type: number, frameFlags: number, stream: number, payload: Buffer = Buffer.alloc(0)): void {
    this.socket.write(renderFrame(type, frameFlags, stream, payload));
  }

  settings(entries: readonly (readonly [id: number, value: number])[] = []): void {
    const payload = Buffer.alloc(6 * entries.length);
    entries.forEach(([id, value], i) => {
      payload.writeUInt16BE(id, 6 * i);
      payload.writeUInt32BE(value, 6 * i + 2);
    });
    this.frame(frameTypes.settings, 0, 0, payload);
  }

  headers(stream: number, fields: Fields, endsStream = true): void {
    const frameFlags = flags.endHeaders | (endsStream ? flags.endStream : 0);
    this.frame(frameTypes.headers, frameFlags, stream, encodeFields(fields));
  }

  data(stream: number, payload: string | Buffer, endsStream = false): void {
    const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
    this.frame(frameTypes.data, endsStream ? flags.endStream : 0, stream, bytes);
  }

  reset(stream: number, code = 8): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.frame(frameTypes.reset, 0, stream, payload);
  }

  ping(): void {
    this.frame(frameTypes.ping, 0, 0, Buffer.alloc(8, 1));
  }

  /** Lets the proxy send as much as it likes, on the connection and one stream. */
  openWindow(stream: number, bytes = largestWindow - 65_535): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(bytes);
    this.frame(frameTypes.windowUpdate, 0, stream, payload);
  }

  // ── waiting ──

  /** The first frame that satisfies the condition; fails when the connection closes before. */
  async until(condition: (frame: Frame) => boolean, what = 'the frame'): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(condition);
      if (found !== undefined) return found;
      if (this.isClosed) throw new Error(`closed before ${what}; got ${describe(this.frames)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async untilStatus(stream: number): Promise<number> {
    const isHead = (frame: Frame): boolean => frame.type === frameTypes.headers && frame.stream === stream;
    return statusOf(await this.until(isHead, `the head of stream ${stream}`));
  }

  async untilEnd(stream: number): Promise<void> {
    await this.until(
      (frame) =>
        frame.stream === stream &&
        (frame.type === frameTypes.headers || frame.type === frameTypes.data) &&
        (frame.flags & flags.endStream) !== 0,
      `the end of stream ${stream}`,
    );
  }

  /** The code of the RST_STREAM of a stream. */
  async untilReset(stream: number): Promise<number> {
    const isReset = (frame: Frame): boolean => frame.type === frameTypes.reset && frame.stream === stream;
    return (await this.until(isReset, `the reset of stream ${stream}`)).payload.readUInt32BE(0);
  }

  /** Last stream and code of the GOAWAY that satisfies the condition. */
  async untilGoaway(
    condition: (last: number, code: number) => boolean = () => true,
  ): Promise<{ last: number; code: number }> {
    const read = ({ payload }: Frame): { last: number; code: number } => ({
      last: payload.readUInt32BE(0),
      code: payload.readUInt32BE(4),
    });
    const frame = await this.until((each) => {
      if (each.type !== frameTypes.goaway) return false;
      const { last, code } = read(each);
      return condition(last, code);
    }, 'a GOAWAY');
    return read(frame);
  }

  /** Waits until the proxy has handled everything that was sent before. */
  async settle(): Promise<void> {
    const mark = Buffer.from(`mark${String(this.frames.length).padStart(4, '0')}`, 'latin1');
    this.frame(frameTypes.ping, 0, 0, mark);
    await this.until((frame) => frame.type === frameTypes.ping && frame.payload.equals(mark), 'the PING');
  }

  async untilClosed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  body(stream: number): string {
    return this.frames
      .filter((frame) => frame.type === frameTypes.data && frame.stream === stream)
      .map((frame) => frame.payload.toString('latin1'))
      .join('');
  }
}

export function renderFrame(type: number, frameFlags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = frameFlags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

function describe(frames: readonly Frame[]): string {
  return frames.map(({ type, flags: bits, stream }) => `${type}/${bits}/${stream}`).join(' ');
}
