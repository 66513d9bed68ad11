// Micro benchmark of the codecs; not a test. Run: node test/wire/bench.ts
import { performance } from 'node:perf_hooks';
import { ChunkedDecoder } from '../../src/wire/http1/chunked.ts';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';
import { ResponseHead, ResponseHeadParser } from '../../src/wire/http1/response-head.ts';

const heads: Record<string, string> = {
  wrk: 'GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n',
  curl: 'GET /api/v1/items?page=2 HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n',
  browser: [
    'GET /products/category/shoes?sort=price&page=3 HTTP/1.1',
    'Host: shop.example.com',
    'Connection: keep-alive',
    'sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"',
    'sec-ch-ua-mobile: ?0',
    'sec-ch-ua-platform: "Linux"',
    'Upgrade-Insecure-Requests: 1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-User: ?1',
    'Sec-Fetch-Dest: document',
    'Referer: https://shop.example.com/products/category/shoes?sort=price&page=2',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes',
    '',
    '',
  ].join('\r\n'),
};

const parser = new RequestHeadParser({
  maxRequestLineBytes: 8396,
  maxFieldLineBytes: 8192,
  maxFieldsBytes: 32_768,
  maxFields: 100,
  maxNameBytes: 256,
  underscores: 'drop',
  stripNames: [],
});
const head = new RequestHead();

const responseText = [
  'HTTP/1.1 200 OK',
  'Server: nginx/1.26.0',
  'Date: Tue, 01 Jul 2025 12:00:00 GMT',
  'Content-Type: text/plain',
  'Content-Length: 5',
  'Connection: keep-alive',
  'ETag: "5f3c-1a"',
  '',
  '',
].join('\r\n');
const responseParser = new ResponseHeadParser({ maxHeadBytes: 32_768, maxFields: 200 });
const responseHead = new ResponseHead();
const decoder = new ChunkedDecoder({
  maxLineBytes: 1_024,
  maxOverheadBytes: 16_384,
  maxTrailerBytes: 8_192,
  maxTrailerFields: 32,
});

function decode(buffer: Buffer): number {
  decoder.reset();
  let at = 0;
  while (at < buffer.length && at >= 0 && !decoder.done) at = decoder.next(buffer, at, buffer.length);
  return at;
}

/** Microseconds per call, the least of several rounds: other load on the machine only adds. */
function measure(name: string, text: string, run: (buffer: Buffer) => number): void {
  const buffer = Buffer.from(text, 'latin1');
  const iterations = 100_000;
  let best = Infinity;
  for (let round = 0; round < 12; round += 1) {
    const start = performance.now();
    for (let i = 0; i < iterations; i += 1) {
      if (run(buffer) !== buffer.length) throw new Error(`measuring ${name}: the input was not taken`);
    }
    best = Math.min(best, ((performance.now() - start) * 1_000) / iterations);
  }
  console.log(`${name} (${buffer.length} bytes): ${best.toFixed(3)} us`);
}

const parseRequest = (buffer: Buffer) => parser.parse(buffer, 0, buffer.length, head);
for (const [name, text] of Object.entries(heads)) measure(`request head, ${name}`, text, parseRequest);
measure('response head', responseText, (buffer) =>
  responseParser.parse(buffer, 0, buffer.length, responseHead, 'GET'),
);
measure('chunked body of three chunks', '5\r\nhello\r\n5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n', decode);
