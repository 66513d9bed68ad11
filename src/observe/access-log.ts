// The access log: one line a request, in ingress-nginx's default format or as JSON. Reads the entry synchronously, so that
// the proxy can fill one entry object again and again; costs a few hundred nanoseconds and never throws.
import type { AccessEntry } from './access-entry.ts';
import { JsonLine } from './json-line.ts';
import type { LineSink } from './line-sink.ts';
import { NginxLine } from './nginx-line.ts';

export { emptyAccessEntry } from './access-entry.ts';
export type { AccessEntry } from './access-entry.ts';

export type AccessLogFormat = 'nginx' | 'json';

/** Where a rendered line goes: a LineSink, or a list in a test. */
export type LineTarget = Pick<LineSink, 'append'>;

/** Renders entries as lines and hands them to a sink. */
export class AccessLog {
  readonly #sink: LineTarget;
  readonly #line: NginxLine | JsonLine;

  constructor(options: { readonly format: AccessLogFormat; readonly sink: LineTarget }) {
    this.#sink = options.sink;
    this.#line = options.format === 'nginx' ? new NginxLine() : new JsonLine();
  }

  /** Writes the line of `entry` now; the entry may be reused as soon as this returns. */
  write(entry: AccessEntry): void {
    this.#sink.append(this.#line.render(entry));
  }

  /** A line that somebody else rendered, with its line end. */
  writeLine(line: string): void {
    this.#sink.append(line);
  }
}
