// backend-protocol: spellings, what the data plane gets, and FastCGI with its parameters.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { backendProtocol } from './feature.ts';

function compile(text: string) {
  const { context, issues } = sampleContext();
  const policy = backendProtocol.compile(parseValues(backendProtocol, { 'backend-protocol': text }), context);
  return { policy, issues };
}

describe('backend-protocol', () => {
  it('takes the names of ingress-nginx in any case', () => {
    const names = { HTTP: 'http', https: 'https', Auto_Http: 'auto', GRPC: 'h2c', gRPCs: 'h2' };
    for (const [text, protocol] of Object.entries(names)) {
      const { policy, issues } = compile(text);
      assert.deepEqual(backendProtocol.settings?.(policy), { protocol }, text);
      assert.deepEqual(backendProtocol.prepare?.(policy, { path: '/', pathKind: 'prefix' }), {}, text);
      assert.deepEqual(issues, []);
    }
  });

  it('refuses everything else', () => {
    for (const text of ['', 'h2c', 'HTTP2', ' HTTP', 'GRPC\n'])
      assert.ok('wanted' in parseKey(backendProtocol, 'backend-protocol', text), JSON.stringify(text));
  });

  it('reads what FastCGI needs', () => {
    const values = {
      'backend-protocol': 'fcgi',
      'fastcgi-index': 'index.php',
      'fastcgi-params-configmap': 'params',
    };
    const data = { SCRIPT_FILENAME: '/app$fastcgi_script_name', ROOT: '${document_root}', KIND: 'a-$scheme' };
    const { context, issues } = sampleContext({ configMaps: new Map([['shop/params', data]]) });
    const parsed = parseValues(backendProtocol, values);
    assert.equal(backendProtocol.configMapOf?.(parsed, 'shop'), 'shop/params');
    const policy = backendProtocol.compile(parsed, context);
    assert.deepEqual(backendProtocol.settings?.(policy), {
      fastCgi: {
        index: 'index.php',
        params: [
          ['SCRIPT_FILENAME', [{ kind: 'text', text: '/app' }, { kind: 'script' }]],
          ['ROOT', [{ kind: 'text', text: '/usr/local/nginx/html' }]],
          [
            'KIND',
            [
              { kind: 'text', text: 'a-' },
              { kind: 'variable', name: 'scheme' },
            ],
          ],
        ],
      },
    });
    assert.deepEqual(issues, []);
  });

  it('answers 503 when the parameters of FastCGI cannot be read, and says why', () => {
    const cases: readonly [string, Readonly<Record<string, string>> | undefined, RegExp][] = [
      ['missing', undefined, /does not exist/],
      ['other/params', {}, /of another namespace/],
      ['params', { 'A-B': '1' }, /"A-B" is no parameter/],
      ['params', { http_proxy: '1' }, /no parameter/],
      [
        'params',
        { A: 'a\nb' },
        /"A" has no value that can be read, wanted a text without control characters/,
      ],
      [
        'params',
        { A: '$realpath_root' },
        /"A" has no value that can be read, wanted instead of "\$realpath_root" variables of/,
      ],
    ];
    for (const [name, data, message] of cases) {
      const configMaps = new Map(
        data === undefined
          ? []
          : [[`shop/params` as const, data] as const, [`other/params` as const, data] as const],
      );
      const { context, issues } = sampleContext({ configMaps });
      const values = { 'backend-protocol': 'FCGI', 'fastcgi-params-configmap': name };
      const policy = backendProtocol.compile(parseValues(backendProtocol, values), context);
      const hooks = backendProtocol.prepare?.(policy, { path: '/', pathKind: 'prefix' });
      assert.deepEqual(hooks?.admit?.(sampleRequest()), { status: 503, reason: 'backend-protocol' }, name);
      assert.deepEqual(backendProtocol.settings?.(policy), {});
      assert.match(issues[0]?.message ?? '', message);
    }
  });

  it('refuses what is no name of a file or of a ConfigMap', () => {
    for (const text of ['a/b', 'a b', 'a;', '$x', 'a\n'])
      assert.ok('wanted' in parseKey(backendProtocol, 'fastcgi-index', text), text);
    for (const text of ['a/b/c', 'A', 'a b', '/', 'a\n'])
      assert.ok('wanted' in parseKey(backendProtocol, 'fastcgi-params-configmap', text), text);
  });
});
