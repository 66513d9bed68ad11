// Requests out of files: each form, what the program's own log says read back, and input that is none or hostile.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AccessLog, emptyAccessEntry } from '../../observe/access-log.ts';
import {
  type ListedRequest,
  newTally,
  openRequestFile,
  readRequests,
  renderTally,
  RequestFileError,
  type RequestTally,
} from './index.ts';

const nginxLine =
  '10.0.0.9 - bob [21/Nov/2026:20:00:01 +0000] "GET /foo/bar?x=1 HTTP/1.1" 200 12 "-" "curl/8 [x] y" 80 0.002 [shop-web-80] [] 10.1.0.1:8080 12 0.001 200 4f2a';

interface Read {
  readonly requests: readonly ListedRequest[];
  readonly tally: RequestTally;
}

async function collect(bytes: AsyncIterable<Buffer | string>): Promise<Read> {
  const tally = newTally();
  const requests: ListedRequest[] = [];
  for await (const batch of readRequests(bytes, tally)) requests.push(...batch);
  return { requests, tally };
}

function read(text: string | Buffer, pieceBytes = 7): Promise<Read> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return collect(Readable.from(pieces));
}

async function one(line: string): Promise<ListedRequest> {
  const { requests } = await read(line);
  assert.equal(requests.length, 1, line);
  const [request] = requests;
  assert.ok(request !== undefined);
  return request;
}

function file(test: TestContext, bytes: Buffer): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-list-'));
  test.after(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, 'requests');
  writeFileSync(path, bytes);
  return path;
}

