// Hostile heads, bodies and fields for the desync oracle, by attack class; framing is in desync-framing.ts.
import { type Attack, after, chunkedBody, post, refused, smuggled, smuggledLength } from './desync-attack.ts';
import { framingAttacks } from './desync-framing.ts';

/** Bytes that move a line, a field or a host (P2, P4, P11 to P13, H1 to H3, P5, P8). */
const heads: Attack[] = [
  ...refused('line ends', [
    'GET /x HTTP/1.1\nHost: a.test\n\n',
    'GET /x HTTP/1.1\r\nHost: a.test\n\r\n',
    'GET /x HTTP/1.1\rHost: a.test\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\n\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\r\n\r\n',
    `${'\r\n'.repeat(8)}${after}`,
  ]),
  ...refused('header injection', [
    'GET /x HTTP/1.1\r\nHost: a.test\r\nX: a\rX-Forwarded-For: 6.6.6.6\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nX: a\nX-Forwarded-For: 6.6.6.6\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nX: a\x00b\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nX: a\r\n folded\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nX\x80Y: a\r\n\r\n',
    'GET /x\x00 HTTP/1.1\r\nHost: a.test\r\n\r\n',
  ]),
  ...refused(
    'request line',
    [
      'GET  /x HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x  HTTP/1.1\r\nHost: a.test\r\n\r\n',
      ' GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET\t/x HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x y HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x HTTP/1.1 HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x\r\nHost: a.test\r\n\r\n',
      'GET /x HTTP/2.0\r\nHost: a.test\r\n\r\n',
      'GET /x http/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x HTTP/1.01\r\nHost: a.test\r\n\r\n',
      'GET x HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET * HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /x#/secret HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /%zz HTTP/1.1\r\nHost: a.test\r\n\r\n',
      'GET /\xff HTTP/1.1\r\nHost: a.test\r\n\r\n',
      `GET /${'a'.repeat(9_000)} HTTP/1.1\r\nHost: a.test\r\n\r\n`,
      `GET /x HTTP/1.1\r\nHost: a.test\r\nX: ${'a'.repeat(9_000)}\r\n\r\n`,
      `GET /x HTTP/1.1\r\nHost: a.test\r\n${'X: y\r\n'.repeat(200)}\r\n`,
      'PRI /x HTTP/2.0\r\nHost: a.test\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      `CONNECT secret.test:80 HTTP/1.1\r\nHost: secret.test\r\n\r\n${smuggled}`,
      `TRACE /x HTTP/1.1\r\nHost: a.test\r\n\r\n${smuggled}`,
    ],
    'xxx',
  ),
  // From here on it is HTTP/2: no answer in words.
  ...refused(
    'the preface of HTTP/2',
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${after}`],
    '',
  ),
  ...refused(
    'Host',
    [
      'a.test, secret.test',
      'a.test/secret',
      'a.test?',
      'a.test#',
      'a.test\\x',
      'u@a.test',
      'a.test:80:80',
      'a.test:0',
      'a.test:99999',
      'a.test secret.test',
      'a.test\tsecret.test',
      '[::1',
      '',
      'a..test',
      'a.test%00',
    ].map((host) => `GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  ),
  ...refused('Host fields', [
    'GET /x HTTP/1.1\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nhost: secret.test\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost : secret.test\r\nHost: a.test\r\n\r\n',
    'GET /x HTTP/1.1\r\n Host: secret.test\r\nHost: a.test\r\n\r\n',
    'GET http://u@secret.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET http:///x HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET ftp://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Host\r\n\r\n',
  ]),
  ...refused('path readings', [
    'GET /../x HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /x/..%2fgone HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /x\\..\\gone HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /x/..;/gone HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET //gone HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /x%00 HTTP/1.1\r\nHost: a.test\r\n\r\n',
  ]),
];

