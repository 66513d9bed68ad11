// A FastCGI server for tests, written by the specification and not with the codec of the project: it shows what it was sent, and says what it is told
// to, byte by byte.
import type { TestContext } from 'node:test';
import { type RawClient, startUpstream } from './harness.ts';

export interface FastCgiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly body: string;
  readonly client: RawClient;
  /** The request's own flags: 1 is FCGI_KEEP_CONN. */
  readonly flags: number;
}

/** A record with padding, as servers send them. */
export function record(type: number, content: string | Buffer, id = 1): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const padding = (8 - (bytes.length % 8)) % 8;
  const head = [1, type, id >> 8, id & 255, bytes.length >> 8, bytes.length & 255, padding, 0];
  return Buffer.concat([Buffer.from(head), bytes, Buffer.alloc(padding, 0x7f)]);
}

export function endRecord(protocolStatus = 0): Buffer {
  return record(3, Buffer.from([0, 0, 0, 0, protocolStatus, 0, 0, 0]));
}

export function answerRecords(text: string): Buffer {
  return Buffer.concat([record(6, text), record(6, ''), endRecord()]);
}

/** `answer`: bytes for each request, after which the connection ends; null: none, whoever asked acts itself. */
export async function startFastCgi(
  t: TestContext,
  answer: (request: FastCgiRequest) => Buffer | null,
): Promise<number> {
  return await startUpstream(t, (client) => {
    void client
      .until((text) => readRequest(text) !== null)
      .then((text) => {
        const request = readRequest(text);
        const bytes = request === null ? null : answer({ ...request, client });
        if (bytes !== null) client.socket.end(bytes);
      })
      .catch(() => {});
  });
}

/** Null: it is not complete. */
function readRequest(text: string): Omit<FastCgiRequest, 'client'> | null {
  const bytes = Buffer.from(text, 'latin1');
  let flags = -1;
  let params = '';
  let body = '';
  for (let at = 0; at + 8 <= bytes.length; ) {
    const type = bytes[at + 1] ?? 0;
    const start = at + 8;
    const end = start + bytes.readUInt16BE(at + 4);
    at = end + (bytes[at + 6] ?? 0);
    if (at > bytes.length) return null;
    const content = bytes.toString('latin1', start, end);
    if (type === 1) flags = content.charCodeAt(2);
    else if (type === 4) params += content;
    else if (type === 5 && content === '') return { params: readPairs(params), body, flags };
    else if (type === 5) body += content;
    else throw new Error(`a web server sends no record of type ${type}`);
  }
  return null;
}

function readPairs(text: string): Record<string, string> {
  const bytes = Buffer.from(text, 'latin1');
  const pairs: Record<string, string> = {};
  let at = 0;
  const readLength = (): number => {
    const first = bytes[at] ?? 0;
    if (first < 128) {
      at += 1;
      return first;
    }
    at += 4;
    return bytes.readUInt32BE(at - 4) & 0x7f_ff_ff_ff;
  };
  while (at < bytes.length) {
    const nameLength = readLength();
    const valueLength = readLength();
    const name = bytes.toString('latin1', at, at + nameLength);
    if (name in pairs) throw new Error(`the parameter ${name} comes twice`);
    pairs[name] = bytes.toString('latin1', at + nameLength, at + nameLength + valueLength);
    at += nameLength + valueLength;
  }
  return pairs;
}
