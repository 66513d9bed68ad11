// The judgement on an endpoint's certificate beyond what the runtime verifies: the length of its chain, and its name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import { judgeCertificate, tlsReasonOf } from './dial-tls.ts';

/** A chain as the runtime gives it: each link holds its issuer, the root itself. */
function chainOf(length: number): PeerCertificate {
  let link: Record<string, unknown> = { subject: {} };
  link['issuerCertificate'] = link;
  for (let index = 1; index < length; index += 1) link = { subject: {}, issuerCertificate: link };
  return { ...link, subjectaltname: 'DNS:web.test' } as unknown as PeerCertificate;
}

test('the certificates between the first and the last are counted', () => {
  for (const [length, max, isGood] of [
    [1, 0, true],
    [2, 0, true],
    [3, 0, false],
    [3, 1, true],
    [4, 1, false],
    [4, 2, true],
  ] as const) {
    const verdict = judgeCertificate({ name: 'web.test', maxIntermediates: max }, chainOf(length));
    assert.equal(verdict === undefined, isGood, `${length} certificates, at most ${max} between`);
  }
});

test('the name is compared with the alternative names', () => {
  const verdict = judgeCertificate({ name: 'evil.test', maxIntermediates: 1 }, chainOf(2));
  assert.equal((verdict as { code?: string } | undefined)?.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
});

test('codes become few reasons', () => {
  const cases = {
    ERR_TLS_CERT_ALTNAME_INVALID: 'upstream-tls-name',
    CERT_HAS_EXPIRED: 'upstream-tls-expired',
    CERT_CHAIN_TOO_LONG: 'upstream-tls-depth',
    SELF_SIGNED_CERT_IN_CHAIN: 'upstream-tls-untrusted',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'upstream-tls-untrusted',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'upstream-tls-untrusted',
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'upstream-tls-refused',
    ERR_SSL_WRONG_VERSION_NUMBER: 'upstream-tls-handshake',
    ECONNRESET: 'upstream-tls-handshake',
  };
  for (const [code, reason] of Object.entries(cases)) assert.equal(tlsReasonOf(code), reason, code);
  assert.equal(tlsReasonOf(undefined), 'upstream-tls-handshake');
});
