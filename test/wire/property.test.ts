// Properties of the codec over generated input: print then parse is the identity; one changed byte never gives a meaning that a second parser
// does not see; every cut gives the same outcome; what is accepted and written anew, Node's own parser reads identically.
import assert from 'node:assert/strict';
import { type IncomingMessage, METHODS, createServer } from 'node:http';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChunkedDecoder } from '../../src/wire/http1/chunked.ts';
import { canonicalPath } from '../../src/wire/http1/path.ts';
import { renderChunkHeader, renderLastChunk } from '../../src/wire/http1/render.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { type RequestTree, hostileText, printRequest, requestTree } from './generators.ts';
import { parseReference } from './reference-parser.ts';
import { replay, replayOptions } from './replay.ts';

const runs = { numRuns: 400 };
const limits = {
  maxRequestLineBytes: 8_396,
  maxFieldLineBytes: 8_192,
  maxFieldsBytes: 32_768,
  maxFields: 100,
};
const parser = new RequestHeadParser({ ...limits, maxNameBytes: 256, underscores: 'keep', stripNames: [] });
const chunkLimits = {
  maxLineBytes: 1_024,
  maxOverheadBytes: 16_384,
  maxTrailerBytes: 8_192,
  maxTrailerFields: 32,
};

interface Message {
  readonly head: RequestHead;
  readonly body: string;
}

/** All messages at the start of `text` that are accepted and complete. */
function readMessages(text: string): Message[] {
  const buffer = Buffer.from(text, 'latin1');
  const messages: Message[] = [];
  for (let at = 0; ; ) {
    const head = new RequestHead();
    const consumed = parser.parse(buffer, at, buffer.length, head);
    if (consumed <= 0) return messages;
    at += consumed;
    let body = '';
    if (head.contentLength >= 0) {
      if (at + head.contentLength > buffer.length) return messages;
      body = buffer.toString('latin1', at, at + head.contentLength);
      at += head.contentLength;
    } else {
      const decoder = new ChunkedDecoder(chunkLimits);
      while (at < buffer.length && at >= 0 && !decoder.done) {
        at = decoder.next(buffer, at, buffer.length);
        body += buffer.toString('latin1', decoder.dataStart, decoder.dataEnd);
      }
      if (!decoder.done) return messages;
    }
    messages.push({ head, body });
  }
}

/** A message as the proxy would write it, from parsed values only. */
function render({ head, body }: Message): string {
  let text = `${head.method} ${head.path}${head.query} HTTP/1.1\r\nHost: ${head.authority || 'none'}\r\n${head.fields}`;
  if (head.contentLength < 0) {
    const chunk = body === '' ? '' : `${renderChunkHeader(body.length)}${body}\r\n`;
    return `${text}Transfer-Encoding: chunked\r\n\r\n${chunk}${renderLastChunk('')}`;
  }
  if (head.hasFraming) text += `Content-Length: ${head.contentLength}\r\n`;
  return `${text}\r\n${body}`;
}

/** Names in lower case and values of `Name: value` lines. */
function fieldsOf(lines: string): [string, string][] {
  return lines
    .split('\r\n')
    .slice(0, -1)
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
    });
}

function expectedOf(tree: RequestTree): unknown {
  const canonical = canonicalPath(tree.path);
  assert.ok('path' in canonical);
  return {
    method: tree.method,
    path: canonical.path,
    query: tree.query,
    host: tree.host.replace(':81', ''),
    contentLength: tree.body === null ? 0 : tree.isChunked ? -1 : tree.body.length,
    fields: tree.fields.map(([name, value]) => [name.toLowerCase(), value]),
    body: tree.body ?? '',
  };
}

function meaningOf({ head, body }: Message): unknown {
  const { method, path, query, host, contentLength } = head;
  return { method, path, query, host, contentLength, fields: fieldsOf(head.fields), body };
}

