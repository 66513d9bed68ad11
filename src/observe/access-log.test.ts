import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessEntry, AccessLog, type AccessLogFormat, emptyAccessEntry } from './access-log.ts';

process.env['TZ'] = 'UTC';

const sample: AccessEntry = {
  timeMs: Date.UTC(2026, 10, 21, 1, 2, 3, 456),
  remoteAddress: '10.1.2.3',
  remoteUser: '',
  method: 'GET',
  target: '/cart?id=7',
  protocol: 'HTTP/1.1',
  status: 200,
  bytesSent: 512,
  referer: 'https://shop.example.com/',
  userAgent: 'curl/8.5.0',
  requestBytes: 321,
  durationMs: 12.4,
  upstreamName: 'shop-web-80',
  alternativeUpstream: '',
  upstreamAddress: '10.2.0.9:8080, 10.2.0.8:8080',
  upstreamResponseBytes: '0, 512',
  upstreamDurationMs: '0.001, 0.002',
  upstreamStatus: '502, 200',
  requestId: '0123456789abcdef0123456789abcdef',
  host: 'shop.example.com',
  routeId: 'ingress/shop/web/rule/1/path/0',
  reason: '',
  scheme: 'https',
  tlsProtocol: 'TLSv1.3',
  namespace: 'shop',
  ingress: 'web',
  service: 'web',
  servicePort: '80',
};

function writeAll(format: AccessLogFormat, entries: readonly AccessEntry[]): string[] {
  const lines: string[] = [];
  const log = new AccessLog({ format, sink: { append: (line) => lines.push(line) } });
  const reused = emptyAccessEntry();
  for (const entry of entries) log.write(Object.assign(reused, entry));
  return lines;
}

test('the nginx format is the default line of ingress-nginx', () => {
  assert.deepEqual(writeAll('nginx', [sample]), [
    '10.1.2.3 - - [21/Nov/2026:01:02:03 +0000] "GET /cart?id=7 HTTP/1.1" 200 512 "https://shop.example.com/" ' +
      '"curl/8.5.0" 321 0.012 [shop-web-80] [] 10.2.0.9:8080, 10.2.0.8:8080 0, 512 0.001, 0.002 502, 200 ' +
      '0123456789abcdef0123456789abcdef\n',
  ]);
});

test('what is not known is a dash, and the alternative upstream empty brackets', () => {
  const line = writeAll('nginx', [{ ...emptyAccessEntry(), timeMs: sample.timeMs, status: 400 }])[0];
  assert.equal(line, '- - - [21/Nov/2026:01:02:03 +0000] "-" 400 0 "-" "-" 0 0.000 [-] [] - - - - -\n');
  // The proxy names the version in which it answers.
  const versioned = { ...emptyAccessEntry(), timeMs: sample.timeMs, status: 400, protocol: 'HTTP/1.1' };
  assert.equal(writeAll('nginx', [versioned])[0], line);
});

test('a request line that was not understood stands alone; a canary is named', () => {
  const garbage = {
    ...sample,
    method: '\x16\x03\x01"',
    target: '',
    protocol: '',
    alternativeUpstream: 'shop-next-80',
  };
  const line = writeAll('nginx', [garbage])[0] ?? '';
  assert.ok(line.includes(' "\\x16\\x03\\x01\\x22" 200 '), line);
  assert.ok(line.includes(' [shop-web-80] [shop-next-80] '), line);
});

test('the JSON format names nginx variables, with numbers as numbers', () => {
  const line = writeAll('json', [sample])[0] ?? '';
  assert.ok(line.endsWith('}\n'));
  assert.deepEqual(JSON.parse(line), {
    time_iso8601: '2026-11-21T01:02:03+00:00',
    msec: 1795222923.456,
    remote_addr: '10.1.2.3',
    remote_user: '',
    request_method: 'GET',
    request_uri: '/cart?id=7',
    server_protocol: 'HTTP/1.1',
    status: 200,
    body_bytes_sent: 512,
    http_referer: 'https://shop.example.com/',
    http_user_agent: 'curl/8.5.0',
    request_length: 321,
    request_time: 0.012,
    proxy_upstream_name: 'shop-web-80',
    proxy_alternative_upstream_name: '',
    upstream_addr: '10.2.0.9:8080, 10.2.0.8:8080',
    upstream_response_length: '0, 512',
    upstream_response_time: '0.001, 0.002',
    upstream_status: '502, 200',
    req_id: '0123456789abcdef0123456789abcdef',
    route: 'ingress/shop/web/rule/1/path/0',
    reason: '',
    host: 'shop.example.com',
    scheme: 'https',
    ssl_protocol: 'TLSv1.3',
    namespace: 'shop',
    ingress_name: 'web',
    service_name: 'web',
    service_port: '80',
  });
});

