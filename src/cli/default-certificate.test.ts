import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { ensureDefaultCertificate } from './default-certificate.ts';
import { createSelfSigned } from './self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-certificate-'));
after(() => rmSync(folder, { recursive: true }));
const now = new Date('2026-03-01T12:00:00Z');
const later = (days: number): Date => new Date(now.getTime() + days * 86_400_000);

test('createSelfSigned: says what was asked, is signed by its own key', () => {
  const { chainPem, keyPem } = createSelfSigned({
    commonName: 'Prüfung',
    dnsNames: ['a.example', 'b.example'],
    notBefore: new Date('2049-12-31T23:59:59Z'),
    notAfter: new Date('2050-01-01T00:00:00Z'),
  });
  const certificate = new X509Certificate(chainPem);
  assert.equal(certificate.subject, 'CN=Prüfung');
  assert.equal(certificate.subjectAltName, 'DNS:a.example, DNS:b.example');
  assert.equal(certificate.validFromDate.toISOString(), '2049-12-31T23:59:59.000Z');
  assert.equal(certificate.validToDate.toISOString(), '2050-01-01T00:00:00.000Z');
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)));
});

test('createSelfSigned: two certificates differ in serial number and key', () => {
  const options = { commonName: 'x', dnsNames: ['x'], notBefore: now, notAfter: later(1) };
  const [one, two] = [createSelfSigned(options), createSelfSigned(options)];
  assert.notEqual(
    new X509Certificate(one.chainPem).serialNumber,
    new X509Certificate(two.chainPem).serialNumber,
  );
  assert.notEqual(one.keyPem, two.keyPem);
});

test('createSelfSigned: a client that trusts it completes a TLS 1.3 handshake', async () => {
  const { chainPem, keyPem } = createSelfSigned({
    commonName: 'x',
    dnsNames: ['localhost'],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 60_000),
  });
  const server = createServer({ cert: chainPem, key: keyPem }, (socket) => socket.end()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: chainPem });
  await once(client, 'secureConnect');
  assert.ok(client.authorized);
  assert.equal(client.getProtocol(), 'TLSv1.3');
  client.destroy();
  server.close();
  await once(server, 'close');
});

test('ensureDefaultCertificate: made once, private, and used again', () => {
  const dataDir = join(folder, 'a/b');
  const made = ensureDefaultCertificate(dataDir, now);
  assert.equal(made.origin, 'made');
  assert.equal(made.warning, null);
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.equal(statSync(join(dataDir, 'default-certificate.key')).mode & 0o777, 0o600);
  const certificate = new X509Certificate(made.certificate.chainPem);
  assert.equal(certificate.subject, 'CN=Sallyport Default Certificate');
  assert.equal(certificate.subjectAltName, 'DNS:sallyport.local, DNS:localhost');
  const kept = ensureDefaultCertificate(dataDir, later(300));
  assert.equal(kept.origin, 'kept');
  assert.deepEqual(kept.certificate, made.certificate);
});

test('ensureDefaultCertificate: made anew near its end, when damaged, and when the key is another', () => {
  const dataDir = join(folder, 'renewed');
  const first = ensureDefaultCertificate(dataDir, now);
  const renewed = ensureDefaultCertificate(dataDir, later(336));
  assert.equal(renewed.origin, 'made');
  assert.notEqual(renewed.certificate.chainPem, first.certificate.chainPem);
  writeFileSync(join(dataDir, 'default-certificate.key'), first.certificate.keyPem);
  assert.equal(ensureDefaultCertificate(dataDir, later(336)).origin, 'made');
  writeFileSync(join(dataDir, 'default-certificate.pem'), 'not a certificate');
  assert.equal(ensureDefaultCertificate(dataDir, later(336)).origin, 'made');
});

test('ensureDefaultCertificate: a folder that cannot be made costs only the keeping', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const unstored = ensureDefaultCertificate(join(file, 'data'), now);
  assert.equal(unstored.origin, 'unstored');
  assert.match(unstored.warning ?? '', /^cannot keep the default certificate in ".*\/file\/data": ENOTDIR/);
  assert.ok(
    new X509Certificate(unstored.certificate.chainPem).verify(
      new X509Certificate(unstored.certificate.chainPem).publicKey,
    ),
  );
});
