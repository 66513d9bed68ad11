// Digest authentication: the examples of RFC 7616, what is read of the field, nonces and their counts, which algorithms are offered.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sampleRequest } from '../../features/sample-context.fixture.ts';
import type { DigestUser } from '../../model/index.ts';
import { DigestBook } from './digest-book.ts';
import { parseDigest } from './digest-fields.ts';
import { KeyedSum } from './keyed-sum.ts';
import { Nonces } from './nonces.ts';

const key = new Uint8Array(32).fill(1);
const sum = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text, 'latin1').digest('hex');

function userOf(
  name: string,
  algorithm: DigestUser['algorithm'],
  realm = 'office',
  password = 'open',
): DigestUser {
  const hash = sum(algorithm === 'MD5' ? 'md5' : 'sha256', `${name}:${realm}:${password}`);
  return { name, realm, algorithm, hash };
}

/** What a client sends. */
function answerOf(nonce: string, change: Readonly<Record<string, string>> = {}, password = 'open'): string {
  const fields = {
    username: 'anna',
    realm: 'office',
    uri: '/a?b=1',
    nc: '00000001',
    cnonce: 'c',
    qop: 'auth',
    nonce,
    ...change,
  };
  const { algorithm = 'MD5' } = change;
  const name = algorithm.toUpperCase() === 'MD5' ? 'md5' : 'sha256';
  const secret = sum(name, `${fields.username}:${fields.realm}:${password}`);
  const { uri, nc, cnonce, qop } = fields;
  const response = sum(name, `${secret}:${fields.nonce}:${nc}:${cnonce}:${qop}:${sum(name, `GET:${uri}`)}`);
  const quoted = { response, ...fields };
  return `Digest ${Object.entries(quoted)
    .map(([field, value]) => `${field}="${value}"`)
    .join(', ')}`;
}

class World {
  nowMs = 1_700_000_000_000;
  readonly nonces = new Nonces(key, () => this.nowMs);
  readonly book: DigestBook;
  readonly request = sampleRequest({ path: '/a', query: '?b=1' });

  constructor(users: readonly DigestUser[] = [userOf('anna', 'MD5'), userOf('bert', 'MD5', 'elsewhere')]) {
    this.book = new DigestBook(users, 'office', this.nonces, new KeyedSum(key));
  }

  check(authorization: string): string {
    return this.book.check(authorization, this.request, 'scope');
  }

  get offered(): string[] {
    return [...this.book.challenge('scope', false).matchAll(/algorithm=([^,]+)/g)].map(
      ([, name = '']) => name,
    );
  }
}

