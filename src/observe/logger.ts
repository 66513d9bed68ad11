// The control-plane logger: few lines, for operators. JSON lines or readable text, each line printable and on one row whatever
// its values hold (rule O8). Losing the reader of the log costs lines, never the process (rule V2).
import { isatty } from 'node:tty';
import { pino } from 'pino';
import { LineSink } from './line-sink.ts';
import { renderJsonLine, renderTextLine } from './log-text.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'text' | 'json';

/** A message is a fixed sentence without values; what varies goes into the fields. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds `fields` to every line. */
  child(fields: object): Logger;
}

export interface RootLogger extends Logger {
  /** Lines lost because nobody took them. */
  readonly dropped: number;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Default 2, standard error. Lines to a descriptor are written at once and without blocking. */
  readonly destination?: number | NodeJS.WritableStream;
}

/** Where finished lines go. */
interface LineTarget {
  readonly dropped: number;
  write(line: string): void;
}

/** Throws only if the destination is a descriptor that is not open. */
export function createLogger(options: LoggerOptions): RootLogger {
  const destination = options.destination ?? 2;
  const target =
    typeof destination === 'number' ? new DescriptorTarget(destination) : new StreamTarget(destination);
  const render = options.format === 'json' ? renderJsonLine : textRenderer(destination);
  const base = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    },
    { write: (line: string) => target.write(render(line)) },
  );
  const logger = wrapLogger(base);
  return Object.defineProperty(logger, 'dropped', { get: () => target.dropped }) as RootLogger;
}

function wrapLogger(base: pino.Logger): Logger {
  return {
    debug: (fields, message) => base.debug(fields, message),
    info: (fields, message) => base.info(fields, message),
    warn: (fields, message) => base.warn(fields, message),
    error: (fields, message) => base.error(fields, message),
    child: (fields) => wrapLogger(base.child({ ...fields })),
  };
}

function textRenderer(destination: number | NodeJS.WritableStream): (line: string) => string {
  const isTerminal =
    typeof destination === 'number'
      ? isatty(destination)
      : 'isTTY' in destination && destination.isTTY === true;
  // https://no-color.org: present and not empty.
  const isColoured = isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  return (line) => renderTextLine(line, isColoured);
}

class DescriptorTarget implements LineTarget {
  readonly #sink: LineSink;

  constructor(fd: number) {
    this.#sink = new LineSink({ fd, flushBytes: 0 });
  }

  get dropped(): number {
    return this.#sink.dropped;
  }

  write(line: string): void {
    this.#sink.append(Buffer.from(line, 'utf8').toString('latin1'));
  }
}

/** Bytes that a stream may hold back before lines are dropped. */
const maxHeldBytes = 1024 * 1024;

class StreamTarget implements LineTarget {
  dropped = 0;
  readonly #stream: NodeJS.WritableStream;
  #isGone = false;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    stream.on('error', () => {
      this.#isGone = true;
    });
  }

  write(line: string): void {
    const { writable } = this.#stream;
    const heldBytes = 'writableLength' in this.#stream ? Number(this.#stream.writableLength) : 0;
    if (this.#isGone || !writable || heldBytes > maxHeldBytes) {
      this.dropped += 1;
      return;
    }
    this.#stream.write(line, (error) => {
      if (error != null) this.dropped += 1;
    });
  }
}