describe('wire properties', () => {
  it('print then parse is the identity', () => {
    fc.assert(
      fc.property(fc.array(requestTree, { minLength: 1, maxLength: 3 }), (trees) => {
        const messages = readMessages(trees.map(printRequest).join(''));
        assert.deepEqual(messages.map(meaningOf), trees.map(expectedOf));
      }),
      runs,
    );
  });

  it('render then parse is the identity', () => {
    fc.assert(
      fc.property(requestTree, (tree) => {
        const [first] = readMessages(printRequest(tree));
        assert.ok(first !== undefined);
        const again = readMessages(render(first));
        assert.deepEqual(again.map(meaningOf), [meaningOf(first)]);
        assert.equal(render(again[0] ?? first), render(first));
      }),
      runs,
    );
  });

  it('a changed byte gives a refusal or what the reference parser reads', () => {
    const change = fc.tuple(
      requestTree,
      fc.nat(10_000),
      fc.oneof(fc.nat(255), fc.constantFrom(9, 10, 13, 32, 58)),
    );
    fc.assert(
      fc.property(change, ([tree, place, byte]) => {
        const text = printRequest({ ...tree, body: tree.body === null ? null : 'x' });
        const at = place % (text.indexOf('\r\n\r\n') + 4);
        const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
        assertAgreement(changed);
      }),
      { numRuns: 2_000 },
    );
  });

  it('hostile bytes give a refusal or what the reference parser reads', () => {
    fc.assert(
      fc.property(hostileText, (text) => assertAgreement(`GET / HTTP/1.1\r\nHost: a\r\n${text}\r\n\r\n`)),
      { numRuns: 1_000 },
    );
  });

  it('every cut gives the same outcome', () => {
    const cuts = fc.array(fc.nat(300), { maxLength: 6 });
    const options = replayOptions(new Map());
    fc.assert(
      fc.property(fc.oneof(hostileText, requestTree.map(printRequest)), cuts, (text, places) => {
        const input = Buffer.from(text, 'latin1');
        const sorted = places.filter((place) => place < input.length).sort((a, b) => a - b);
        const whole = replay(input, [], options, 'eager');
        assert.equal(replay(input, sorted, options, 'eager'), whole);
        assert.equal(replay(input, sorted, options, 'patient'), whole);
      }),
      runs,
    );
  });

  it("what is accepted and written anew, Node's parser reads identically", async () => {
    const source = fc.oneof(
      hostileText,
      fc.array(requestTree, { maxLength: 3 }).map((trees) => trees.map(printRequest).join('')),
    );
    await fc.assert(
      fc.asyncProperty(source, async (text) => {
        const messages = readMessages(text).filter(({ head }) => !head.upgradeWebsocket);
        // Node knows a fixed list of methods; others are not its business.
        if (messages.some(({ head }) => !METHODS.includes(head.method))) return;
        const seen = await readWithNode(messages.map(render).join(''), messages.length);
        assert.deepEqual(
          seen,
          messages.map((message) => ({
            method: message.head.method,
            url: message.head.path + message.head.query,
            fields: fieldsOf(message.head.fields),
            body: message.body,
          })),
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The codec refuses what the reference refuses, and reads what it reads. */
function assertAgreement(text: string): void {
  const reference = parseReference(text);
  const buffer = Buffer.from(text, 'latin1');
  const head = new RequestHead();
  const consumed = parser.parse(buffer, 0, buffer.length, head);
  if (consumed <= 0) {
    // The codec also refuses what the reference does not judge: readings above the root.
    if (parser.refusal?.reason === 'path-above-root') return;
    assert.ok(
      reference === null || reference === 'incomplete',
      `refused ${parser.refusal?.reason}: ${JSON.stringify(text)}`,
    );
    return;
  }
  // Empty lines before the head and the absolute form are not judged by the reference.
  if (head.form === 'absolute' || text.startsWith('\r\n')) return;
  assert.ok(reference !== null && reference !== 'incomplete', `accepted: ${JSON.stringify(text)}`);
  assert.deepEqual(
    [consumed, head.method, head.target, head.host, head.contentLength, head.keepAlive],
    [
      reference.length,
      reference.method,
      reference.target,
      reference.host,
      reference.contentLength,
      reference.keepAlive,
    ],
  );
  assertSubsequence(fieldsOf(head.fields), reference.fields);
}

/** Nothing is invented or reordered; what is missing was dropped. */
function assertSubsequence(kept: readonly unknown[], all: readonly unknown[]): void {
  let from = 0;
  for (const item of kept) {
    const text = JSON.stringify(item);
    while (from < all.length && JSON.stringify(all[from]) !== text) from += 1;
    assert.ok(from < all.length, `${text} is not among the received fields`);
    from += 1;
  }
}

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly fields: [string, string][];
  readonly body: string;
}

/** What Node's HTTP server makes of the bytes, over a pair of streams in memory. */
async function readWithNode(text: string, count: number): Promise<SeenRequest[]> {
  const seen: SeenRequest[] = [];
  if (count === 0) return seen;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let arrived = 0;
  let complete = 0;
  const server = createServer({ insecureHTTPParser: false }, (request, response) => {
    // Pipelined requests arrive in order, their bodies may end in another one.
    const place = arrived++;
    readRequest(request).then((each) => {
      seen[place] = each;
      response.end();
      complete += 1;
      if (complete === count) resolve();
    }, reject);
  });
  server.on('clientError', (error) => reject(error));
  const [near, far] = duplexPair();
  near.resume();
  server.emit('connection', far);
  near.write(Buffer.from(text, 'latin1'));
  await promise;
  near.destroy();
  far.destroy();
  return seen;
}

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  let body = '';
  for await (const chunk of request) body += (chunk as Buffer).toString('latin1');
  const fields: [string, string][] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase();
    if (name === 'host' || name === 'content-length' || name === 'transfer-encoding') continue;
    fields.push([name, request.rawHeaders[i + 1] ?? '']);
  }
  return { method: request.method ?? '', url: request.url ?? '', fields, body };
}