describe('lines of logs and lists', () => {
  it('in the default format of ingress-nginx', async () => {
    assert.deepEqual(await one(nginxLine), {
      line: 1,
      method: 'GET',
      scheme: '',
      host: '',
      rawPath: '/foo/bar',
      query: '?x=1',
      clientAddress: '10.0.0.9',
      status: 200,
      upstreamName: 'shop-web-80',
      requestId: '4f2a',
      route: '',
      reason: '',
    });
  });

  it('in the format combined, with bytes that nginx escaped, with an absolute target', async () => {
    const line = (request: string): string =>
      `::1 - - [21/Nov/2026:20:00:01 +0000] "${request}" 404 0 "http://a/ [b]" "x"`;
    const escaped = await one(line('GET /\\xC3\\xA4\\x22\\x5C HTTP/1.1'));
    assert.deepEqual([escaped.rawPath, escaped.requestId, escaped.clientAddress], ['/Ã¤"\\', '', '::1']);
    const absolute = await one(line('PUT HTTP://A.Example:8080/x?y HTTP/1.1'));
    assert.deepEqual(
      [absolute.method, absolute.scheme, absolute.host, absolute.rawPath, absolute.query],
      ['PUT', 'http', 'a.example', '/x', '?y'],
    );
  });

  it('as JSON, by the names of nginx and others', async () => {
    const cases: [object, Partial<ListedRequest>][] = [
      [
        { request: 'POST /a?b HTTP/2.0', host: 'A.test', status: 201, req_id: '7' },
        { method: 'POST', rawPath: '/a', query: '?b', host: 'a.test', status: 201, requestId: '7' },
      ],
      [
        { method: 'HEAD', path: '/a', request_query: 'b=1', vhost: 'a.test', x_forwarded_proto: 'https' },
        { method: 'HEAD', rawPath: '/a', query: '?b=1', host: 'a.test', scheme: 'https' },
      ],
      [
        { uri: '/ä€', status: 'x', host: 'no host' },
        { method: 'GET', rawPath: '/Ã¤â\x82¬', status: 0, host: '' },
      ],
    ];
    for (const [object, wanted] of cases) {
      const request = await one(JSON.stringify(object));
      for (const [key, value] of Object.entries(wanted))
        assert.equal(Object.getOwnPropertyDescriptor(request, key)?.value, value, key);
    }
  });

  it('as URLs, with comments and empty lines, each with its line', async () => {
    const { requests, tally } = await read(
      '# list\r\n\r\nhttps://a.test/x?y#z\r\nPOST http://b.test\n/only/path\nDELETE /p',
    );
    assert.deepEqual(
      requests.map(({ line, method, scheme, host, rawPath, query }) =>
        [line, method, scheme, host, rawPath, query].join(' '),
      ),
      ['3 GET https a.test /x ?y', '4 POST http b.test / ', '5 GET   /only/path ', '6 DELETE   /p '],
    );
    assert.deepEqual(tally, { lines: 6, requests: 4, notUnderstood: 0, tooLong: 0, firstLeftOut: 0 });
    assert.equal(renderTally(tally), '');
  });

  it('as the program itself writes them, whatever a client sent', async () => {
    const bytes = (length: number) =>
      fc.uint8Array({ maxLength: length }).map((value) =>
        Buffer.from(value)
          .toString('latin1')
          .replace(/[\0-\x20\x7f#?]/g, ''),
      );
    const asked = fc.record({
      path: bytes(20),
      query: bytes(10),
      userAgent: bytes(20),
      remoteUser: bytes(8),
    });
    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom('nginx', 'json'), async ({ path, query, ...more }, format) => {
        const lines: string[] = [];
        const sink = { append: (line: string) => lines.push(line) };
        new AccessLog({ format, sink }).write({
          ...emptyAccessEntry(),
          ...more,
          timeMs: 1_000,
          remoteAddress: '10.0.0.1',
          method: 'GET',
          target: `/${path}?${query}`,
          protocol: 'HTTP/1.1',
          status: 200,
          upstreamName: 'a-b-80',
          requestId: 'id',
        });
        const request = await one(lines.join(''));
        assert.deepEqual(
          [request.rawPath, request.query, request.status, request.upstreamName, request.requestId],
          [`/${path}`, `?${query}`, 200, 'a-b-80', 'id'],
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('input that is no list', () => {
  it('is counted, line by line, and does not stop the reading', async () => {
    const lines = [
      '{"request": ',
      '[]',
      '{"method": "GET"}',
      '{"__proto__": {"path": "/x"}}',
      '1.2.3.4 - - [x] "\\x16\\x03\\x01" 400 0 "-" "-"',
      '1.2.3.4 - - [x] "GET /x HTTP/1.1',
      'GE T /x',
      'http://a b/',
      'ftp://a/b',
      '\xff\xfe\0',
      '/good',
    ];
    const { requests, tally } = await read(Buffer.from(lines.join('\n'), 'latin1'));
    assert.deepEqual(
      requests.map(({ line }) => line),
      [11],
    );
    assert.deepEqual(tally, { lines: 11, requests: 1, notUnderstood: 10, tooLong: 0, firstLeftOut: 1 });
    assert.equal(renderTally(tally), 'lines left out: 10 not understood; the first is line 1');
  });

  it('holds no line that does not end', async () => {
    const endless = (function* () {
      yield Buffer.from('/a\n/');
      for (let i = 0; i < 2_000; i += 1) yield Buffer.alloc(1_024, 0x61);
      yield Buffer.from('\n/b\n');
    })();
    const { requests, tally } = await collect(Readable.from(endless));
    assert.deepEqual(
      requests.map(({ line, rawPath }) => [line, rawPath]),
      [
        [1, '/a'],
        [3, '/b'],
      ],
    );
    assert.deepEqual([tally.tooLong, tally.firstLeftOut], [1, 2]);
  });

  it('never throws on bytes of any kind, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 20 }),
        async (bytes, size) => {
          const whole = await read(Buffer.from(bytes), 1_000);
          assert.deepEqual(await read(Buffer.from(bytes), size), whole);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('files of requests', () => {
  it('are unpacked where they are gzip, and say how far they were read', async (test) => {
    for (const bytes of [Buffer.from(`${nginxLine}\n/x`), gzipSync(`${nginxLine}\n/x`)]) {
      const opened = openRequestFile(file(test, bytes), Readable.from([]));
      assert.equal(opened.sizeBytes, bytes.length);
      assert.equal((await collect(opened.bytes)).requests.length, 2);
      assert.equal(opened.readBytes(), bytes.length);
    }
    const piped = openRequestFile('-', Readable.from(['/x\n']));
    assert.equal((await collect(piped.bytes)).requests.length, 1);
    assert.equal(
      (await collect(openRequestFile(file(test, Buffer.alloc(0)), Readable.from([])).bytes)).tally.lines,
      0,
    );
  });

  it('name themselves when they break off or are not there', async (test) => {
    const broken = file(test, gzipSync(nginxLine.repeat(50)).subarray(0, 60));
    await assert.rejects(
      collect(openRequestFile(broken, Readable.from([])).bytes),
      (error) =>
        error instanceof RequestFileError && error.message.includes(`"${broken}": unexpected end of file`),
    );
    assert.throws(() => openRequestFile('/no/such/file', Readable.from([])), RequestFileError);
    assert.throws(() => openRequestFile(tmpdir(), Readable.from([])), /it is a folder/);
  });
});
