// When a certificate is renewed, and by which name the server knows it (the example of RFC 9773, 4.1).
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import {
  authorityKeyId,
  renderCertificate,
  renderPem,
  renderToBeSigned,
  subjectAltName,
} from '../../std/der/index.ts';
import { describeCertificate } from './held-certificate.ts';
import { plainWindow, RenewalWindows, renewalTimeMs } from './renewal.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;

function makeChain(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const toBeSigned = renderToBeSigned({
    serial: Buffer.from('0087654321', 'hex'),
    issuer: { commonName: 'issuer' },
    subject: { commonName: 'leaf' },
    notBefore: new Date(startMs),
    notAfter: new Date(startMs + 90 * day),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    extensions: [
      subjectAltName(['a.test', 'B.test']),
      authorityKeyId(Buffer.from('69885b6b87464041e1b37b847ba0ae2cde01c8d4', 'hex')),
    ],
  });
  return renderPem('CERTIFICATE', renderCertificate(toBeSigned, sign('sha256', toBeSigned, privateKey)));
}

const certificate = describeCertificate(makeChain());

test('a certificate is described: names, life, and the name for its renewal', () => {
  assert.deepEqual([...certificate.names], ['a.test', 'b.test']);
  assert.equal(certificate.notAfterMs - certificate.notBeforeMs, 90 * day);
  assert.equal(certificate.renewalId, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
});

test('without a word of the server the time lies before two thirds of the life, and stays the same', () => {
  const time = renewalTimeMs(certificate, plainWindow(certificate));
  assert.ok(time >= startMs + 56 * day && time <= startMs + 60 * day);
  assert.equal(renewalTimeMs(certificate, plainWindow(certificate)), time);
});

test('the window of the server counts, and is asked for again when it says so', async () => {
  const window = { start: '2026-02-01T00:00:00Z', end: '2026-02-03T00:00:00Z' };
  const asked: string[] = [];
  const server = {
    lookupResource: async () => 'https://acme.test/ari/',
    get: async (url: string) => {
      asked.push(url);
      return { body: { suggestedWindow: window }, text: '', location: '', retryAfterMs: 3_600_000 };
    },
  };
  const windows = new RenewalWindows();
  const wanted = { startMs: Date.parse(window.start), endMs: Date.parse(window.end) };
  assert.deepEqual(await windows.lookup(certificate, server, startMs), wanted);
  await windows.lookup(certificate, server, startMs + 3_599_999);
  assert.deepEqual(asked, [`https://acme.test/ari/${certificate.renewalId}`]);
  await windows.lookup(certificate, server, startMs + 3_600_000);
  assert.equal(asked.length, 2);
});

test('a window that makes no sense, and a server that fails, are as none', async () => {
  const plain = plainWindow(certificate);
  for (const suggestedWindow of [
    null,
    {},
    { start: 'x', end: 'y' },
    { start: '2026-02-03T00:00:00Z', end: '2026-02-01T00:00:00Z' },
    { start: '1999-01-01T00:00:00Z', end: '2000-01-01T00:00:00Z' },
  ]) {
    const get = async () => ({ body: { suggestedWindow }, text: '', location: '', retryAfterMs: null });
    const server = { lookupResource: async () => 'https://acme.test/ari', get };
    assert.deepEqual(await new RenewalWindows().lookup(certificate, server, startMs), plain);
  }
  const failing = {
    lookupResource: async () => 'https://acme.test/ari',
    get: async () => await Promise.reject(new Error('404')),
  };
  assert.deepEqual(await new RenewalWindows().lookup(certificate, failing, startMs), plain);
});
