// fast-check generators of requests: valid messages as trees with many spellings, and texts made of the bytes that attacks are made of.
import fc from 'fast-check';

export interface RequestTree {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** null: no framing field. */
  readonly body: string | null;
  readonly isChunked: boolean;
  /** Drives spelling: case of names, blanks around values, chunk sizes. */
  readonly spelling: readonly number[];
}

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const fieldName = fc.oneof(
  fc.constantFrom(
    'Accept',
    'User-Agent',
    'Cookie',
    'X-One',
    'X.Dot',
    'If-Match',
    'sec-fetch-site',
    'x-forwarder',
  ),
  word.map((text) => `x-${text}`),
);
const fieldValue = fc
  .oneof(
    fc.constant(''),
    fc.string({ maxLength: 20, unit: fc.constantFrom(...Array.from('abc019 ,;="/\t\xe9\x85%')) }),
  )
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const segment = fc.oneof(word, fc.constantFrom('', 'a;b', '%2F', '%20', '%41', '...', '.a', 'A', '|', '@:'));

export const requestTree: fc.Arbitrary<RequestTree> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'PROPFIND'),
  path: fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
  query: fc.constantFrom('', '?', '?a=b', '?/../..', '?%41&x=%2e'),
  host: fc.tuple(word, fc.constantFrom('', '.test', '.a.b', ':81')).map((parts) => parts.join('')),
  fields: fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 6 }),
  body: fc.option(fc.string({ maxLength: 30, unit: fc.constantFrom(...Array.from('ab\r\n0 G')) }), {
    nil: null,
  }),
  isChunked: fc.boolean(),
  spelling: fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }),
});

/** The bytes of a tree, latin1, in one of many spellings of the same meaning. */
export function printRequest(tree: RequestTree): string {
  let step = 0;
  const choose = (count: number) => (tree.spelling[step++ % tree.spelling.length] ?? 0) % count;
  const spellName = (name: string) => [name, name.toLowerCase(), name.toUpperCase()][choose(3)] ?? name;
  const blank = () => ['', ' ', '\t', ' \t '][choose(4)] ?? '';
  const line = (name: string, value: string) => `${spellName(name)}:${blank()}${value}${blank()}\r\n`;

  const lines = tree.fields.map(([name, value]) => line(name, value));
  lines.splice(choose(lines.length + 1), 0, line('Host', tree.host));
  if (tree.body !== null) {
    const framing = tree.isChunked
      ? line('Transfer-Encoding', ['chunked', 'Chunked', 'CHUNKED'][choose(3)] ?? 'chunked')
      : line('Content-Length', String(tree.body.length));
    lines.splice(choose(lines.length + 1), 0, framing);
  }
  const head = `${tree.method} ${tree.path}${tree.query} HTTP/1.1\r\n${lines.join('')}\r\n`;
  if (tree.body === null) return head;
  return head + (tree.isChunked ? printChunks(tree.body, choose) : tree.body);
}

function printChunks(body: string, choose: (count: number) => number): string {
  let text = '';
  for (let at = 0; at < body.length; ) {
    const size = 1 + choose(12);
    const chunk = body.slice(at, at + size);
    const zeros = '0'.repeat(choose(3));
    const extension = ['', ';a', ';a=b', ';a="b;\\""'][choose(4)] ?? '';
    text += `${zeros}${chunk.length.toString(16)}${extension}\r\n${chunk}\r\n`;
    at += size;
  }
  return `${text}0\r\n${choose(2) === 0 ? '' : 'X-Sum: 1\r\n'}\r\n`;
}

/** Pieces that requests, good and bad, are made of. */
const pieces = [
  ...[
    'GET',
    'POST',
    ' ',
    '/',
    '/a',
    'HTTP/1.1',
    'HTTP/1.0',
    '\r\n',
    '\r\n\r\n',
    '\n',
    '\r',
    '\t',
    '\x00',
    '\xa0',
  ],
  ...[
    'Host: a\r\n',
    'Host:',
    'Content-Length: 3\r\n',
    'Content-Length:',
    'Transfer-Encoding: chunked\r\n',
    'chunked',
  ],
  ...[
    'Connection: close\r\n',
    'Connection: x\r\n',
    'x: y\r\n',
    ':',
    ',',
    ';',
    '0',
    '3',
    'abc',
    '0\r\n\r\n',
    '3\r\nabc\r\n',
  ],
  ...[
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: b\r\n',
    '%2e',
    '..',
    '#',
    '?',
    '*',
    '\x0b',
    '_',
  ],
  ...['Expect: 100-continue\r\n', 'X-Forwarded-For: 1\r\n', 'Upgrade: websocket\r\n'],
];

/** Texts that are seldom valid. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...pieces), { maxLength: 14 })
  .map((parts) => parts.join(''));
