import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusals } from '../http1/refusal.ts';
import { RequestHead, RequestHeadParser } from '../http1/request-head.ts';
import { type RequestTextOptions, renderRequestText } from './request-text.ts';

const options: RequestTextOptions = {
  scheme: 'https',
  endsStream: true,
  maxFields: 20,
  maxListBytes: 2_000,
  websocketKey: 'a2V5',
};
const get = [':method', 'GET', ':scheme', 'https', ':path', '/a?b', ':authority', 'a.test'];
const tunnel = [':method', 'CONNECT', ':protocol', 'websocket', ...get.slice(2)];

function edit(fields: readonly string[], name: string, value: string): string[] {
  return fields.map((each, i) => (fields[i - 1] === name && i % 2 === 1 ? value : each));
}

function without(fields: readonly string[], name: string): string[] {
  return fields.filter((_, i) => fields[i - (i % 2)] !== name);
}

const good: readonly (readonly [
  name: string,
  fields: string[],
  change: Partial<RequestTextOptions>,
  text: string,
])[] = [
  ['a GET', get, {}, 'GET /a?b HTTP/1.1\r\nHost: a.test\r\n\r\n'],
  [
    'a body of unknown length',
    get,
    { endsStream: false },
    'GET /a?b HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  [
    'a body of known length',
    [...get, 'content-length', '3'],
    { endsStream: false },
    'GET /a?b HTTP/1.1\r\nHost: a.test\r\ncontent-length: 3\r\n\r\n',
  ],
  [
    'crumbs',
    [...get, 'cookie', 'a=1', 'x', 'y', 'cookie', 'b=2'],
    {},
    'GET /a?b HTTP/1.1\r\nHost: a.test\r\nx: y\r\ncookie: a=1; b=2\r\n\r\n',
  ],
  [
    'Host alone',
    [...without(get, ':authority'), 'host', 'b.test'],
    {},
    'GET /a?b HTTP/1.1\r\nHost: b.test\r\n\r\n',
  ],
  [
    'OPTIONS *',
    edit(edit(get, ':method', 'OPTIONS'), ':path', '*'),
    {},
    'OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n',
  ],
  [
    'an extended CONNECT, whose key is ours',
    [...tunnel, 'sec-websocket-version', '13', 'sec-websocket-key', 'theirs'],
    { endsStream: false },
    'GET /a?b HTTP/1.1\r\nHost: a.test\r\nsec-websocket-version: 13\r\n' +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\n\r\n',
  ],
];
for (const [name, fields, change, text] of good) {
  test(`request text: ${name}`, () => {
    assert.equal(renderRequestText(fields, { ...options, ...change }), text);
  });
}

const bad: readonly (readonly [fields: string[], reason: keyof typeof refusals])[] = [
  [without(get, ':method'), 'pseudo-field'],
  [without(get, ':path'), 'pseudo-field'],
  [without(get, ':scheme'), 'pseudo-field'],
  [[...get, ':path', '/b'], 'pseudo-field'],
  [['x', 'y', ...get], 'pseudo-field'],
  [[':status', '200', ...get], 'pseudo-field'],
  [[...get, ':protocol', 'websocket'], 'pseudo-field'],
  [edit(get, ':scheme', 'http'), 'scheme'],
  [edit(get, ':method', 'GET / HTTP/1.1\r\nX: y\r\n\r\nGET'), 'method'],
  [edit(get, ':method', ''), 'method'],
  [edit(get, ':method', 'CONNECT'), 'method-refused'],
  [edit(get, ':path', '/ HTTP/1.1\r\nX: y'), 'target-byte'],
  [edit(get, ':path', '/a b'), 'target-byte'],
  [edit(get, ':path', ''), 'target-form'],
  [edit(get, ':path', 'https://b.test/'), 'target-form'],
  [edit(get, ':path', '*'), 'target-form'],
  [edit(get, ':authority', 'a.test\r\nX: y'), 'host-invalid'],
  [without(get, ':authority'), 'host-missing'],
  [[...get, 'host', 'b.test'], 'authority-differs'],
  [[...get, 'host', 'a.test', 'host', 'a.test'], 'host-repeated'],
  [[...get, 'X-Capital', 'y'], 'field-name'],
  [[...get, 'x: y\r\nz', 'y'], 'field-name'],
  [[...get, '', 'y'], 'field-name'],
  [[...get, 'x', 'y\r\nZ: 1'], 'field-value'],
  [[...get, 'x', 'y\0'], 'field-value'],
  [[...get, 'x', ' y'], 'field-value'],
  [[...get, 'x', 'y\t'], 'field-value'],
  [[...get, 'x', '\u0100'], 'field-value'],
  [[...get, 'connection', 'close'], 'connection-field'],
  [[...get, 'keep-alive', '1'], 'connection-field'],
  [[...get, 'proxy-connection', 'x'], 'connection-field'],
  [[...get, 'transfer-encoding', 'chunked'], 'connection-field'],
  [[...get, 'upgrade', 'websocket'], 'connection-field'],
  [[...get, 'te', 'gzip'], 'connection-field'],
  [edit(tunnel, ':protocol', 'connect-udp'), 'protocol-unsupported'],
  [tunnel, 'pseudo-field'],
  [[...get, ...Array.from({ length: 34 }, () => 'x')], 'too-many-fields'],
  [[...get, 'x', 'y'.repeat(2_000)], 'field-list-too-large'],
];
for (const [fields, reason] of bad) {
  test(`request text: ${reason}: ${JSON.stringify(fields.slice(-4)).slice(0, 100)}`, () => {
    assert.equal(renderRequestText(fields, options), refusals[reason]);
  });
}

test('every reason of HTTP/2 is shown here', () => {
  const shown = new Set(bad.map(([, reason]) => reason));
  const own = Object.values(refusals).filter(({ rule }) => rule.startsWith('M'));
  assert.deepEqual(
    own.filter(({ reason }) => !shown.has(reason)),
    [],
  );
});

const parser = new RequestHeadParser({
  maxRequestLineBytes: 8_000,
  maxFieldLineBytes: 8_000,
  maxFieldsBytes: 30_000,
  maxFields: 100,
  maxNameBytes: 256,
  underscores: 'drop',
  stripNames: [],
});

test('no field makes a second line: what is rendered has one head, whose fields are at most those that came', () => {
  const hostile = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', 'A', ':', ' ', '\r', '\n', '\0', '/', '\t', 'é', '-'),
      maxLength: 8,
    }),
    fc.constantFrom(
      'x',
      'cookie',
      'host',
      'te',
      'content-length',
      ':path',
      ':method',
      'transfer-encoding',
      '/',
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { maxLength: 6 }), fc.boolean(), (pairs, endsStream) => {
      const fields = [...get, ...pairs.flat()];
      const text = renderRequestText(fields, { ...options, endsStream });
      if (typeof text !== 'string') return;
      assert.equal(text.indexOf('\r\n\r\n'), text.length - 4);
      // Request line, Host, framing, and the empty line.
      assert.ok(text.split('\r\n').length <= pairs.length + 5);
      assert.ok(!/[^\r]\n|\r[^\n]/.test(text));
      const head = new RequestHead();
      const bytes = Buffer.from(text, 'latin1');
      const consumed = parser.parse(bytes, 0, bytes.length, head);
      assert.ok(
        consumed === bytes.length || consumed === -1,
        `the parser wants more than ${JSON.stringify(text)}`,
      );
      if (consumed > 0) assert.equal(head.host, 'a.test');
    }),
  );
});
