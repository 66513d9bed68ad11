// Names out of certificates: as OpenSSL writes them (`openssl x509 -subject -nameopt RFC2253`), and nothing out of what is no certificate.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  derTags,
  encodeDer,
  encodeObjectId,
  readCertificateNames,
  readDer,
  renderObjectId,
} from './index.ts';

const odd = new X509Certificate(`-----BEGIN CERTIFICATE-----
MIICdTCCAhugAwIBAgIUTpXgUlIWVFBaivnhC7hik+jcZmUwCgYIKoZIzj0EAwIw
gY4xCzAJBgNVBAYTAkRFMS0wEAYDVQQLDAl0d28vc2xhc2gwGQYDVQQKDBJCw7xj
aGVyLCAiU8O2aG5lIiAxFTATBgNVBAMMDCBsZWFkIHRyYWlsIDEXMBUGCSqGSIb3
DQEJARYIYUBiLnRlc3QxCzAJBgNVBAUTAjQyMRMwEQYLKwYBBAGCNzwCAQMTAkRF
MCAXDTI2MTEyMTE5MzYxMloYDzIxMjYxMDI4MTkzNjEyWjCBjjELMAkGA1UEBhMC
REUxLTAQBgNVBAsMCXR3by9zbGFzaDAZBgNVBAoMEkLDvGNoZXIsICJTw7ZobmUi
IDEVMBMGA1UEAwwMIGxlYWQgdHJhaWwgMRcwFQYJKoZIhvcNAQkBFghhQGIudGVz
dDELMAkGA1UEBRMCNDIxEzARBgsrBgEEAYI3PAIBAxMCREUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASdIl7bvvR6oiwLbFXRuY1i7XrxL5J/P/s81ZSiu8redKVK
fbcbpsezWfpL7Nog6/RvL7F3SnVXdKgcROD0hCcBo1MwUTAdBgNVHQ4EFgQURMb7
SUbMluPjqwNjeP3rnDdh/6cwHwYDVR0jBBgwFoAURMb7SUbMluPjqwNjeP3rnDdh
/6cwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAkigPFud/Wgw1
0YesSPlbmlrT/kkeOYNoT1WP063JXpUCIAORafi/mLyjifPc0kSEIel7Yf+hUEUt
V1qgwgI8XXOX
-----END CERTIFICATE-----
`).raw;

test('a subject with every kind of odd character is what OpenSSL makes of it', () => {
  const wanted =
    'jurisdictionC=DE,serialNumber=42,emailAddress=a@b.test,CN=\\ lead trail\\ ,O=B\\C3\\BCcher\\, \\"S\\C3\\B6hne\\"\\ +OU=two/slash,C=DE';
  assert.deepEqual(readCertificateNames(odd), { subject: wanted, issuer: wanted });
});

/** The smallest thing with a subject. */
function certificateWith(...attributes: readonly (readonly [string, number, Uint8Array])[]): Buffer {
  const none = encodeDer(derTags.sequence);
  const name = encodeDer(
    derTags.sequence,
    ...attributes.map(([id, tag, value]) =>
      encodeDer(derTags.set, encodeDer(derTags.sequence, encodeObjectId(id), encodeDer(tag, value))),
    ),
  );
  return encodeDer(derTags.sequence, encodeDer(derTags.sequence, none, none, none, none, name));
}

function subjectOf(id: string, tag: number, value: Uint8Array): string | undefined {
  return readCertificateNames(certificateWith([id, tag, value]))?.subject;
}

test('values of other encodings are texts where they hold text, and hexadecimal elsewhere', () => {
  const commonName = '2.5.4.3';
  assert.equal(subjectOf(commonName, 0x1e, Buffer.from([0, 0x41, 0x20, 0xac])), 'CN=A\\E2\\82\\AC');
  assert.equal(subjectOf(commonName, 0x14, Buffer.from([0xfc])), 'CN=\\C3\\BC');
  assert.equal(subjectOf(commonName, 0x04, Buffer.from('A')), 'CN=#040141');
  assert.equal(subjectOf('1.2.3.4.5', 0x0c, Buffer.from('A')), '1.2.3.4.5=#0C0141');
  assert.equal(subjectOf(commonName, 0x0c, Buffer.from('#a\r\nX: b')), 'CN=\\#a\\0D\\0AX: b');
});

test('no name breaks out of a line, and no bytes throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(0x0c, 0x13, 0x14, 0x1e, 0x16),
      (value, tag) => {
        assert.match(subjectOf('2.5.4.3', tag, value) ?? '', /^CN=[\x20-\x7e]*$/);
      },
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(odd.length), (bytes, at) => {
      readCertificateNames(bytes);
      const damaged = Buffer.concat([odd.subarray(0, at), bytes, odd.subarray(at)]);
      assert.match(readCertificateNames(damaged)?.subject ?? '', /^[\x20-\x7e]*$/);
      assert.equal(readCertificateNames(odd.subarray(0, Math.min(at, odd.length - 1))), null);
    }),
  );
});

test('lengths never lead beyond the bytes', () => {
  for (const bytes of [
    [0x30],
    [0x30, 1],
    [0x30, 0x80],
    [0x30, 0x85, 0, 0, 0, 0, 1],
    [0x30, 0x84, 255, 255, 255, 255],
    [0x1f, 1, 1],
  ]) {
    assert.equal(readDer(Uint8Array.from(bytes), 0), null, bytes.join(' '));
  }
  assert.deepEqual(readDer(Uint8Array.of(9, 0x04, 0x81, 1, 7), 1), {
    tag: 4,
    start: 1,
    contentStart: 4,
    end: 5,
  });
});

test('object ids are read as they are written', () => {
  for (const id of ['2.5.4.3', '1.2.840.113549.1.9.1', '0.9.2342.19200300.100.1.25']) {
    assert.equal(renderObjectId(encodeObjectId(id).subarray(2)), id);
  }
});
