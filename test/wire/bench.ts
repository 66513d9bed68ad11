// Micro benchmark of the head parsers; not a test. Run: node test/wire/bench.ts
import { performance } from 'node:perf_hooks';
import { RequestHead, RequestHeadParser } from '../../src/wire/http1/request-head.ts';

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

for (let round = 0; round < 3; round += 1) {
  for (const [name, text] of Object.entries(heads)) {
    const buffer = Buffer.from(text, 'latin1');
    const iterations = 300_000;
    let sum = 0;
    const start = performance.now();
    for (let i = 0; i < iterations; i += 1) sum += parser.parse(buffer, 0, buffer.length, head);
    const us = ((performance.now() - start) * 1000) / iterations;
    console.log(
      `${name} (${buffer.length} bytes): ${us.toFixed(3)} us${sum === iterations * buffer.length ? '' : ' REFUSED'}`,
    );
  }
}
