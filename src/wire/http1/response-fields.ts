// The fields of a response head that the proxy understands, and one walk over the scanned lines that captures them and cuts out the
// lines that do not go downstream (rules B1, B2). Counterpart of request-fields.ts.
import { equalsIgnoringCase, lowerAscii } from './bytes.ts';
import { ConnectionOptions, trimBlanks } from './connection-options.ts';
import { type FieldLines, MARK_SIZE, dropNamedLines, keptLines } from './field-lines.ts';
import { FIELD_DROP, FIELD_FIRST_OWN, FieldNames } from './field-names.ts';

const CONTENT_LENGTH = FIELD_FIRST_OWN;
const TRANSFER_ENCODING = CONTENT_LENGTH + 1;
const CONNECTION = CONTENT_LENGTH + 2;
const KEEP_ALIVE = CONTENT_LENGTH + 3;
const UPGRADE = CONTENT_LENGTH + 4;
/** From here on the line is passed downstream, too. */
const FIRST_KEPT = CONTENT_LENGTH + 5;
const DATE = FIRST_KEPT;
const SERVER = FIRST_KEPT + 1;
const LOCATION = FIRST_KEPT + 2;
const HSTS = FIRST_KEPT + 3;

const names: ReadonlyMap<string, number> = new Map([
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
  ['connection', CONNECTION],
  ['keep-alive', KEEP_ALIVE],
  ['upgrade', UPGRADE],
  ['date', DATE],
  ['server', SERVER],
  ['location', LOCATION],
  ['strict-transport-security', HSTS],
  ['proxy-connection', FIELD_DROP],
  ['proxy-authenticate', FIELD_DROP],
  ['proxy-authorization', FIELD_DROP],
  ['te', FIELD_DROP],
  ['trailer', FIELD_DROP],
  ['http2-settings', FIELD_DROP],
]);

/** The lookup table for the names of responses; aliases of known names are dropped, other names pass as they are. */
export function createResponseNames(): FieldNames {
  return new FieldNames({ names, dropPrefixes: [], framing: [], underscores: 'keep' });
}

/** What one head's lines say. Offsets are those of `text`. Casts: `marks` holds MARK_SIZE numbers for each of `count` lines. */
export class ResponseFields {
  readonly connection = new ConnectionOptions();
  fields = '';
  location = '';
  hasDate = false;
  hasServer = false;
  /** `Strict-Transport-Security`. */
  hasHsts = false;
  /** Of `Keep-Alive: timeout=N`, 0 when not given. */
  keepAliveTimeoutMs = 0;
  lengthCount = 0;
  lengthStart = 0;
  lengthEnd = 0;
  /** Several Content-Length fields that are not equal. */
  lengthsDiffer = false;
  codingCount = 0;
  codingStart = 0;
  codingEnd = 0;
  upgradeCount = 0;
  isWebsocket = false;

  read(text: string, base: number, lines: FieldLines, fieldsStart: number): void {
    this.#reset();
    this.#walk(text, base, lines);
    if (this.connection.named.length > 0) {
      dropNamedLines(text, base, lines, this.connection.named, UPGRADE);
      this.#reset();
      this.#walk(text, base, lines);
    }
    this.fields = keptLines(text, base, lines, fieldsStart, FIRST_KEPT);
  }

  #reset(): void {
    this.connection.reset();
    this.location = '';
    this.hasDate = false;
    this.hasServer = false;
    this.hasHsts = false;
    this.keepAliveTimeoutMs = 0;
    this.lengthCount = 0;
    this.lengthsDiffer = false;
    this.codingCount = 0;
    this.upgradeCount = 0;
    this.isWebsocket = false;
  }

  #walk(text: string, base: number, lines: FieldLines): void {
    const marks = lines.marks;
    const last = lines.count * MARK_SIZE;
    for (let mark = 0; mark < last; mark += MARK_SIZE) {
      const id = marks[mark] as number;
      if (id <= FIELD_DROP) continue;
      this.#take(id, text, (marks[mark + 2] as number) - base, (marks[mark + 3] as number) - base);
    }
  }

  #take(id: number, text: string, start: number, end: number): void {
    switch (id) {
      case DATE:
        this.hasDate = true;
        break;
      case SERVER:
        this.hasServer = true;
        break;
      case LOCATION:
        if (this.location === '') this.location = text.slice(start, end);
        break;
      case HSTS:
        this.hasHsts = true;
        break;
      case CONNECTION:
        this.connection.add(text, start, end);
        break;
      case CONTENT_LENGTH:
        this.#takeLength(text, start, end);
        break;
      case TRANSFER_ENCODING:
        this.codingCount += 1;
        this.codingStart = start;
        this.codingEnd = end;
        break;
      case KEEP_ALIVE:
        this.keepAliveTimeoutMs = timeoutOf(text.slice(start, end));
        break;
      case UPGRADE:
        this.upgradeCount += 1;
        this.isWebsocket = equalsIgnoringCase(text, start, end, 'websocket');
        break;
    }
  }

  #takeLength(text: string, start: number, end: number): void {
    if (this.lengthCount > 0 && text.slice(start, end) !== text.slice(this.lengthStart, this.lengthEnd)) {
      this.lengthsDiffer = true;
    }
    this.lengthCount += 1;
    this.lengthStart = start;
    this.lengthEnd = end;
  }
}

/** Milliseconds of the `timeout` parameter of a `Keep-Alive` value, 0 when there is none. */
function timeoutOf(value: string): number {
  for (const part of value.split(',')) {
    const text = lowerAscii(trimBlanks(part));
    if (!text.startsWith('timeout=')) continue;
    const seconds = text.slice('timeout='.length);
    return /^[0-9]{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : 0;
  }
  return 0;
}
