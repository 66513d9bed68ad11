// What answers are made of, without sockets: negotiation, warnings, bodies in pieces, health pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { createLogger } from '../../observe/logger.ts';
import { createAuthenticate } from './authenticate.ts';
import { createHealthPages, type HealthCheck } from './health.ts';
import { acceptsGzip, negotiateEncoding } from './negotiate.ts';
import { renderValue } from './render-value.ts';
import { serialize } from './serialized.ts';
import { renderWarnings } from './warning-fields.ts';

test('negotiateEncoding: the best of what the client accepts and we have', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['application/json', 'json'],
    ['APPLICATION/JSON', 'json'],
    ['application/yaml', 'yaml'],
    ['application/yaml, application/json', 'yaml'],
    ['application/yaml;q=0.5, application/json', 'json'],
    ['*/*, application/yaml', 'yaml'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json'],
    ['application/json;q=0', null],
    ['application/vnd.kubernetes.protobuf', null],
    ['text/html', null],
    [',;,=', null],
    [`${'text/html,'.repeat(100)}application/json`, null],
  ];
  for (const [accept, wanted] of cases) assert.equal(negotiateEncoding(accept), wanted, accept);
});

test('acceptsGzip', () => {
  assert.ok(acceptsGzip('gzip') && acceptsGzip('br, gzip;q=0.1'));
  assert.ok(!acceptsGzip('') && !acceptsGzip('gzip;q=0') && !acceptsGzip('*') && !acceptsGzip('identity'));
});

test('renderWarnings: each text once, quoted, in UTF-8, on one line', () => {
  assert.deepEqual(renderWarnings(['a', 'a', '', 'say "no" \\', 'two\r\nX-Injected: 1']), [
    '299 - "a"',
    '299 - "say \\"no\\" \\\\"',
    '299 - "two X-Injected: 1"',
  ]);
  const [umlaut = ''] = renderWarnings(['ü']);
  assert.equal(Buffer.from(umlaut, 'latin1').toString(), '299 - "ü"');
});

test('renderWarnings: many are cut to 256 characters each, and 4,096 in all', () => {
  const long = (index: number): string => `${index}`.padEnd(300, 'x');
  const few = renderWarnings([long(1), long(2)]);
  assert.ok(few.every((field) => field.length === '299 - ""'.length + 300));
  const many = renderWarnings(Array.from({ length: 100 }, (_, index) => long(index)));
  assert.equal(many.length, 4096 / 256);
  assert.ok(many.every((field) => field.length === '299 - ""'.length + 256));
  assert.equal(renderWarnings(['😀'.repeat(5000)]).join('').length, '299 - ""'.length + 256 * 4);
});

const longList = fc.array(fc.jsonValue(), { minLength: 30, maxLength: 40 });
const answers = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), longList)));
const whole = (value: unknown, encoding: 'json' | 'yaml', isPretty: boolean): string =>
  [...renderValue(value, { encoding, isPretty })].join('');

test('renderValue: the pieces are what JSON.stringify gives', () => {
  fc.assert(
    fc.property(answers, (value) => {
      assert.equal(whole(value, 'json', false), `${JSON.stringify(value)}\n`);
      assert.equal(whole(value, 'json', true), `${JSON.stringify(value, null, 2)}\n`);
    }),
  );
  const items = Array.from({ length: 40 }, (_, index) => (index === 3 ? undefined : index));
  assert.equal(
    whole({ a: undefined, items, z: 1 }, 'json', false),
    `${JSON.stringify({ a: undefined, items, z: 1 })}\n`,
  );
});

test('renderValue: YAML means the same, also to readers of YAML 1.1', () => {
  const items = Array.from({ length: 40 }, (_, index) => ({ index, on: 'yes', b: '1_000', t: '2026-01-01' }));
  const shared = { deep: [1, { x: null }] };
  const value = { kind: 'List', items, one: shared, two: shared, text: 'a\nb: "c"\n', none: [], empty: {} };
  const text = whole(value, 'yaml', false);
  assert.deepEqual(parse(text, { version: '1.1' }), value);
  assert.doesNotMatch(text, /[&*]a\d/, 'no anchors');
  assert.match(text, /^empty: \{\}\nitems:\n- b: "1_000"\n {2}index: 0\n {2}"?on"?: "yes"\n/);
});

