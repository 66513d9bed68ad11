// MD5 crypt as FreeBSD has it (`$1$`), and Apache's variant (`$apr1$`), which differs in its mark alone.
import { hash } from 'node:crypto';
import { encodeCrypt } from './crypt-base64.ts';

const rounds = 1_000;
const digestBytes = 16;

const order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]] as const;

function md5(parts: readonly Uint8Array[]): Buffer {
  return hash('md5', Buffer.concat(parts), 'buffer');
}

/** `mark`: with both dollars. */
export function md5Crypt(password: Uint8Array, mark: '$1$' | '$apr1$', salt: string): string {
  const saltBytes = Buffer.from(salt, 'latin1');
  const mixed = md5([password, saltBytes, password]);
  const first: Uint8Array[] = [password, Buffer.from(mark, 'latin1'), saltBytes];
  for (let left = password.length; left > 0; left -= digestBytes) first.push(mixed.subarray(0, left));
  const zero = Uint8Array.of(0);
  for (let bits = password.length; bits > 0; bits >>= 1) {
    first.push((bits & 1) === 1 ? zero : password.subarray(0, 1));
  }
  let digest = md5(first);
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = (round & 1) === 1;
    const parts: Uint8Array[] = [isOdd ? password : digest];
    if (round % 3 !== 0) parts.push(saltBytes);
    if (round % 7 !== 0) parts.push(password);
    parts.push(isOdd ? digest : password);
    digest = md5(parts);
  }
  return `${mark}${salt}$${encodeCrypt(digest, order)}`;
}
