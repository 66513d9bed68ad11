// SHA-crypt (`$5$`, `$6$`), by the specification of Ulrich Drepper, version 0.6. The time grows with the rounds and with the password, so
// both are bounded by the callers.
import { hash } from 'node:crypto';
import { encodeCrypt } from './crypt-base64.ts';

interface Variant {
  readonly mark: '5' | '6';
  readonly algorithm: 'sha256' | 'sha512';
  readonly bytes: number;
  readonly order: readonly (readonly number[])[];
}

/** Each group is the one before, turned round and a byte further. */
function makeOrder(
  count: number,
  next: readonly number[],
  last: readonly number[],
  step: number,
): number[][] {
  const groups: number[][] = [];
  let group = [...next];
  for (let i = 0; i < count; i += 1) {
    groups.push(group);
    const [a = 0, b = 0, c = 0] = group;
    group = (step === 1 ? [c, a, b] : [b, c, a]).map((index) => index + 1);
  }
  return [...groups, [...last]];
}

const variants: Readonly<Record<'5' | '6', Variant>> = {
  '5': { mark: '5', algorithm: 'sha256', bytes: 32, order: makeOrder(10, [0, 10, 20], [31, 30], 1) },
  '6': { mark: '6', algorithm: 'sha512', bytes: 64, order: makeOrder(21, [0, 21, 42], [63], 2) },
};

/** `rounds` null: the 5,000 that are meant where none are written. */
export function shaCrypt(password: Uint8Array, mark: '5' | '6', salt: string, rounds: number | null): string {
  const variant = variants[mark];
  const saltBytes = Buffer.from(salt, 'latin1');
  const sum = (parts: readonly Uint8Array[]): Buffer =>
    hash(variant.algorithm, Buffer.concat(parts), 'buffer');
  const mixed = sum([password, saltBytes, password]);
  const first: Uint8Array[] = [password, saltBytes, repeat(mixed, password.length)];
  for (let bits = password.length; bits > 0; bits >>= 1) first.push((bits & 1) === 1 ? mixed : password);
  let digest = sum(first);
  const p = repeat(sum([repeat(password, password.length * password.length)]), password.length);
  const s = repeat(sum([repeat(saltBytes, saltBytes.length * (16 + (digest[0] ?? 0)))]), saltBytes.length);
  for (let round = 0; round < (rounds ?? 5_000); round += 1) {
    const isOdd = (round & 1) === 1;
    const parts: Uint8Array[] = [isOdd ? p : digest];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(isOdd ? digest : p);
    digest = sum(parts);
  }
  const written = rounds === null ? '' : `rounds=${rounds}$`;
  return `$${mark}$${written}${salt}$${encodeCrypt(digest, variant.order)}`;
}

/** As many bytes, over and over. */
function repeat(bytes: Uint8Array, length: number): Uint8Array {
  const repeated = new Uint8Array(length);
  for (let at = 0; at < length && bytes.length > 0; at += bytes.length) {
    repeated.set(bytes.subarray(0, length - at), at);
  }
  return repeated;
}
