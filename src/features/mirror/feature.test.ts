// mirror: where copies go, by the annotations, and what mirrors nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mirror } from '../../model/index.ts';
import { parseKey, parseValues, sampleContext } from '../sample-context.fixture.ts';
import { mirror } from './feature.ts';

function compile(
  texts: Readonly<Record<string, string>>,
  part = {},
): { policy: Mirror | null; told: string } {
  const { context, issues } = sampleContext({ allowsLoopback: false, ...part });
  const policy = mirror.compile(parseValues(mirror, texts), context) as Mirror | null;
  return { policy, told: issues.map(({ message }) => message).join('\n') };
}

describe('mirror', () => {
  it('reads server, target and host; the path may begin with a variable', () => {
    const { policy, told } = compile({ 'mirror-target': 'https://test.env.com:8443$request_uri' });
    assert.equal(told, '');
    assert.deepEqual(policy, {
      server: {
        scheme: 'https',
        host: 'test.env.com',
        port: 8_443,
        service: null,
        verifies: true,
        allowsLoopback: false,
      },
      target: [{ kind: 'request-uri' }],
      host: [{ kind: 'text', text: 'test.env.com' }],
      copiesBody: true,
    });
    const { policy: plain } = compile({
      'mirror-target': 'http://copy.$namespace.svc/in?u=$uri',
      'mirror-request-body': 'off',
      'mirror-host': '$host',
    });
    assert.deepEqual(plain?.server, {
      scheme: 'http',
      host: 'copy.shop.svc',
      port: 80,
      service: 'shop/copy:80',
      verifies: true,
      allowsLoopback: false,
    });
    assert.deepEqual(plain?.target, [{ kind: 'text', text: '/in?u=' }, { kind: 'path' }]);
    assert.deepEqual([plain?.host, plain?.copiesBody], [[{ kind: 'host' }], false]);
    assert.deepEqual(compile({ 'mirror-target': 'http://copy.test' }).policy?.target, [
      { kind: 'text', text: '/' },
    ]);
    assert.equal(
      compile({ 'mirror-target': 'https://copy.test', 'mirror-verify': 'off' }).policy?.server.verifies,
      false,
    );
  });

  it('mirrors nothing to the admin pages of the proxy', () => {
    const { policy, told } = compile({ 'mirror-target': 'http://10.0.0.7:9090' }, { adminPorts: [9_090] });
    assert.equal(policy, null);
    assert.match(told, /admin pages/);
  });

  it('mirrors nothing without a target, and tells why it does not with one', () => {
    assert.deepEqual(compile({ 'mirror-host': 'a.test', 'mirror-request-body': 'on' }), {
      policy: null,
      told: '',
    });
    for (const [text, why] of [
      ['http://copy.test/$upstream_addr', /has "\$upstream_addr", wanted one of/],
      ['http://127.0.0.1/$uri', /names the host "127.0.0.1"/],
      ['http://copy.test:99999/', /names the port 99999/],
    ] as const) {
      const { policy, told } = compile({ 'mirror-target': text });
      assert.equal(policy, null, text);
      assert.match(told, why);
    }
    assert.equal(compile({ 'mirror-target': 'http://$host/' }, { host: '' }).policy, null);
  });

  it('refuses what is no URL, no switch and no host', () => {
    for (const [name, text] of [
      ['mirror-target', 'copy.test'],
      ['mirror-target', 'ftp://copy.test/'],
      ['mirror-target', 'http://$http_x/'],
      ['mirror-target', 'http://copy.test/; return 200'],
      ['mirror-target', 'http://copy.test/\r\nX: y'],
      ['mirror-request-body', 'true'],
      ['mirror-host', 'a.test/x'],
      ['mirror-host', ''],
    ] as const)
      assert.ok('wanted' in parseKey(mirror, name, text), `${name} ${text}`);
  });

  it('describes itself', () => {
    const { policy } = compile({
      'mirror-target': 'http://copy.test/x$request_uri',
      'mirror-request-body': 'off',
    });
    assert.equal(mirror.describe(policy), 'send a copy without body to http://copy.test:80/x{request-uri}');
  });
});
