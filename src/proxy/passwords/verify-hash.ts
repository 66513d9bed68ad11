// Whether a password is that of a hash. Synchronous, in time that the hash decides: the costly schemes belong into a thread
// (hash-queue.ts). Comparisons take the same time wherever the texts differ.
import { createHash, timingSafeEqual } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { HashScheme, PasswordUser } from '../../model/index.ts';
import { md5Crypt } from './md5-crypt.ts';
import { shaCrypt } from './sha-crypt.ts';

/** Longer ones match nothing. crypt(3) of nginx's image has the same bound for SHA-crypt, whose time grows with the password. */
export const maxPasswordBytes = 256;

const noSalt = new Uint8Array();
const sha1Bytes = 20;

/** Takes microseconds. */
const cheapSchemes: ReadonlySet<HashScheme> = new Set(['sha1', 'salted-sha1', 'plain']);

export function isCheap(scheme: HashScheme): boolean {
  return cheapSchemes.has(scheme);
}

type Verify = (hash: string, password: Uint8Array) => boolean;

const verifiers: Readonly<Record<HashScheme, Verify>> = {
  bcrypt: verifyBcrypt,
  apr1: (hash, password) => isSame(md5Crypt(password, '$apr1$', md5SaltOf(hash, '$apr1$')), hash),
  'md5-crypt': (hash, password) => isSame(md5Crypt(password, '$1$', md5SaltOf(hash, '$1$')), hash),
  'sha256-crypt': (hash, password) => verifyShaCrypt('5', hash, password),
  'sha512-crypt': (hash, password) => verifyShaCrypt('6', hash, password),
  sha1: (hash, password) => isSame(`{SHA}${sha1(password, noSalt).toString('base64')}`, hash),
  'salted-sha1': (hash, password) => {
    const decoded = Buffer.from(hash.slice('{SSHA}'.length), 'base64');
    return timingSafeEqual(sha1(password, decoded.subarray(sha1Bytes)), decoded.subarray(0, sha1Bytes));
  },
  // Sums have one length, so that not even the length of the password shows.
  plain: (hash, password) =>
    timingSafeEqual(sha256(password), sha256(Buffer.from(hash.slice('{PLAIN}'.length), 'latin1'))),
};

/** Never throws. `hash` is of the scheme, as the control plane has judged. */
export function verifyHash(
  { scheme, hash }: Pick<PasswordUser, 'scheme' | 'hash'>,
  password: Uint8Array,
): boolean {
  return password.length <= maxPasswordBytes && verifiers[scheme](hash, password);
}

function md5SaltOf(hash: string, mark: string): string {
  return hash.slice(mark.length, hash.lastIndexOf('$'));
}

/** The library hashes UTF-8, and nobody who makes such a hash makes it of anything else. */
function verifyBcrypt(hash: string, password: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(password);
  } catch {
    return false;
  }
  return bcrypt.compareSync(text, hash);
}

function verifyShaCrypt(mark: '5' | '6', hash: string, password: Uint8Array): boolean {
  const [, , first = '', second = ''] = hash.split('$');
  const rounds = first.startsWith('rounds=') ? Number(first.slice('rounds='.length)) : null;
  return isSame(shaCrypt(password, mark, rounds === null ? first : second, rounds), hash);
}

function isSame(made: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(made, 'latin1'), Buffer.from(wanted, 'latin1')];
  return a.length === b.length && timingSafeEqual(a, b);
}

function sha1(password: Uint8Array, salt: Uint8Array): Buffer {
  return createHash('sha1').update(password).update(salt).digest();
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
