// Heads as they really come: from a load generator, from curl, from a browser, and from an application.
export const requestHeads: ReadonlyMap<string, string> = new Map([
  ['wrk', 'GET /index.html HTTP/1.1\r\nHost: web.bench.example\r\n\r\n'],
  [
    'curl',
    'GET /api/v1/items?page=2 HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n',
  ],
  [
    'browser',
    [
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
      'Sec-Fetch-Dest: document',
      'Referer: https://shop.example.com/products/category/shoes?sort=price&page=2',
      'Accept-Encoding: gzip, deflate, br, zstd',
      'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
      'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes',
      '',
      '',
    ].join('\r\n'),
  ],
]);

export const responseHeads: ReadonlyMap<string, string> = new Map([
  [
    'nginx',
    [
      'HTTP/1.1 200 OK',
      'Server: nginx/1.22.1',
      'Date: Sat, 21 Nov 2026 12:00:00 GMT',
      'Content-Type: text/plain',
      'Content-Length: 100',
      'Connection: keep-alive',
      '',
      '',
    ].join('\r\n'),
  ],
  [
    'application',
    [
      'HTTP/1.1 200 OK',
      'Content-Type: application/json; charset=utf-8',
      'Cache-Control: private, max-age=0, must-revalidate',
      'ETag: W/"2a-1vQmZzYxWvUtSrQpOnMlKjIhGfE"',
      'Strict-Transport-Security: max-age=31536000; includeSubDomains',
      'X-Content-Type-Options: nosniff',
      'X-Frame-Options: SAMEORIGIN',
      "Content-Security-Policy: default-src 'self'; img-src * data:",
      'Set-Cookie: session=0123456789abcdef0123456789abcdef; Path=/; HttpOnly; Secure; SameSite=Lax',
      'Vary: Accept-Encoding',
      'Date: Sat, 21 Nov 2026 12:00:00 GMT',
      'Transfer-Encoding: chunked',
      'Connection: keep-alive',
      '',
      '',
    ].join('\r\n'),
  ],
]);
