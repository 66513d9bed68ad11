import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derTags, encodeDer, encodeObjectId, encodeTime, renderPem } from './index.ts';

test('encodeDer: short and long lengths (X.690 8.1.3)', () => {
  const head = (length: number): string =>
    encodeDer(derTags.octetString, Buffer.alloc(length))
      .subarray(0, -length || undefined)
      .toString('hex');
  assert.equal(head(0), '0400');
  assert.equal(head(127), '047f');
  assert.equal(head(128), '048180');
  assert.equal(head(255), '0481ff');
  assert.equal(head(256), '04820100');
  assert.equal(head(65_536), '0483010000');
});

test('encodeObjectId: arcs of one and of several bytes', () => {
  assert.equal(encodeObjectId('1.2.840.10045.4.3.2').toString('hex'), '06082a8648ce3d040302');
  assert.equal(encodeObjectId('2.5.4.3').toString('hex'), '0603550403');
  assert.equal(encodeObjectId('1.3.6.1.5.5.7.3.1').toString('hex'), '06082b06010505070301');
});

test('encodeTime: UTCTime until 2049, GeneralizedTime from 2050', () => {
  const text = (iso: string): string => encodeTime(new Date(iso)).toString('latin1');
  assert.equal(text('2049-12-31T23:59:59Z'), '\u0017\r491231235959Z');
  assert.equal(text('2050-01-01T00:00:00Z'), '\u0018\u000f20500101000000Z');
});

test('renderPem: lines of 64 characters', () => {
  const lines = renderPem('CERTIFICATE', Buffer.alloc(49)).split('\n');
  assert.deepEqual(lines, [
    '-----BEGIN CERTIFICATE-----',
    'A'.repeat(64),
    'AA==',
    '-----END CERTIFICATE-----',
    '',
  ]);
});
