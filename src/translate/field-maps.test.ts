// Settings about fields, blocks, the log and annotations: what the keys of the ConfigMap come to for the workers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConfigMap } from '../kube/index.ts';
import { defaultTrafficSettings, type TrafficSettings } from '../model/index.ts';
import { parseRecordTemplate, parseRequestTemplate } from '../features/index.ts';
import { sampleOptions, setAll } from './sample-objects.fixture.ts';
import { Translator } from './translator.ts';

const nowMs = Date.UTC(2026, 0, 1);
type Data = Readonly<Record<string, string>>;

function configMap(name: string, data: Data): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ingress', name }, data };
}

function start(data: Data, ...others: readonly ConfigMap[]): Translator {
  const translator = new Translator(sampleOptions({ configMap: 'ingress/settings' }));
  translator.apply(setAll([configMap('settings', data), ...others]), nowMs);
  return translator;
}

function trafficOf(data: Data, ...others: readonly ConfigMap[]): TrafficSettings {
  return start(data, ...others).table.traffic;
}

function readProblems(translator: Translator): string[] {
  return translator.allProblems().map(({ object, field, message }) => `${object.name} ${field}: ${message}`);
}

describe('fields of settings', () => {
  const named = { 'proxy-set-headers': 'ingress/request', 'add-headers': 'ingress/response' };

  it('come from the ConfigMaps that the settings name, whichever is there first', () => {
    const request = configMap('request', { 'X-Team': 'shop', 'X-Who': 'for $remote_addr!', 'X-Gone': '' });
    const response = configMap('response', { 'X-Frame-Options': 'DENY' });
    const { requestFields, responseFields } = trafficOf(named, request, response);
    assert.deepEqual(requestFields, [
      { name: 'X-Gone', value: [] },
      { name: 'X-Team', value: [{ kind: 'text', text: 'shop' }] },
      {
        name: 'X-Who',
        value: [
          { kind: 'text', text: 'for ' },
          { kind: 'variable', name: 'remote_addr' },
          { kind: 'text', text: '!' },
        ],
      },
    ]);
    assert.deepEqual(responseFields, [{ name: 'X-Frame-Options', value: [{ kind: 'text', text: 'DENY' }] }]);
    const late = start(named);
    late.apply(setAll([request, response]), nowMs);
    assert.deepEqual(late.table.traffic.requestFields, requestFields);
    assert.deepEqual(late.allProblems(), []);
  });

  it('follow their ConfigMaps, and say when one is not there', () => {
    const translator = start({ 'add-headers': 'ingress/response' });
    assert.match(
      readProblems(translator).join('\n'),
      /^response : .*"add-headers" names does not exist; it sets no field$/,
    );
    const { patch } = translator.apply(setAll([configMap('response', { A: '1' })]), nowMs);
    assert.equal(patch?.traffic?.responseFields.length, 1);
    assert.deepEqual(patch.hosts, { set: [], removed: [] });
    assert.deepEqual(translator.allProblems(), []);
    assert.equal(translator.apply(setAll([configMap('other', { B: '1' })]), nowMs).patch, null);
    translator.apply(
      [{ kind: 'removed', ref: { kind: 'ConfigMap', namespace: 'ingress', name: 'response' } }],
      nowMs,
    );
    assert.deepEqual(translator.table.traffic.responseFields, []);
  });

  it('are never those that frame a message or that only the proxy may say', () => {
    const names = [
      'Host',
      'content-length',
      'Transfer-Encoding',
      'Connection',
      'X-Request-ID',
      'ssl-client-verify',
      'Proxy',
      'a b',
      'A:',
    ];
    const translator = start(
      named,
      configMap('request', Object.fromEntries(names.map((name) => [name, 'x']))),
      configMap('response', { Date: 'x', 'Transfer-Encoding': 'x', 'Strict-Transport-Security': 'x' }),
    );
    assert.equal(translator.table.traffic, defaultTrafficSettings);
    assert.equal(translator.allProblems().length, names.length + 3);
  });

  it('have no line ends, no unknown variables and a bounded number', () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${1_000 + index}`, 'x']));
    assert.equal(trafficOf(named, configMap('request', many)).requestFields.length, 100);
    for (const text of ['a\r\nB: c', '$unknown', '$status', 'ü', '\0'])
      assert.ok('wanted' in parseRequestTemplate(text), JSON.stringify(text));
  });

  it('of endpoints are hidden by name, and Server as ingress-nginx has it', () => {
    const hidden = (data: Data): readonly string[] => trafficOf(data).hiddenFields;
    assert.deepEqual(hidden({ 'hide-headers': 'X-A, x-b' }), ['x-a', 'x-b']);
    assert.equal(start({ 'hide-headers': 'X-A,Content-Length' }).allProblems().length, 1);
    const tokens = (own: string, backend: string): Data => ({
      'server-tokens': own,
      'allow-backend-server-header': backend,
    });
    assert.deepEqual(hidden(tokens('true', 'true')), []);
    assert.deepEqual(hidden(tokens('false', 'true')), ['server']);
    assert.deepEqual(hidden({ 'server-tokens': 'true' }), ['server']);
    assert.deepEqual(hidden({ 'allow-backend-server-header': 'false' }), ['server']);
    assert.deepEqual(hidden({}), []);
    assert.equal(trafficOf({ 'server-tokens': 'false' }).namesServer, false);
  });

  it('tell the original URI, and no made-up identifier, where the settings say so', () => {
    const traffic = trafficOf({ 'proxy-add-original-uri-header': 'true', 'generate-request-id': 'false' });
    assert.deepEqual(
      traffic.requestFields.map(({ name }) => name),
      ['X-Original-URI'],
    );
    assert.equal(traffic.makesRequestIds, false);
  });
});

describe('blocks of settings', () => {
  it('hold as far as they can be read', () => {
    const { block } = trafficOf({
      'block-cidrs': '10.0.0.0/8, nonsense,192.0.2.1',
      'block-user-agents': 'Bad Bot,~^curl/,~*wget,~(',
      'block-referers': 'http://x.test/',
    });
    assert.deepEqual(block, {
      cidrs: ['10.0.0.0/8', '192.0.2.1'],
      userAgents: [
        { kind: 'whole', text: 'bad bot' },
        { kind: 'regex', pattern: '^curl/', ignoresCase: false },
        { kind: 'regex', pattern: 'wget', ignoresCase: true },
      ],
      referers: [{ kind: 'whole', text: 'http://x.test/' }],
    });
    const bad = start({ 'block-cidrs': '10.0.0.0/8,x', 'block-user-agents': '~(' });
    assert.equal(readProblems(bad).filter((text) => text.endsWith('its other members hold')).length, 2);
  });

  it('choose the status of limits', () => {
    const statuses = { 'limit-req-status-code': '429', 'limit-conn-status-code': '302' };
    assert.deepEqual(trafficOf(statuses).limitStatuses, { requests: 429, connections: 503 });
  });
});

describe('the log of settings', () => {
  it('has the lines that the template says', () => {
    const { log } = trafficOf({
      'log-format-upstream': '$remote_addr ${status} "$http_user_agent"',
      'log-format-escape-json': 'true',
      'skip-access-log-urls': '/healthz, /ready',
      'disable-http-access-log': 'true',
    });
    assert.deepEqual(log, {
      isOff: true,
      escapesJson: true,
      skippedPaths: ['/healthz', '/ready'],
      template: [
        { kind: 'variable', name: 'remote_addr' },
        { kind: 'text', text: ' ' },
        { kind: 'variable', name: 'status' },
        { kind: 'text', text: ' "' },
        { kind: 'header', name: 'user-agent' },
        { kind: 'text', text: '"' },
      ],
    });
  });

  it('takes the format that the documentation of ingress-nginx shows', () => {
    const members = {
      time: '"$time_iso8601"',
      remote_addr: '"$proxy_protocol_addr"',
      x_forwarded_for: '"$proxy_add_x_forwarded_for"',
      request_id: '"$req_id"',
      remote_user: '"$remote_user"',
      bytes_sent: '$bytes_sent',
      request_time: '$request_time',
      status: '$status',
      vhost: '"$host"',
      request_proto: '"$server_protocol"',
      path: '"$uri"',
      request_query: '"$args"',
      request_length: '$request_length',
      duration: '$request_time',
      method: '"$request_method"',
      http_referrer: '"$http_referer"',
      http_user_agent: '"$http_user_agent"',
    };
    const text = Object.entries(members).map(([name, value]) => `"${name}": ${value}`);
    assert.ok('value' in parseRecordTemplate(`{${text.join(', ')}}`));
  });

  it('names the variable that is not known', () => {
    for (const [text, named] of [
      ['$status $ssl_cipher', '"$ssl_cipher"'],
      ['${nothing}', '"${nothing}"'],
      ['5 $', 'a lone "$"'],
    ] as const) {
      const parsed = parseRecordTemplate(text);
      assert.ok('wanted' in parsed && parsed.wanted.startsWith(`instead of ${named} `), text);
    }
  });

  it('holds no credentials and no line ends of the template', () => {
    for (const text of ['$http_authorization', '$http_Cookie', '$nothing', 'a\nb', '$proxy_add_nothing'])
      assert.ok('wanted' in parseRecordTemplate(text), text);
    assert.equal(trafficOf({ 'log-format-upstream': '$http_cookie' }), defaultTrafficSettings);
  });
});