test('serialize: a stored object once, others every time', () => {
  let reads = 0;
  const stored = {
    metadata: { uid: 'u', resourceVersion: '1' },
    get data(): number {
      reads += 1;
      return 1;
    },
  };
  assert.equal(serialize(stored), serialize(stored));
  assert.equal(reads, 1);
  const made = { metadata: { name: 'x' }, data: 1 };
  assert.equal(serialize(made), '{"metadata":{"name":"x"},"data":1}');
  made.data = 2;
  assert.equal(serialize(made), '{"metadata":{"name":"x"},"data":2}');
});

test('health pages: which check fails, not why', () => {
  const failing: HealthCheck = { name: 'store', check: () => 'disk full at /secret', isLive: true };
  const throwing: HealthCheck = {
    name: 'table',
    check: () => {
      throw new Error('secret');
    },
  };
  const fine: HealthCheck = { name: 'tidy', check: () => null };
  const logger = createLogger({ level: 'error', format: 'json' });
  const text = (checks: readonly HealthCheck[], path: string, query = ''): string => {
    const answer = createHealthPages(checks, logger)(path, new URLSearchParams(query));
    if (answer === null) return 'null';
    assert.ok(answer.kind !== 'watch');
    const body =
      answer.kind === 'bytes' ? Buffer.from(answer.bytes).toString() : JSON.stringify(answer.value);
    return `${answer.status} ${body}`;
  };
  assert.equal(text([fine], '/readyz'), '200 ok');
  assert.equal(text([fine], '/livez', 'verbose'), '200 [+]ping ok\nlivez check passed\n');
  assert.equal(
    text([fine, failing, throwing], '/readyz'),
    '500 [+]ping ok\n[+]tidy ok\n[-]store failed: reason withheld\n[-]table failed: reason withheld\nreadyz check failed\n',
  );
  assert.equal(text([throwing], '/livez'), '200 ok');
  assert.equal(text([failing], '/livez/store'), '500 internal server error: reason withheld\n');
  assert.equal(text([failing], '/healthz/ping'), '200 ok');
  assert.equal(
    text([failing], '/readyz', 'exclude=store&exclude=b&exclude=a&verbose=1'),
    '200 [+]ping ok\n[+]store excluded: ok\nwarn: some health checks cannot be excluded: no matches for "a","b"\nreadyz check passed\n',
  );
  for (const path of [
    '/api',
    '/readyz/nope',
    '/readyz/a/b',
    '/readyz/',
    '/livez/',
    '/healthz/',
    '/livez/store/',
  ])
    assert.equal(text([failing], path), 'null', path);
});

test('createAuthenticate: a certificate that lasts comes before a token; a wrong token is not forgiven by none', () => {
  const user = { name: 'token-user', groups: [] };
  const authenticate = createAuthenticate([{ token: 't'.repeat(32), user }]);
  const subject = { commonName: 'cert-user', organizations: ['a', 'a'], notAfterMs: 100 };
  const authorization = `Bearer ${'t'.repeat(32)}`;
  const kinds = [
    authenticate({ authorization, certificate: subject }, 99),
    authenticate({ authorization, certificate: subject }, 100),
    authenticate({ authorization: '', certificate: subject }, 100),
    authenticate({ authorization: '', certificate: 'untrusted' }, 0),
    authenticate({ authorization, certificate: 'untrusted' }, 0),
    authenticate({ authorization: 'Bearer x', certificate: null }, 0),
    authenticate({ authorization: 'Basic x', certificate: null }, 0),
    authenticate({ authorization: '', certificate: null }, 0),
  ];
  assert.deepEqual(
    kinds.map((result) => (result.kind === 'user' ? result.user.name : result.kind)),
    ['cert-user', 'token-user', 'invalid', 'invalid', 'token-user', 'invalid', 'none', 'none'],
  );
});
