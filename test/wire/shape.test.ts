// Heads on the request path keep one hidden class, whatever was parsed into them: the engine's inline caches stay monomorphic.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { ResponseHead, ResponseHeadParser } from '../../src/wire/http1/response-head.ts';

setFlagsFromString('--allow-natives-syntax');
/** The engine's own comparison. */
const haveSameMap = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;

const requests = [
  'GET / HTTP/1.0\r\n\r\n',
  'POST http://a:1/x/../y%2f?z HTTP/1.1\r\nHost: B\r\nContent-Length: 9007199254740991\r\nExpect: 100-continue\r\n\r\n',
  'GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade, foo\r\nFoo: 1\r\nX-Request-ID: 1\r\nTE: trailers\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nUser-Agent: x\r\nX-Forwarded-For: 1\r\nX-Forwarded-For: 2\r\n\r\n',
];
const responses = [
  'HTTP/1.1 200\r\n\r\n',
  'HTTP/1.0 304 Not Modified\r\nContent-Length: 9007199254740991\r\nKeep-Alive: timeout=9\r\nDate: x\r\nLocation: /\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: x\r\n\r\n',
];

describe('hidden classes', () => {
  it('RequestHead keeps its own', () => {
    const parser = new RequestHeadParser({
      maxRequestLineBytes: 8_396,
      maxFieldLineBytes: 8_192,
      maxFieldsBytes: 32_768,
      maxFields: 100,
      maxNameBytes: 256,
      underscores: 'drop',
      stripNames: [],
    });
    const parseAll = () =>
      requests.map((text) => {
        const head = new RequestHead();
        assert.equal(parser.parse(Buffer.from(text), 0, text.length, head), text.length);
        return head;
      });
    // The first length above 2^31 widens the field for good; from then on nothing changes any more.
    parseAll();
    const heads = parseAll();
    for (const head of heads) assert.ok(haveSameMap(head, heads[0] ?? head));
    heads[1]?.reset();
    assert.ok(haveSameMap(new RequestHead(), heads[1] ?? {}));
    assert.deepEqual(heads[1], new RequestHead());
  });

  it('ResponseHead keeps its own', () => {
    const parser = new ResponseHeadParser({ maxHeadBytes: 32_768, maxFields: 200 });
    const parseAll = () =>
      responses.map((text) => {
        const head = new ResponseHead();
        assert.equal(parser.parse(Buffer.from(text), 0, text.length, head, 'GET'), text.length);
        return head;
      });
    parseAll();
    for (const head of parseAll()) assert.ok(haveSameMap(head, new ResponseHead()));
  });

  it('a head that is used again holds nothing of the request before', () => {
    const parser = new ResponseHeadParser({ maxHeadBytes: 32_768, maxFields: 200 });
    const [plain = '', full = ''] = responses;
    const used = new ResponseHead();
    parser.parse(Buffer.from(full), 0, full.length, used, 'GET');
    parser.parse(Buffer.from(plain), 0, plain.length, used, 'GET');
    const fresh = new ResponseHead();
    parser.parse(Buffer.from(plain), 0, plain.length, fresh, 'GET');
    assert.deepEqual(used, fresh);
  });
});
