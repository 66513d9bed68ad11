// The users of a Secret: what is asked of the queue, what is remembered, and that unknown users cost what known ones cost.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PasswordUser } from '../../model/index.ts';
import { type BasicPair, basicChallenge, parseToken, tokenOf } from './basic-scheme.ts';
import { HashQueue } from './hash-queue.ts';
import { KeyedSum } from './keyed-sum.ts';
import { PasswordBook } from './password-book.ts';

const users: readonly PasswordUser[] = [
  { name: 'anna', scheme: 'bcrypt', hash: 'hash of anna' },
  { name: 'bert', scheme: 'apr1', hash: 'hash of bert' },
];

/** A queue whose thread knows that "HASH" goes with "password of HASH" and tells what it was asked. */
function makeQueue(asked: string[]): HashQueue {
  return new HashQueue({
    maxThreads: 2,
    maxWaiting: 10,
    maxWaitingOfClient: 10,
    maxWaitingOfAll: 10,
    minWaiting: 1,
    maxWaitMs: 1_000,
    nowMs: () => 0,
    startThread: () => ({
      verify: (user, password) => {
        asked.push(user.hash);
        return Promise.resolve(Buffer.from(password).toString().startsWith(`password of ${user.hash}`));
      },
      close: () => {},
    }),
  });
}

function fieldOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

const sums = new KeyedSum(new Uint8Array(32));

function parse(authorization: string): BasicPair | null {
  return parseToken(tokenOf(authorization));
}

describe('passwords of a Secret', () => {
  it('are asked for once, then remembered', async () => {
    const asked: string[] = [];
    const book = new PasswordBook(users, makeQueue(asked), sums);
    const right = fieldOf('anna', 'password of hash of anna');
    assert.equal(await book.check(right, 'a', '192.0.2.1'), 'match');
    // At once now.
    assert.equal(book.check(right, 'a', '192.0.2.1'), 'match');
    assert.equal(book.check(`bAsIc   ${right.slice(6)} `, 'b', '192.0.2.1'), 'match');
    assert.deepEqual([asked.length, book.rememberedCount], [1, 1]);
  });

  it('that are wrong are asked for each time', async () => {
    const asked: string[] = [];
    const book = new PasswordBook(users, makeQueue(asked), sums);
    const wrong = fieldOf('anna', 'password of hash of bert');
    assert.equal(await book.check(wrong, 'a', '192.0.2.1'), 'mismatch');
    assert.equal(await book.check(wrong, 'a', '192.0.2.1'), 'mismatch');
    assert.deepEqual([asked, book.rememberedCount], [['hash of anna', 'hash of anna'], 0]);
  });

  it('are asked for once by many requests at a time', async () => {
    const asked: string[] = [];
    const book = new PasswordBook(users, makeQueue(asked), sums);
    const right = fieldOf('bert', 'password of hash of bert');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () => await book.check(right, 'a', '192.0.2.1')),
    );
    assert.deepEqual([new Set(outcomes), asked], [new Set(['match']), ['hash of bert']]);
  });

  it('are remembered by a sum that is an HMAC', () => {
    const bytes = fc.uint8Array({ maxLength: 64 });
    const text = fc.string({ unit: 'grapheme', maxLength: 1_100 });
    fc.assert(
      fc.property(bytes, text, (key, wide) => {
        const latin1 = Buffer.from(wide).toString('latin1');
        const wanted = createHmac('sha256', key).update(latin1, 'latin1').digest('latin1');
        assert.equal(new KeyedSum(key).of(latin1), wanted);
      }),
    );
  });

  it('of users that nobody knows cost a hash, and never match', async () => {
    const asked: string[] = [];
    const book = new PasswordBook(users, makeQueue(asked), sums);
    for (const name of ['carl', '__proto__', 'constructor', 'Anna', 'anna ']) {
      for (const { hash } of users) {
        assert.equal(
          await book.check(fieldOf(name, `password of ${hash}`), 'a', '192.0.2.1'),
          'mismatch',
          name,
        );
      }
      assert.equal(asked.length, 2);
      assert.equal(asked[0], asked[1], 'the same stand-in for a name');
      asked.length = 0;
    }
    assert.equal(book.rememberedCount, 0);
  });

  it('are remembered in a bounded number', async () => {
    const asked: string[] = [];
    const book = new PasswordBook(users, makeQueue(asked), sums);
    for (let i = 0; i < 20; i += 1) {
      assert.equal(
        await book.check(fieldOf('anna', `password of hash of anna${i}`), 'a', '192.0.2.1'),
        'match',
      );
    }
    assert.equal(book.rememberedCount, 4);
  });

  it('cost nothing where there are no users', () => {
    const book = new PasswordBook([], makeQueue([]), sums);
    assert.equal(book.check(fieldOf('anna', 'x'), 'a', '192.0.2.1'), 'mismatch');
  });

  it('by cheap hashes need no queue', () => {
    const asked: string[] = [];
    const plain: PasswordUser = { name: 'anna', scheme: 'plain', hash: '{PLAIN}secret' };
    const book = new PasswordBook([plain], makeQueue(asked), sums);
    assert.equal(book.check(fieldOf('anna', 'secret'), 'a', '192.0.2.1'), 'match');
    assert.equal(book.check(fieldOf('anna', 'secre'), 'a', '192.0.2.1'), 'mismatch');
    assert.equal(book.check(fieldOf('bert', 'secret'), 'a', '192.0.2.1'), 'mismatch');
    assert.equal(asked.length, 0);
  });
});

describe('the field of basic authentication', () => {
  it('is read as a whole', () => {
    const pair = parse(fieldOf('änna', 'a:b:'));
    assert.equal(pair?.user, Buffer.from('änna').toString('latin1'));
    assert.equal(pair.password.toString(), 'a:b:');
    assert.equal(parse(fieldOf('anna', ''))?.password.length, 0);
  });

  it('is nothing if it is anything else', () => {
    const odd = [
      '',
      'Basic',
      'Basic ',
      'Basic !!!!',
      'Bearer YTpi',
      'Basic YTpi YTpi',
      'Basic YTpi,',
      'BasicYTpi',
    ];
    const bytes = ['', ':', ':x', 'anna', 'an\0na:x', 'anna:x\0y'].map((text) => `Basic ${btoa(text)}`);
    for (const text of [...odd, ...bytes]) assert.equal(parse(text), null, text);
  });

  it('is asked for with a realm that cannot break out', () => {
    assert.equal(basicChallenge(''), 'WWW-Authenticate: Basic realm=""\r\n');
    assert.equal(basicChallenge('The office'), 'WWW-Authenticate: Basic realm="The office"\r\n');
    assert.equal(basicChallenge('a"b\\c\r\nX: y'), 'WWW-Authenticate: Basic realm="a\\"b\\\\cX: y"\r\n');
  });
});
