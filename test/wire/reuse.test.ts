// Parsers, heads and decoders are used again and again: nothing of one message may show in the next. And a parser that is asked as `retryAt`
// says is asked seldom, so that a head that arrives byte by byte costs no more than its lines.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChunkedDecoder } from '../../src/wire/http1/chunked.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { ResponseHead, ResponseHeadParser } from '../../src/wire/http1/response-head.ts';
import { readCases } from './case-file.ts';

const cases = globSync(join(import.meta.dirname, 'http1', '*.md')).flatMap((file) => readCases(file));
const kindOf = (kind: string) => cases.filter((each) => (each.options.get('kind') ?? 'request') === kind);

const requestOptions = {
  maxRequestLineBytes: 8_396,
  maxFieldLineBytes: 8_192,
  maxFieldsBytes: 32_768,
  maxFields: 100,
  maxNameBytes: 256,
  underscores: 'drop',
  stripNames: [],
} as const;
const responseOptions = { maxHeadBytes: 32_768, maxFields: 200 };
const chunkLimits = {
  maxLineBytes: 1_024,
  maxOverheadBytes: 16,
  maxTrailerBytes: 8_192,
  maxTrailerFields: 32,
};

/** Runs `compare` over random sequences of the inputs of all cases of a kind. */
function forSequences(kind: string, compare: (inputs: Buffer[]) => void): void {
  const inputs = kindOf(kind).map((each) => each.input);
  fc.assert(fc.property(fc.array(fc.constantFrom(...inputs), { minLength: 2, maxLength: 8 }), compare), {
    numRuns: 300,
  });
}

function decodeAll(decoder: ChunkedDecoder, input: Buffer): unknown {
  let body = '';
  let at = 0;
  while (at >= 0 && at < input.length && !decoder.done) {
    at = decoder.next(input, at, input.length);
    body += input.toString('latin1', decoder.dataStart, decoder.dataEnd);
  }
  const { done, refusal, totalBytes, trailers } = decoder;
  return { at, body, done, refusal, totalBytes, trailers };
}

describe('reuse', () => {
  it('of a RequestHeadParser and its RequestHead', () => {
    const parser = new RequestHeadParser(requestOptions);
    const head = new RequestHead();
    forSequences('request', (inputs) => {
      for (const input of inputs) {
        const fresh = new RequestHeadParser(requestOptions);
        const freshHead = new RequestHead();
        const wanted = fresh.parse(input, 0, input.length, freshHead);
        assert.equal(parser.parse(input, 0, input.length, head), wanted);
        assert.equal(parser.refusal, fresh.refusal);
        if (wanted !== 0) assert.deepEqual(head, freshHead);
        else assert.equal(parser.retryAt, fresh.retryAt);
      }
    });
  });

  it('of a ResponseHeadParser and its ResponseHead', () => {
    const parser = new ResponseHeadParser(responseOptions);
    const head = new ResponseHead();
    forSequences('response', (inputs) => {
      for (const input of inputs) {
        const fresh = new ResponseHeadParser(responseOptions);
        const freshHead = new ResponseHead();
        const wanted = fresh.parse(input, 0, input.length, freshHead, 'GET');
        assert.equal(parser.parse(input, 0, input.length, head, 'GET'), wanted);
        assert.equal(parser.refusal, fresh.refusal);
        if (wanted > 0) assert.deepEqual(head, freshHead);
      }
    });
  });

  it('of a ChunkedDecoder', () => {
    const decoder = new ChunkedDecoder(chunkLimits);
    forSequences('chunked', (inputs) => {
      for (const input of inputs) {
        decoder.reset();
        assert.deepEqual(decodeAll(decoder, input), decodeAll(new ChunkedDecoder(chunkLimits), input));
      }
    });
  });

  it('a refused head tells the method and target of a good request line, and nothing else', () => {
    const parser = new RequestHeadParser(requestOptions);
    const head = new RequestHead();
    const refuse = (text: string) => {
      const good = Buffer.from('PUT /before HTTP/1.1\r\nHost: before\r\nUser-Agent: before\r\n\r\n');
      assert.equal(parser.parse(good, 0, good.length, head), good.length);
      assert.equal(parser.parse(Buffer.from(text), 0, text.length, head), -1);
      assert.doesNotMatch(JSON.stringify(head), /before/);
      return [head.method, head.target];
    };
    assert.deepEqual(refuse('\x16\x03'), ['', '']);
    assert.deepEqual(refuse('\r\n\n'), ['', '']);
    assert.deepEqual(refuse('GET / HTTP/3.0\r\n'), ['', '']);
    assert.deepEqual(refuse('GET /x?y HTTP/1.1\r\nbad\r\n'), ['GET', '/x?y']);
    assert.deepEqual(refuse('GET /x?y HTTP/1.1\r\n\r\n'), ['GET', '/x?y']);
  });
});

describe('retryAt', () => {
  it('asks for no more calls than a head has lines, whatever arrives one byte at a time', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `X-${i}: ${'v'.repeat(300)}\r\n`);
    const text = `GET /${'p'.repeat(2_000)} HTTP/1.1\r\nHost: a\r\n${lines.join('')}\r\n`;
    const input = Buffer.from(text, 'latin1');
    const parser = new RequestHeadParser(requestOptions);
    const head = new RequestHead();
    let calls = 0;
    let retryAt = 0;
    let consumed = 0;
    for (let end = 1; end <= input.length && consumed === 0; end += 1) {
      if (end < retryAt && input[end - 1] !== 0x0a) continue;
      calls += 1;
      consumed = parser.parse(input, 0, end, head);
      retryAt = parser.retryAt;
    }
    assert.equal(consumed, input.length);
    // One for each LF, one for the first byte of each line, and those of the method.
    assert.ok(calls <= 2 * (lines.length + 3) + 8, `${calls} calls`);
  });
});
