// The head of a CGI response (RFC 3875 6): collected until its empty line, and written as the text of an HTTP/1.1 head, which is then read like every
// response head. Lines end with CRLF or LF, as scripts write them.

const LF = 0x0a;
const CR = 0x0d;

export class CgiHeadCollector {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(1_024);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many of these bytes belong to the head, with its empty line; 0: all of them, and more is awaited; -1: it grows too large. */
  add(bytes: Buffer): number {
    const before = this.#length;
    // The head and no more: what follows may be large.
    const taken = Math.min(bytes.length, this.#maxBytes + 1 - before);
    this.#grow(before + taken);
    bytes.copy(this.#bytes, before, 0, taken);
    this.#length = before + taken;
    const end = findEnd(this.#bytes.subarray(0, this.#length), before);
    if (end > this.#maxBytes) return -1;
    if (end < 0) return this.#length > this.#maxBytes ? -1 : 0;
    this.#length = end;
    return end - before;
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(size, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  get text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }
}

/** Behind the first empty line; -1: there is none. */
function findEnd(bytes: Buffer, from: number): number {
  for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
    if (lf === 0 || (lf === 1 && bytes[0] === CR)) return lf + 1;
    if (bytes[lf - 1] === LF || (bytes[lf - 1] === CR && bytes[lf - 2] === LF)) return lf + 1;
  }
  return -1;
}

const framing: ReadonlySet<string> = new Set(['status', 'transfer-encoding', 'connection', 'upgrade']);

/**
 * The head of an HTTP/1.1 response; null: it is none. `Status` says the status; else `Location` makes it 302, else it is 200. What frames a
 * message of HTTP is not the script's to say.
 */
export function renderCgiHead(text: string): string | null {
  let status = '';
  let hasLocation = false;
  let lines = '';
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') continue;
    const colon = line.indexOf(':');
    if (colon <= 0) return null;
    const name = line.slice(0, colon).toLowerCase();
    if (name === 'status') {
      if (status !== '') return null;
      status = line.slice(colon + 1).trim();
    }
    if (name === 'location') hasLocation = true;
    if (!framing.has(name)) lines += `${line}\r\n`;
  }
  if (status === '') status = hasLocation ? '302 Found' : '200 OK';
  // An interim response, or a switch, is not a script's either.
  if (!/^[2-5][0-9]{2}(?: .*)?$/.test(status)) return null;
  return `HTTP/1.1 ${status}${status.length === 3 ? ' ' : ''}\r\n${lines}\r\n`;
}
