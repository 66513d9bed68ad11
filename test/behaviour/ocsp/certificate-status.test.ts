// OCSP against OpenSSL: it understands our question, and its answers are read; and whose answers are not believed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  readStatusResponse,
  readStatusSubject,
  renderStatusRequest,
  type StatusSubject,
} from '../../../src/proxy/ocsp/certificate-status.ts';
import { TestAuthority } from '../test-authority.ts';
import { type AnswerOptions, answerQuestion } from './responder.ts';

const root = new TestAuthority('root');
const ocspUrl = 'http://ocsp.test/x';
const identity = root.issue('a.test', { usage: 'serverAuth', ocspUrl });

function subjectOf(): StatusSubject {
  const subject = readStatusSubject(identity.cert + root.pem);
  assert.ok(subject !== null);
  return subject;
}

async function read(options: AnswerOptions, nowMs = Date.now()): Promise<string> {
  const subject = subjectOf();
  const reading = readStatusResponse(
    await answerQuestion(root, renderStatusRequest(subject), options),
    subject,
    nowMs,
  );
  return reading.ok ? 'good' : reading.why;
}

test('the responder and the issuer are found in the chain', () => {
  assert.equal(subjectOf().url.href, ocspUrl);
  const other = new TestAuthority('root');
  for (const chain of [
    '',
    identity.cert,
    root.issue('a.test').cert + root.pem,
    identity.cert + other.pem,
    root.issue('a.test', { ocspUrl: 'ldap://x.test/' }).cert + root.pem,
    root.issue('a.test', { ocspUrl: 'http://a b\nOCSP - URI:http://evil.test/' }).cert + root.pem,
  ]) {
    assert.equal(readStatusSubject(chain), null);
  }
});

test('good answers are taken, signed by the issuer or in its name', async () => {
  const known = { identity };
  assert.equal(await read({ known }), 'good');
  assert.equal(await read({ known, signer: root.issue('responder', { usage: 'ocspSigning' }) }), 'good');
});

test('answers of others, of other times and about bad certificates are not', async () => {
  const known = { identity };
  const unsigned = 'the answer is not signed by the issuer of the certificate, or in its name';
  const stranger = new TestAuthority('root');
  for (const signer of [
    root.issue('responder', { usage: 'serverAuth' }),
    stranger.issue('responder', { usage: 'ocspSigning' }),
    root.issue('responder', { usage: 'ocspSigning', notAfter: new Date(Date.now() - 60_000) }),
    { cert: stranger.pem, key: stranger.keyPem },
  ]) {
    assert.equal(await read({ known, signer }), unsigned);
  }
  const dayMs = 86_400_000;
  assert.equal(await read({ known }, Date.now() + 1.1 * dayMs), 'the answer is not of the present');
  assert.equal(await read({ known }, Date.now() - dayMs), 'the answer is not of the present');
  assert.equal(await read({ known: { identity, isRevoked: true } }), 'the certificate is revoked');
  assert.equal(await read({}), 'the certificate is not known');
});

test('an answer about another certificate is not', async () => {
  const other = root.issue('b.test', { ocspUrl });
  const theirs = readStatusSubject(other.cert + root.pem);
  assert.ok(theirs !== null);
  const answer = await answerQuestion(root, renderStatusRequest(theirs), { known: { identity: other } });
  const reading = readStatusResponse(answer, subjectOf(), Date.now());
  assert.deepEqual(reading, { ok: false, why: 'the answer is about another certificate' });
});

test('what was changed on the way is never taken, and nothing throws', async () => {
  const subject = subjectOf();
  const answer = await answerQuestion(root, renderStatusRequest(subject), { known: { identity } });
  const original = readStatusResponse(answer, subject, Date.now());
  assert.ok(original.ok);
  fc.assert(
    fc.property(fc.nat(answer.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, bytes) => {
      const changed = Buffer.from(answer);
      changed.set(bytes.slice(0, answer.length - at), at);
      const reading = readStatusResponse(changed, subject, Date.now());
      // Bytes outside of the signed part (the responder's own certificate) may change without harm.
      if (reading.ok) assert.equal(reading.staple.nextUpdateMs, original.staple.nextUpdateMs);
      assert.equal(readStatusResponse(answer.subarray(0, at), subject, Date.now()).ok, false);
      assert.equal(readStatusResponse(Buffer.from(bytes), subject, Date.now()).ok, false);
    }),
  );
});
