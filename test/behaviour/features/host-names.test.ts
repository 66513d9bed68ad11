// Further names of hosts on the wire: what the endpoint sees of an alias, ports in redirects, and TLS where a certificate covers the name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSecret } from '../../../src/translate/sample-objects.fixture.ts';
import { makeCertificate } from '../self-signed.ts';
import { fieldOf, host, serve, trusting } from './annotated.ts';

test('an alias is served like its host, and the endpoint sees it', async (t) => {
  const plain = await serve(t, {});
  assert.equal((await plain.ask('/', '', 'GET', 'bar')).status, 404);
  const served = await serve(t, { annotations: { 'server-alias': 'bar' } });
  assert.equal((await served.ask('/', '', 'GET', 'bar')).status, 200);
  assert.equal(fieldOf(served.requests[0] ?? '', 'host'), 'bar');
  assert.equal((await served.ask('/')).status, 200);
});

test('an alias is redirected to HTTPS where the certificate covers it', async (t) => {
  const { chainPem, keyPem } = makeCertificate('shop/tls', [host, 'covered.test']);
  const served = await serve(t, {
    annotations: { 'server-alias': 'covered.test,other.test' },
    tls: true,
    tlsSecret: 'tls',
    objects: [sampleSecret('tls', chainPem, keyPem)],
  });
  const covered = await served.ask('/', '', 'GET', 'covered.test');
  assert.deepEqual([covered.status, fieldOf(covered.head, 'location')], [308, 'https://covered.test']);
  assert.equal((await served.ask('/', '', 'GET', 'other.test')).status, 200);
});

test('the twin is sent to the host with the port that was asked', async (t) => {
  const annotations = { 'from-to-www-redirect': 'true' };
  const served = await serve(t, { annotations });
  const answer = await served.ask('/foo', '', 'GET', `www.${host}`);
  assert.equal(answer.status, 308);
  assert.equal(fieldOf(answer.head, 'location'), `http://${host}:${served.proxy.port}/foo`);
  assert.equal((await served.ask('/foo')).status, 200);
});

test('scheme and port are those of a trusted forwarder', async (t) => {
  const annotations = { 'from-to-www-redirect': 'true' };
  const served = await serve(t, { annotations }, trusting);
  const fields = 'X-Forwarded-Proto: https\r\nX-Forwarded-Port: 8443\r\n';
  const answer = await served.ask('/', fields, 'GET', `www.${host}`);
  assert.equal(fieldOf(answer.head, 'location'), `https://${host}:8443`);
});

test('redirects to HTTPS name the port where they shall', async (t) => {
  const annotations = { 'force-ssl-redirect': 'true', 'use-port-in-redirects': 'true' };
  const served = await serve(t, { annotations });
  assert.equal(fieldOf((await served.ask('/a')).head, 'location'), `https://${host}:443/a`);
});