/** Bodies of requests that are answered here, early, or after an expectation (Q3, Q4, E1 to E4, F7). */
const bodies: Attack[] = [
  {
    name: 'CL.0: a small body of a 404 is thrown away, the next request is served',
    input: `GET /gone HTTP/1.1\r\nHost: a.test\r\n${smuggledLength}\r\n${smuggled}${after}`,
    statuses: '404 200',
    reaches: ['GET /after'],
  },
  {
    name: 'a chunked body of a 404 ends the connection',
    input: post(
      'Transfer-Encoding: chunked\r\n',
      `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${after}`,
      '/gone',
    ),
    statuses: '404',
    reaches: [],
  },
  {
    name: 'a body of a 413 ends the connection',
    input: post(smuggledLength, smuggled + after, '/small'),
    statuses: '413',
    reaches: [],
  },
  {
    name: 'a chunked body that grows past the limit ends both connections',
    input: post(
      'Transfer-Encoding: chunked\r\n',
      `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${after}`,
      '/small',
    ),
    statuses: '413',
    reaches: [],
  },
  {
    name: 'the body of a redirect is thrown away',
    input: post(smuggledLength, smuggled + after, '/redirect'),
    statuses: '308 200',
    reaches: ['GET /after'],
  },
  {
    name: 'GET and HEAD with bodies are forwarded with their framing',
    input: `GET /x HTTP/1.1\r\nHost: a.test\r\n${smuggledLength}\r\n${smuggled}${after}`,
    statuses: '200 200',
    reaches: ['GET /x', 'GET /after'],
  },
  {
    name: '0.CL: an upstream that answers before the body is not used again',
    input: post(smuggledLength, smuggled.slice(0, 20), '/early'),
    statuses: '200',
    reaches: [],
  },
  {
    name: 'Expect with the body at once',
    input: post(`Expect: 100-continue\r\n${smuggledLength}`, smuggled + after),
    statuses: '(100 )?200 200',
    reaches: ['POST /x', 'GET /after'],
  },
  {
    name: 'Expect on a refused request: the body is no request',
    input: post(`Expect: 100-continue\r\n${smuggledLength}`, smuggled + after, '/gone'),
    statuses: '404',
    reaches: [],
  },
  ...refused(
    'Expect',
    [
      post(`Expect: y 100-continue\r\n${smuggledLength}`, smuggled),
      post(`Expect: 100-continue, x\r\n${smuggledLength}`, smuggled),
      post(`Expect: 100-continue\r\nExpect: 100-continue\r\n${smuggledLength}`, smuggled),
      post(`Expect: \r\n${smuggledLength}`, smuggled),
    ],
    '417',
  ),
  {
    name: 'chunked with extensions, zeros and trailers is framed anew',
    input: post(
      'Transfer-Encoding: ChUnKeD\r\n',
      `0005;a=b;c="d;\\"e"\r\nhello\r\n000;x\r\nContent-Length: 9\r\nHost: secret.test\r\n\r\n${after}`,
    ),
    statuses: '200 200',
    reaches: ['POST /x', 'GET /after'],
  },
  {
    name: 'nothing behind Connection: close is served',
    input: `GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n${smuggled}`,
    statuses: '200',
    reaches: ['GET /x'],
  },
  {
    name: 'nothing behind an HTTP/1.0 request is served',
    input: `GET /x HTTP/1.0\r\nHost: a.test\r\n\r\n${smuggled}`,
    statuses: '200',
    reaches: ['GET /x'],
  },
  {
    name: 'good answers come before the refusal',
    input: `${after}${after}GET /x HTTP/1.1\r\nHost a.test\r\n\r\n${smuggled}`,
    statuses: '200 200 400',
    reaches: ['GET /after', 'GET /after'],
  },
];

/** What must be stripped or ignored (B1 to B3, U1 to U5, X1 to X6, H4). The recorder's parser refuses what slips through. */
const stripped: Attack[] = [
  {
    name: 'own and hop-by-hop fields of the client are replaced',
    input:
      'GET /x HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX.Forwarded.For: 6.6.6.6\r\n' +
      'X-Real-IP: 6.6.6.6\r\nx-scheme: https\r\nForwarded: for=6.6.6.6\r\nssl-client-verify: SUCCESS\r\nProxy: x\r\n' +
      'Proxy-Connection: keep-alive\r\nKeep-Alive: timeout=9\r\nTE: trailers\r\nTrailer: x\r\nX-Request-ID: \x80\r\nA_b: c\r\n\r\n',
    statuses: '200',
    reaches: ['GET /x'],
  },
  {
    name: 'Connection cannot remove what the proxy adds',
    input:
      'GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: X-Forwarded-For, x-request-id, X-Real-IP, X-Scheme, x-forwarded-proto\r\n\r\n',
    statuses: '200',
    reaches: ['GET /x'],
  },
  ...refused('Connection names framing', [
    post(`Connection: Content-Length\r\n${smuggledLength}`, smuggled),
    post('Connection: keep-alive, Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n', chunkedBody),
  ]),
  {
    name: 'h2c is not forwarded',
    input:
      'GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n',
    statuses: '200',
    reaches: ['GET /x'],
  },
  {
    name: 'an upgrade list is an ordinary request',
    input: `GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n${after}`,
    statuses: '200 200',
    reaches: ['GET /x', 'GET /after'],
  },
  {
    name: 'an upgrade with a body is an ordinary request with its body',
    input: `GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${smuggledLength}\r\n${smuggled}${after}`,
    statuses: '200 200',
    reaches: ['GET /x', 'GET /after'],
  },
  {
    name: 'bytes behind an upgrade that was not granted are the next request',
    input: `GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${after}`,
    statuses: '200 200',
    reaches: ['GET /x', 'GET /after'],
  },
  {
    name: 'the host of an absolute target is the one routed by and sent',
    input: 'GET http://a.test/x HTTP/1.1\r\nHost: secret.test\r\n\r\n',
    statuses: '200',
    reaches: ['GET /x'],
  },
  {
    name: 'dot segments are gone from what is sent',
    input: 'GET /a/./b/../%78?../y HTTP/1.1\r\nHost: a.test\r\n\r\n',
    statuses: '200',
    reaches: ['GET /a/x?../y'],
  },
];

export const attacks: readonly Attack[] = [...framingAttacks, ...heads, ...bodies, ...stripped];
