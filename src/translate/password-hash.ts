// Judges one hash of a password as htpasswd files have them: what it is hashed by, or why nobody can sign in with it. The marks are
// those that nginx and the crypt(3) of its image know.
import type { HashScheme } from '../model/index.ts';

/** `reason`: ends a sentence about the line; holds no part of the hash. */
export type HashVerdict = { readonly scheme: HashScheme } | { readonly reason: string };

/** Each step doubles the work: 2^16 rounds take seconds, and everybody who knows a user's name can ask for them. */
const maxBcryptCost = 16;
const minBcryptCost = 4;
/** crypt(3) raises what is less, so that such a hash matches nothing. */
const minShaRounds = 1_000;
const maxShaRounds = 1_000_000;
const maxPlainBytes = 256;

const bcrypt = /^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$/;
/** The salt is what stands before the last dollar: printable, without a dollar. */
const md5Crypt = /^\$(apr1|1)\$[!-#%-~]{0,8}\$[./A-Za-z0-9]{22}$/;
const shaCrypt =
  /^\$([56])\$(?:rounds=([1-9][0-9]{0,8})\$)?[!-#%-~]{0,16}\$([./A-Za-z0-9]{43}|[./A-Za-z0-9]{86})$/;
const sha1 = /^\{SHA\}[A-Za-z0-9+/]{27}=$/;
/** Twenty bytes of hash, and at least one of salt. */
const saltedSha1 = /^\{SSHA\}[A-Za-z0-9+/]{28,256}={0,2}$/;
const desCrypt = /^(?:[./A-Za-z0-9]{13}|_[./A-Za-z0-9]{19})$/;

export function judgeHash(hash: string): HashVerdict {
  if (hash === '') return { reason: 'has no hash' };
  if (hash.startsWith('{PLAIN}')) return judgePlain(hash.length - '{PLAIN}'.length);
  if (sha1.test(hash)) return { scheme: 'sha1' };
  if (saltedSha1.test(hash)) return { scheme: 'salted-sha1' };
  if (hash.startsWith('$2')) return judgeBcrypt(hash);
  const md5 = md5Crypt.exec(hash);
  if (md5 !== null) return { scheme: md5[1] === '1' ? 'md5-crypt' : 'apr1' };
  if (hash.startsWith('$5$') || hash.startsWith('$6$')) return judgeSha(hash);
  if (desCrypt.test(hash)) {
    return { reason: 'is hashed by DES crypt, which takes eight characters and is guessed in hours' };
  }
  return { reason: 'holds no hash that is understood' };
}

function judgePlain(length: number): HashVerdict {
  if (length === 0) return { reason: 'has an empty password' };
  if (length > maxPlainBytes) return { reason: `has a password of more than ${maxPlainBytes} bytes` };
  return { scheme: 'plain' };
}

function judgeBcrypt(hash: string): HashVerdict {
  const cost = Number(bcrypt.exec(hash)?.[1] ?? Number.NaN);
  if (Number.isNaN(cost) || cost < minBcryptCost) return { reason: 'holds no whole bcrypt hash' };
  if (cost > maxBcryptCost)
    return { reason: `has a bcrypt cost of ${cost}, at most ${maxBcryptCost} is taken` };
  return { scheme: 'bcrypt' };
}

function judgeSha(hash: string): HashVerdict {
  const [, mark, rounds = '5000', sum = ''] = shaCrypt.exec(hash) ?? [];
  const scheme = mark === '5' ? 'sha256-crypt' : 'sha512-crypt';
  if (mark === undefined || (sum.length === 43) !== (mark === '5')) {
    return { reason: 'holds no whole SHA-crypt hash' };
  }
  if (Number(rounds) < minShaRounds || Number(rounds) > maxShaRounds) {
    return { reason: `has ${rounds} rounds, ${minShaRounds} to ${maxShaRounds} are taken` };
  }
  return { scheme };
}
