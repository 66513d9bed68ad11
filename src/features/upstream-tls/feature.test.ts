// proxy-ssl-*: values, defaults, the namespace of the Secret; whatever cannot be read denies where it would lessen protection.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultUpstreamTls } from '../../model/index.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { upstreamTls } from './feature.ts';

function compile(texts: Readonly<Record<string, string>>) {
  const { context, issues } = sampleContext({ namespace: 'shop' });
  const policy = upstreamTls.compile(parseValues(upstreamTls, texts), context);
  return { policy, issues, settings: policy === null ? null : upstreamTls.settings?.(policy)?.upstreamTls };
}

describe('proxy-ssl-*', () => {
  it('says nothing without annotations', () => {
    assert.equal(compile({}).policy, null);
  });

  it('sets what is written, the rest as by default', () => {
    assert.deepEqual(compile({ 'proxy-ssl-server-name': 'on' }).settings, {
      ...defaultUpstreamTls,
      sendsName: true,
    });
    const all = compile({
      'proxy-ssl-secret': 'shop/client',
      'proxy-ssl-verify': 'on',
      'proxy-ssl-verify-depth': '3',
      'proxy-ssl-name': 'API.Example.com',
      'proxy-ssl-server-name': 'on',
      'proxy-ssl-ciphers': 'ECDHE-ECDSA-AES256-GCM-SHA384:!aNULL',
      'proxy-ssl-protocols': 'TLSv1.1 TLSv1.3',
    });
    assert.deepEqual(all.settings, {
      material: 'shop/client',
      verifies: true,
      maxIntermediates: 3,
      name: 'api.example.com',
      sendsName: true,
      ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:!aNULL',
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
    });
    assert.deepEqual(upstreamTls.clientTlsOf?.(all.policy), { id: 'shop/client', key: 'proxy-ssl-secret' });
    assert.deepEqual(upstreamTls.prepare?.(all.policy, { path: '/', pathKind: 'prefix' }), {});
  });

  it('denies a Secret of another namespace', () => {
    const { policy, issues } = compile({ 'proxy-ssl-secret': 'other/client' });
    const hooks = upstreamTls.prepare?.(policy, { path: '/', pathKind: 'prefix' });
    assert.equal(hooks?.admit?.(sampleRequest())?.status, 503);
    assert.equal(upstreamTls.clientTlsOf?.(policy), null);
    assert.deepEqual(
      issues.map(({ code, severity }) => [code, severity]),
      [['AnnotationInvalid', 'error']],
    );
  });

  it('refuses what is not a whole good value', () => {
    const bad: Readonly<Record<string, readonly string[]>> = {
      'proxy-ssl-secret': ['client', '/client', 'shop/', 'a/b/c', 'Shop/client', 'shop/client\n', '../x'],
      'proxy-ssl-verify': ['On', 'true', '', 'optional'],
      'proxy-ssl-verify-depth': ['-1', '101', '1.5', 'x'],
      'proxy-ssl-name': ['', 'a b', 'a.test;', '$host', '-a', 'a\r\nb', 'a'.repeat(254)],
      'proxy-ssl-ciphers': ['', 'DEFAULT@SECLEVEL=0', 'A B', 'x;'],
      'proxy-ssl-protocols': ['', 'TLSv1', 'SSLv3 TLSv1.1', 'TLSv1.2 TLSv9', 'tlsv1.2'],
    };
    for (const [name, texts] of Object.entries(bad)) {
      for (const text of texts)
        assert.ok('wanted' in parseKey(upstreamTls, name, text), `${name} ${JSON.stringify(text)}`);
    }
  });

  it('denies by every key whose bad value would lessen protection', () => {
    const mild = upstreamTls.keys.filter(({ onInvalid }) => onInvalid !== 'deny').map(({ name }) => name);
    assert.deepEqual(mild, ['proxy-ssl-server-name']);
  });

  it('describes itself', () => {
    const { policy } = compile({ 'proxy-ssl-secret': 'shop/client', 'proxy-ssl-verify': 'on' });
    assert.equal(upstreamTls.describe(policy), 'verified by Secret shop/client');
  });
});
