// The keys auth-*: whether a password is asked for, of whom, and what for. A value that cannot be read opens nothing.
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { refuseControls, textOf } from '../values.ts';

/** Names of objects (RFC 1123 subdomains), with or without a namespace. */
const secretPattern = /^(?:[a-z0-9][a-z0-9.-]{0,252}\/)?[a-z0-9][a-z0-9.-]{0,252}$/;

const common = { dialect: 'nginx', scope: 'route' } as const;

/** One of these words, or nothing. Outer blanks count for nothing, as in ingress-nginx. */
function wordOf<Word extends string>(words: readonly Word[]): (text: string) => ParseResult<Word | ''> {
  return (text) => {
    const trimmed = text.trim();
    if (trimmed === '') return refuseControls(text) ?? { value: '' };
    const word = words.find((each) => each === trimmed);
    if (word !== undefined) return refuseControls(text) ?? { value: word };
    return { wanted: words.map((each) => `"${each}"`).join(' or ') };
  };
}

const readType = wordOf(['basic', 'digest']);

/** False: none is asked for. */
export const typeKey: AnnotationKey<'basic' | 'digest' | false> = {
  ...common,
  name: 'auth-type',
  parse: (text) => {
    const read = readType(text);
    if ('wanted' in read) return read;
    return { value: read.value === '' ? false : read.value };
  },
  risk: 'low',
  onInvalid: 'reject',
  defaultText: 'none',
  valueText: '`basic` or `digest`',
  doc: 'Asks clients for a user name and a password: `basic` (RFC 7617) or `digest` (RFC 7616, with `qop=auth`, MD5 or SHA-256 as the hashes of the users are). Who cannot say one gets 401. Empty means that none is asked for.',
};

export const secretKey: AnnotationKey<string> = {
  ...common,
  name: 'auth-secret',
  parse: (text) => {
    const trimmed = text.trim();
    if (trimmed !== '' && !secretPattern.test(trimmed)) {
      return refuseControls(text) ?? { wanted: '"NAME" or "NAMESPACE/NAME" of a Secret' };
    }
    return refuseControls(text) ?? { value: trimmed };
  },
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
  valueText:
    '`NAME` or `NAMESPACE/NAME` of a Secret in the namespace of the Ingress (in any, with the setting `allow-cross-namespace-resources`)',
  doc: 'The Secret with the users and the hashes of their passwords. With `auth-type` it must be there: while it is missing, of another namespace or cannot be read, the paths answer 503. Without `auth-type` it has no effect.',
};

export const secretTypeKey: AnnotationKey<'auth-file' | 'auth-map' | ''> = {
  ...common,
  name: 'auth-secret-type',
  parse: wordOf(['auth-file', 'auth-map']),
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`auth-file`',
  valueText: '`auth-file` or `auth-map`',
  doc: '`auth-file`: the key `auth` of the Secret holds the lines of an htpasswd (or htdigest) file. `auth-map`: each key is a user, its value the hash (for digest `REALM:HASH`). Hashes: bcrypt up to a cost of 16, apr1, MD5 crypt, SHA-256 and SHA-512 crypt up to 1,000,000 rounds, `{SHA}`, `{SSHA}`, `{PLAIN}`; not DES crypt. The Secret may have 256 KiB and 10,000 users.',
};

const realmText = textOf('basic+space');

export const realmKey: AnnotationKey<string> = {
  ...common,
  name: 'auth-realm',
  parse: (text) => (text.trim() === '' ? (refuseControls(text) ?? { value: '' }) : realmText(text)),
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'empty',
  valueText: 'letters, digits, spaces and `- . _ ~ / :`',
  doc: 'What clients are told that the password is for. With `digest` it is a part of the hashes: users of another realm cannot sign in.',
};
