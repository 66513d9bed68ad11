// Fields, blocks and log lines that the settings decide for all hosts, in a running worker.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { defaultTrafficSettings, type LogSettings, type TrafficSettings } from '../../src/model/index.ts';
import {
  getRequest,
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { makePatch } from './table.ts';

interface Echo {
  readonly proxy: TestProxy;
  readonly follow: (traffic: Partial<TrafficSettings>) => void;
  /** The head that the endpoint gets, and the response. */
  readonly ask: (
    fields: string,
    target?: string,
  ) => Promise<{ readonly seen: string; readonly answer: string }>;
}

async function startEcho(t: TestContext, responseFields = ''): Promise<Echo> {
  let seen = '';
  const port = await startAnswering(t, (request) => {
    seen = request;
    return okResponse('ok', responseFields);
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }, { path: '/limited', upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  let version = 1;
  return {
    proxy,
    follow(traffic) {
      version += 1;
      const patch = makePatch({ hosts: {} }, version);
      proxy.worker.apply({ ...patch, traffic: { ...defaultTrafficSettings, ...traffic } });
    },
    async ask(fields, target = '/') {
      seen = '';
      const client = await RawClient.open(t, proxy.port);
      client.send(`GET ${target} HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`);
      return { answer: await client.responses(1), seen };
    },
  };
}

function text(value: string): TrafficSettings['requestFields'][number]['value'] {
  return [{ kind: 'text', text: value }];
}

function countOf(head: string, name: string): number {
  return head.toLowerCase().split(`\r\n${name.toLowerCase()}:`).length - 1;
}

test('no trailer says what a field of the settings says', async (t) => {
  const upstream = Promise.withResolvers<RawClient>();
  const port = await startUpstream(t, upstream.resolve);
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  const requestFields = [{ name: 'X-Team', value: text('shop') }];
  const patch = makePatch({ hosts: {} }, 2);
  proxy.worker.apply({ ...patch, traffic: { ...defaultTrafficSettings, requestFields } });
  const client = await RawClient.open(t, proxy.port);
  client.send(
    'POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Team\r\n\r\n0\r\nX-Sum: 1\r\nX-Team: root\r\n\r\n',
  );
  const seen = await (await upstream.promise).until((got) => got.endsWith('X-Sum: 1\r\n\r\n'));
  assert.equal(countOf(seen, 'x-team'), 1);
  assert.match(seen, /\r\nX-Team: shop\r\n/);
});

test('fields of the settings go to endpoints instead of those of the client, in any spelling', async (t) => {
  const { follow, ask } = await startEcho(t);
  follow({
    keepsUnderscores: true,
    requestFields: [
      { name: 'X-Team', value: text('shop') },
      { name: 'User-Agent', value: text('proxy') },
      { name: 'X-Forwarded-Proto', value: text('https') },
      { name: 'X-Debug', value: [] },
      { name: 'X-Path', value: [{ kind: 'variable', name: 'request_uri' }] },
      {
        name: 'X-Echo',
        value: [
          { kind: 'header', name: 'x-echo' },
          { kind: 'text', text: '!' },
        ],
      },
    ],
  });
  const fields =
    'X-Team: evil\r\nx_team: evil\r\nUser-Agent: curl\r\nX-Debug: 1\r\nX-Debug: 2\r\nX-Echo: hello\r\nX-Other: stays\r\n';
  const { seen } = await ask(fields, '/a/b?c=d');
  assert.match(seen, /\r\nX-Team: shop\r\n/);
  assert.match(seen, /\r\nUser-Agent: proxy\r\n/);
  assert.match(seen, /\r\nX-Forwarded-Proto: https\r\n/);
  assert.match(seen, /\r\nX-Path: \/a\/b\?c=d\r\n/);
  assert.match(seen, /\r\nX-Echo: hello!\r\n/);
  assert.match(seen, /\r\nX-Other: stays\r\n/);
  assert.doesNotMatch(seen, /evil|curl|X-Debug/);
  for (const name of ['X-Team', 'User-Agent', 'X-Forwarded-Proto', 'X-Echo'])
    assert.equal(countOf(seen, name), 1, name);
  follow({});
  assert.match((await ask(fields)).seen, /X-Team: evil/);
});

test('fields of the settings are on every response, and hidden ones on none of an endpoint', async (t) => {
  const { proxy, follow, ask } = await startEcho(
    t,
    'X-Powered-By: old\r\nX-Frame-Options: ALLOW\r\nServer: secret/1.2\r\n',
  );
  assert.match((await ask('')).answer, /\r\nX-Powered-By: old\r\n/);
  follow({
    hiddenFields: ['x-powered-by', 'server'],
    responseFields: [
      { name: 'X-Frame-Options', value: text('DENY') },
      { name: 'X-Seen', value: [{ kind: 'variable', name: 'request_method' }] },
    ],
  });
  const { answer } = await ask('');
  assert.match(answer, /\r\nX-Frame-Options: DENY\r\n/);
  assert.match(answer, /\r\nX-Seen: GET\r\n/);
  assert.match(answer, /\r\nServer: sallyport\r\n/);
  assert.doesNotMatch(answer, /X-Powered-By|secret|ALLOW/);
  assert.equal(countOf(answer, 'X-Frame-Options'), 1);
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
  assert.match(await client.responses(1), /^HTTP\/1\.1 404 [^]*\r\nX-Frame-Options: DENY\r\n/);
});

test('responses name nobody where the settings say so', async (t) => {
  const { follow, ask } = await startEcho(t);
  assert.match((await ask('')).answer, /\r\nServer: sallyport\r\n/);
  follow({ namesServer: false });
  assert.doesNotMatch((await ask('')).answer, /Server:/);
});

test('a request without identifier gets none where the settings say so, and keeps its own', async (t) => {
  const { follow, ask } = await startEcho(t);
  assert.match((await ask('')).seen, /\r\nX-Request-ID: [0-9a-f]{32}\r\n/);
  follow({ makesRequestIds: false });
  assert.doesNotMatch((await ask('')).seen, /X-Request-ID/i);
  assert.match((await ask('X-Request-ID: mine\r\n')).seen, /\r\nX-Request-ID: mine\r\n/);
});

test('blocked addresses, agents and referers get 403 for every host and path', async (t) => {
  const { proxy, follow, ask } = await startEcho(t);
  const block = {
    cidrs: [],
    userAgents: [
      { kind: 'whole', text: 'qwerty' },
      { kind: 'regex', pattern: 'bot[0-9]+$', ignoresCase: true },
    ],
    referers: [{ kind: 'regex', pattern: '^https?://spam\\.', ignoresCase: false }],
  } as const;
  follow({ block });
  const statusOf = async (fields: string): Promise<string> => (await ask(fields)).answer.slice(9, 12);
  assert.equal(await statusOf('User-Agent: QWERTY\r\n'), '403');
  assert.equal(await statusOf('User-Agent: qwerty123\r\n'), '200');
  assert.equal(await statusOf('User-Agent: a BOT77\r\n'), '403');
  assert.equal(await statusOf('User-Agent: bot7 b\r\n'), '200');
  assert.equal(await statusOf('Referer: http://spam.example/\r\n'), '403');
  assert.equal(await statusOf('Referer: http://x/?http://spam.\r\n'), '200');
  assert.equal(await statusOf(''), '200');
  follow({ block: { ...block, cidrs: ['127.0.0.0/8'] } });
  assert.equal(await statusOf(''), '403');
  const entries = await proxy.log();
  assert.equal(entries.at(-1)?.['reason'], 'blocked');
  const client = await RawClient.open(t, proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n');
  assert.match(await client.responses(1), /^HTTP\/1\.1 403 /);
});

test('a value that is too costly to match is blocked', async (t) => {
  const { follow, ask } = await startEcho(t);
  const pattern = `${'(a|aa|a?)*'.repeat(15)}b`;
  follow({
    block: { ...defaultTrafficSettings.block, userAgents: [{ kind: 'regex', pattern, ignoresCase: false }] },
  });
  assert.match((await ask(`User-Agent: ${'a'.repeat(8_000)}\r\n`)).answer, /^HTTP\/1\.1 403 /);
  assert.match((await ask('User-Agent: ccc\r\n')).answer, /^HTTP\/1\.1 200 /);
});

/** The lines of the log as they are. */
async function linesOf(
  t: TestContext,
  log: LogSettings,
  requests: readonly string[],
): Promise<readonly string[]> {
  const port = await startAnswering(t, () => okResponse('ok'));
  const proxy = await startProxy(t, { hosts: { '': [{ upstream: 'web' }] }, upstreams: { web: [port] } });
  proxy.worker.apply({ ...makePatch({ hosts: {} }, 2), traffic: { ...defaultTrafficSettings, log } });
  const client = await RawClient.open(t, proxy.port);
  for (const [index, request] of requests.entries()) {
    client.send(request);
    await client.responses(index + 1);
  }
  await proxy.worker.flushLog();
  return readFileSync(proxy.logPath, 'latin1').split('\n').slice(0, -1);
}

const { log: plainLog } = defaultTrafficSettings;

test('lines of the log are those of the template, and no request can forge one', async (t) => {
  const template: LogSettings['template'] = [
    { kind: 'variable', name: 'remote_addr' },
    { kind: 'text', text: ' "' },
    { kind: 'variable', name: 'request' },
    { kind: 'text', text: '" ' },
    { kind: 'variable', name: 'status' },
    { kind: 'text', text: ' ' },
    { kind: 'variable', name: 'body_bytes_sent' },
    { kind: 'text', text: ' ' },
    { kind: 'header', name: 'x-tenant' },
    { kind: 'text', text: ' ' },
    { kind: 'argument', name: 'id' },
  ];
  const requests = [getRequest, 'GET /?id=7 HTTP/1.1\r\nHost: a.test\r\nX-Tenant: a" 200\\\r\n\r\n'];
  assert.deepEqual(await linesOf(t, { ...plainLog, template }, requests), [
    '127.0.0.1 "GET / HTTP/1.1" 200 2 - -',
    '127.0.0.1 "GET /?id=7 HTTP/1.1" 200 2 a\\x22 200\\x5C 7',
  ]);
  const [, json] = await linesOf(
    t,
    {
      ...plainLog,
      template: [
        { kind: 'text', text: '{"t":"' },
        ...template.slice(7, 8),
        { kind: 'header', name: 'x-tenant' },
        { kind: 'text', text: '"}' },
      ],
      escapesJson: true,
    },
    requests,
  );
  assert.deepEqual(JSON.parse(json ?? ''), { t: ' a" 200\\' });
});

test('a line tells the whole way of a request, and the address of a PROXY header only where there are any', async (t) => {
  const names = ['proxy_add_x_forwarded_for', 'proxy_protocol_addr', 'document_uri', 'content_type'] as const;
  const template = names.flatMap(
    (name) =>
      [
        { kind: 'variable', name },
        { kind: 'text', text: ';' },
      ] as const,
  );
  const requests = [
    getRequest,
    'GET /a?b HTTP/1.1\r\nHost: a.test\r\nContent-Type: a/b\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n',
  ];
  assert.deepEqual(await linesOf(t, { ...plainLog, template }, requests), [
    '127.0.0.1;-;/;-;',
    '192.0.2.7, 127.0.0.1;-;/a;a/b;',
  ]);
});

test('paths that are skipped have no lines, and none has one when the log is off', async (t) => {
  const requests = [
    getRequest,
    'GET /healthz?a=1 HTTP/1.1\r\nHost: a.test\r\n\r\n',
    'GET /healthz/x HTTP/1.1\r\nHost: a.test\r\n\r\n',
  ];
  const lines = await linesOf(t, { ...plainLog, skippedPaths: ['/healthz'] }, requests);
  assert.deepEqual(
    lines.map((line) => String((JSON.parse(line) as Record<string, unknown>)['request_uri'])),
    ['/', '/healthz/x'],
  );
  assert.deepEqual(await linesOf(t, { ...plainLog, isOff: true }, requests), []);
});
