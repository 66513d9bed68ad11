// What the tests of passwords share: Secrets, the fields of clients, and hashes of "open sesame".
import type { Secret } from '../../../src/kube/index.ts';

/** perl -e 'print crypt("open sesame", "\$2y\$14\$abcdefghijklmnopqrstuu")', and likewise with 10 and 04 */
export const bcrypt14 = '$2y$14$abcdefghijklmnopqrstuuZZVux0kxY8OIwJAC7j70pUMvFzeHtu.';
export const bcrypt10 = '$2y$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK';
export const bcrypt4 = '$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy';

/** `Secret shop/NAME`. */
export function passwordSecret(data: Readonly<Record<string, string>>, name = 'users'): Secret {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)]));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name },
    type: 'Opaque',
    data: encoded,
  };
}

/** The line of a request. */
export function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;
}

export const asking: Readonly<Record<string, string>> = { 'auth-type': 'basic', 'auth-secret': 'users' };