describe('digest authentication', () => {
  it('lets in who knows the password, once for each count', () => {
    const world = new World();
    const nonce = world.nonces.issue('scope');
    assert.equal(world.check(answerOf(nonce)), 'match');
    assert.equal(world.check(answerOf(nonce)), 'stale');
    assert.equal(world.check(answerOf(nonce, { nc: '00000002' })), 'match');
  });

  it('refuses everything else', () => {
    const world = new World();
    const nonce = world.nonces.issue('scope');
    const wrong: readonly string[] = [
      '',
      'Basic YTpi',
      answerOf(nonce, {}, 'wrong'),
      answerOf(nonce, { username: 'bert' }),
      answerOf(nonce, { username: '__proto__' }),
      answerOf(nonce, { realm: 'elsewhere' }),
      answerOf(nonce, { uri: '/a' }),
      answerOf(nonce, { uri: '/b?b=1' }),
      answerOf(nonce, { qop: 'auth-int' }),
      answerOf(nonce, { algorithm: 'SHA-256' }),
      answerOf(nonce, { algorithm: 'MD5-sess' }),
      answerOf(nonce).replace('Digest', 'Digest Digest'),
      answerOf(nonce).replace('cnonce="c"', 'cnonce="d"'),
      answerOf(nonce).replace(/response="./, 'response="x'),
      `${answerOf(nonce)}, username="anna"`,
    ];
    for (const each of wrong) assert.equal(world.check(each), 'mismatch', each);
    assert.equal(world.nonces.trackedCount, 0);
  });

  it('takes a target in another spelling of the same path', () => {
    const world = new World();
    for (const uri of ['/%61?b=1', 'http://a.test/a?b=1']) {
      assert.equal(world.check(answerOf(world.nonces.issue('scope'), { uri })), 'match', uri);
    }
  });

  it('says that a nonce is stale only to who knows the password', () => {
    const world = new World();
    const nonce = world.nonces.issue('scope');
    world.nowMs += 300_001;
    assert.equal(world.check(answerOf(nonce)), 'stale');
    assert.equal(world.check(answerOf(nonce, {}, 'wrong')), 'mismatch');
    for (const foreign of [world.nonces.issue('other'), 'x', '', 'A'.repeat(40)]) {
      assert.equal(world.check(answerOf(foreign)), 'stale', foreign);
    }
    const fields = world.book.challenge('scope', true);
    assert.match(
      fields,
      /^WWW-Authenticate: Digest realm="office", qop="auth", algorithm=MD5, nonce="[\w-]{40}", stale=true\r\n$/,
    );
  });

  it('offers what everybody has', () => {
    const [md5, sha, other] = [userOf('anna', 'MD5'), userOf('anna', 'SHA-256'), userOf('bert', 'MD5')];
    assert.deepEqual(new World([]).offered, ['MD5']);
    assert.deepEqual(new World([md5]).offered, ['MD5']);
    assert.deepEqual(new World([sha]).offered, ['SHA-256']);
    assert.deepEqual(new World([md5, sha]).offered, ['SHA-256', 'MD5']);
    assert.deepEqual(new World([md5, sha, other]).offered, ['MD5']);
    const world = new World([sha]);
    assert.equal(world.check(answerOf(world.nonces.issue('scope'), { algorithm: 'sha-256' })), 'match');
    assert.equal(world.check(answerOf(world.nonces.issue('scope'))), 'mismatch');
  });
});

describe('the field of digest authentication', () => {
  it('is read as RFC 7616 writes it', () => {
    // Section 3.9.1, without its line ends.
    const text =
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    assert.deepEqual(parseDigest(text), {
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      uri: '/dir/index.html',
      response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      nc: '00000001',
      algorithm: 'SHA-256',
    });
  });

  it('takes escapes, and never throws', () => {
    const rest = 'nc=00000001,qop=auth,cnonce=c';
    assert.equal(parseDigest(`digest username="a\\"b\\\\c" , ${rest}`)?.username, 'a"b\\c');
    assert.equal(parseDigest(`digest username="a"b", ${rest}`), null);
    assert.equal(parseDigest(`digest username="a, ${rest}`), null);
    fc.assert(fc.property(fc.string(), (text) => void parseDigest(`Digest ${text}`)));
  });
});

describe('nonces', () => {
  it('count in any order within a window, each count once', () => {
    const nonces = new Nonces(key, () => 0);
    const counts = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 60 });
    fc.assert(
      fc.property(counts, (list) => {
        const nonce = nonces.issue('s');
        const used = new Set<number>();
        let highest = 0;
        for (const count of list) {
          const wanted = !used.has(count) && count > highest - 32;
          assert.equal(nonces.use(nonce, count, 's'), wanted);
          if (wanted) used.add(count);
          highest = Math.max(highest, count);
        }
      }),
    );
    assert.equal(nonces.use(nonces.issue('s'), 0, 's'), false);
  });

  it('are good with every worker that has the key, and no other', () => {
    const nonce = new Nonces(key, () => 0).issue('s');
    assert.equal(new Nonces(key, () => 1).use(nonce, 1, 's'), true);
    assert.equal(new Nonces(new Uint8Array(32), () => 1).use(nonce, 1, 's'), false);
  });

  it('are remembered in a bounded number, and what is forgotten is not good any more', () => {
    let nowMs = 0;
    const nonces = new Nonces(key, () => nowMs, 3);
    const made = Array.from({ length: 5 }, () => {
      nowMs += 1;
      return nonces.issue('s');
    });
    for (const nonce of made) assert.equal(nonces.use(nonce, 1, 's'), true);
    assert.equal(nonces.trackedCount, 3);
    assert.deepEqual(
      made.map((nonce) => nonces.use(nonce, 2, 's')),
      [false, false, true, true, true],
    );
    nowMs += 300_010;
    assert.equal(nonces.use(nonces.issue('s'), 1, 's'), true);
    assert.equal(nonces.trackedCount, 1);
  });
});