const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
/** Few values for each field, so that the kept parts are both reused and replaced; numbers made by the proxy stay numbers. */
const anyEntry: fc.Arbitrary<AccessEntry> = fc.record({
  timeMs: fc.constantFrom(sample.timeMs, sample.timeMs + 700),
  remoteAddress: fc.constantFrom('10.0.0.1', '::1', 'a"\n'),
  remoteUser: fc.constantFrom('', 'anna', '"\\'),
  method: fc.oneof(fc.constantFrom('GET', 'POST'), bytes),
  target: bytes,
  protocol: fc.constantFrom('HTTP/1.1', 'HTTP/1.0', '', '\r\n'),
  status: fc.integer({ min: 100, max: 599 }),
  bytesSent: fc.nat(),
  referer: fc.constantFrom('', 'http://a/', 'x" "y'),
  userAgent: fc.oneof(fc.constantFrom('', 'curl', '\xe9'), bytes),
  requestBytes: fc.nat(),
  durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  upstreamName: fc.constantFrom('', 'a-b-80', 'a]b'),
  alternativeUpstream: fc.constantFrom('', 'a-c-80', '"'),
  upstreamAddress: fc.constantFrom('', '10.0.0.2:80', '\n'),
  upstreamResponseBytes: fc.constantFrom('', '1', '0, 1'),
  upstreamDurationMs: fc.constantFrom('', '0.001', '0.001, 0.002'),
  upstreamStatus: fc.constantFrom('', '200', '502, 200'),
  requestId: bytes,
  host: fc.constantFrom('a.example', '"', '\x7f'),
  routeId: fc.constantFrom('', 'ingress/a/b/rule/0/path/0'),
  reason: fc.constantFrom('', 'P4', '"'),
  scheme: fc.constantFrom('http', 'https'),
  tlsProtocol: fc.constantFrom('', 'TLSv1.2'),
  namespace: fc.constantFrom('', 'a'),
  ingress: fc.constantFrom('', 'b'),
  service: fc.constantFrom('', 'c'),
  servicePort: fc.constantFrom('', '80'),
});

test('whatever bytes come, a JSON line is one line of ASCII that gives every value back', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 6 }), (entries) => {
      const lines = writeAll('json', entries);
      for (const [index, entry] of entries.entries()) {
        assert.match(lines[index] ?? '', /^[ -~]*\n$/);
        const value = JSON.parse(lines[index] ?? '') as Record<string, unknown>;
        const got = [
          [
            value['remote_addr'],
            value['remote_user'],
            value['request_method'],
            value['request_uri'],
            value['server_protocol'],
          ],
          [
            value['http_referer'],
            value['http_user_agent'],
            value['proxy_upstream_name'],
            value['upstream_addr'],
          ],
          [
            value['proxy_alternative_upstream_name'],
            value['req_id'],
            value['host'],
            value['route'],
            value['reason'],
          ],
          [
            value['scheme'],
            value['ssl_protocol'],
            value['namespace'],
            value['ingress_name'],
            value['service_name'],
          ],
          [value['service_port'], value['status'], value['body_bytes_sent'], value['request_length']],
        ];
        assert.deepEqual(got, [
          [entry.remoteAddress, entry.remoteUser, entry.method, entry.target, entry.protocol],
          [entry.referer, entry.userAgent, entry.upstreamName, entry.upstreamAddress],
          [entry.alternativeUpstream, entry.requestId, entry.host, entry.routeId, entry.reason],
          [entry.scheme, entry.tlsProtocol, entry.namespace, entry.ingress, entry.service],
          [entry.servicePort, entry.status, entry.bytesSent, entry.requestBytes],
        ]);
      }
    }),
    { numRuns: 200 },
  );
});

test('whatever bytes come, an nginx line is one line with six quotes, and does not depend on the lines before it', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { minLength: 1, maxLength: 6 }), (entries) => {
      const lines = writeAll('nginx', entries);
      for (const [index, entry] of entries.entries()) {
        assert.match(lines[index] ?? '', /^[^"]*("[ !#-~]*"[^"]*){3}\n$/);
        assert.match(lines[index] ?? '', /^[ -~]*\n$/);
        assert.equal(lines[index], writeAll('nginx', [entry])[0]);
      }
    }),
    { numRuns: 200 },
  );
});
