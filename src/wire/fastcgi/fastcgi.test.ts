// The FastCGI codec: what is written against the specification, a recorded session of php-fpm cut at every place, and servers that do harm.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgiHeadCollector, renderCgiHead } from './cgi-head.ts';
import { fieldParams } from './field-params.ts';
import { RecordReader } from './record-reader.ts';
import { renderRequest } from './records.ts';

/** What php-fpm 8.2 answered to a POST, with a line of `error_log` before. */
const recorded = Buffer.from(
  'AQcAAQAhBwBQSFAgbWVzc2FnZTogYSBsaW5lIG9mIHRoZSBzY3JpcHQAAAAAAAAAAQYAAQBrBQBTdGF0dXM6IDQwNCBOb3QgRm91bmQNClgtU2NyaXB0OiAvaW5kZXgucGhwDQpDb250ZW50LXR5cGU6IHRleHQvaHRtbDsgY2hhcnNldD1VVEYtOA0KDQpQT1NUIHBocC50ZXN0IGhlbGxvCgAAAAAAAQMAAQAIAAAAAAAAAAAAAA==',
  'base64',
);

function readAll(pieces: readonly Buffer[]) {
  const seen = { stdout: '', stderr: '', ends: [] as number[], fault: null as string | null };
  const reader = new RecordReader({
    onStdout: (bytes) => {
      seen.stdout += bytes.toString('latin1');
    },
    onStderr: (bytes) => {
      seen.stderr += bytes.toString('latin1');
    },
    onEndRequest: (status) => {
      seen.ends.push(status);
    },
  });
  for (const piece of pieces) seen.fault ??= reader.read(piece);
  return seen;
}

describe('records of a server', () => {
  it('are read the same however they are cut', () => {
    const whole = readAll([recorded]);
    assert.deepEqual(whole, {
      stdout:
        'Status: 404 Not Found\r\nX-Script: /index.php\r\nContent-type: text/html; charset=UTF-8\r\n\r\nPOST php.test hello\n',
      stderr: 'PHP message: a line of the script',
      ends: [0],
      fault: null,
    });
    for (let at = 1; at < recorded.length; at += 1)
      assert.deepEqual(readAll([recorded.subarray(0, at), recorded.subarray(at)]), whole, `cut at ${at}`);
    assert.deepEqual(readAll([...recorded].map((byte) => Buffer.from([byte]))), whole);
  });

  it('end with the request: nothing behind it is read', () => {
    assert.deepEqual(
      readAll([Buffer.concat([recorded, recorded, Buffer.from('junk')])]),
      readAll([recorded]),
    );
  });

  it('of another version, request, kind or length are refused', () => {
    const faults: readonly [number[], string][] = [
      [[2, 6, 0, 1, 0, 0, 0, 0], 'fastcgi-version'],
      [[1, 6, 0, 2, 0, 0, 0, 0], 'fastcgi-request-id'],
      [[1, 6, 0, 0, 0, 0, 0, 0], 'fastcgi-request-id'],
      [[1, 4, 0, 1, 0, 0, 0, 0], 'fastcgi-record-type'],
      [[1, 3, 0, 1, 0, 7, 0, 0], 'fastcgi-record-length'],
    ];
    for (const [bytes, fault] of faults) {
      assert.equal(readAll([Buffer.from(bytes)]).fault, fault);
      assert.equal(readAll(bytes.map((byte) => Buffer.from([byte]))).fault, fault);
    }
  });
});

describe('a request', () => {
  it('is written as the specification has it', () => {
    const long = 'x'.repeat(128);
    const bytes = renderRequest([
      ['A', 'bc'],
      ['L', long],
    ]);
    const params = `\x01\x02Abc\x01\x80\0\0\x80L${long}`;
    const begin = '\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0';
    const head = `\x01\x04\0\x01\0${String.fromCharCode(params.length)}\0\0`;
    assert.equal(bytes.toString('latin1'), `${begin}${head}${params}\x01\x04\0\x01\0\0\0\0`);
  });

  it('has parameters in several records when one does not hold them', () => {
    const bytes = renderRequest([['A', 'x'.repeat(70_000)]]);
    const first = bytes.readUInt16BE(16 + 4);
    assert.equal(first, 65_528);
    assert.equal(bytes.readUInt16BE(16 + 8 + first + 4), 70_000 + 6 - first);
    assert.equal(bytes.length, 16 + 8 + 8 + 70_006 + 8);
  });
});

describe('the head of a script', () => {
  it('is found however it is cut, and bounded', () => {
    for (const head of ['A: 1\r\nB: 2\r\n\r\n', 'A: 1\nB: 2\n\n', 'A: 1\r\nB: 2\n\r\n', '\r\n', '\n']) {
      const bytes = Buffer.from(`${head}\n\nbody`);
      for (let at = 0; at <= bytes.length; at += 1) {
        const collector = new CgiHeadCollector(100);
        const first = collector.add(bytes.subarray(0, at));
        const end = first > 0 ? first : at + collector.add(bytes.subarray(at));
        assert.equal(end, head.length, `${JSON.stringify(head)} cut at ${at}`);
        assert.equal(collector.text, head);
      }
    }
    const collector = new CgiHeadCollector(100);
    assert.equal(collector.add(Buffer.alloc(100, 'x')), 0);
    assert.equal(collector.add(Buffer.from('\n\n')), -1);
    assert.equal(new CgiHeadCollector(100).add(Buffer.alloc(1_000_000, 'x')), -1);
  });

  it('says a status, or a place, or nothing', () => {
    const cases: readonly [string, string | null][] = [
      ['Status: 404 Not Found\r\nA: b\r\n\r\n', 'HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n'],
      ['status:  500\n\n', 'HTTP/1.1 500 \r\n\r\n'],
      ['Location: /x\n\n', 'HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n'],
      ['\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['Transfer-Encoding: chunked\r\nConnection: x\r\nUpgrade: y\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['Status: 200 OK\nStatus: 404 No\n\n', null],
      ['Status: 100 Continue\n\n', null],
      ['Status: 99\n\n', null],
      ['Status: 2000\n\n', null],
      ['no field\n\n', null],
      [': x\n\n', null],
    ];
    for (const [text, head] of cases) assert.equal(renderCgiHead(text), head, JSON.stringify(text));
  });
});

describe('fields as parameters', () => {
  it('are joined by name, without the one that libraries misread', () => {
    const lines =
      'Host: a\r\nX-A: 1\r\nx-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\nPROXY: evil\r\nX_A: 3\r\nX_Own: 4\r\nEmpty:\r\nA.B: 5\r\n';
    assert.deepEqual(Object.fromEntries(fieldParams(lines)), {
      HTTP_HOST: 'a',
      HTTP_X_A: '1, 2',
      HTTP_COOKIE: 'a=1; b=2',
      HTTP_X_OWN: '4',
      HTTP_EMPTY: '',
    });
  });
});
