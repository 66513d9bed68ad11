// Credentials: who may sign in with a password, out of one Secret. They travel as units of their own, so that a route's policy holds no hash,
// and a changed Secret touches no host.
import type { ObjectKey } from './object-ref.ts';

/**
 * How a Secret is read: for passwords in the clear (`basic`) or hashed by the client (`digest`); as the lines of one file, or with one user for
 * each key (`map`).
 */
export type CredentialsForm = 'basic-file' | 'basic-map' | 'digest-file' | 'digest-map';

/** `FORM NAMESPACE/SECRET`: a Secret that is read in two ways makes two units. */
export type CredentialsId = `${CredentialsForm} ${ObjectKey}`;

export type Credentials =
  | { readonly id: CredentialsId; readonly kind: 'basic'; readonly users: readonly PasswordUser[] }
  | { readonly id: CredentialsId; readonly kind: 'digest'; readonly users: readonly DigestUser[] };

/** What a password is hashed by. The parameters were judged when the Secret was read. */
export type HashScheme =
  | 'bcrypt'
  | 'apr1'
  | 'md5-crypt'
  | 'sha256-crypt'
  | 'sha512-crypt'
  | 'sha1'
  | 'salted-sha1'
  | 'plain';

/** Texts are latin1: bytes as they are in the Secret. */
export interface PasswordUser {
  /** Unique in its unit. */
  readonly name: string;
  readonly scheme: HashScheme;
  /** As in the Secret, with its marks. */
  readonly hash: string;
}

export interface DigestUser {
  readonly name: string;
  /** The hash holds for this realm only. */
  readonly realm: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** Of `NAME:REALM:PASSWORD`, lower-case hex. */
  readonly hash: string;
}

export function credentialsId(form: CredentialsForm, secret: ObjectKey): CredentialsId {
  return `${form} ${secret}`;
}

export function splitCredentialsId(id: CredentialsId): {
  readonly form: CredentialsForm;
  readonly secret: ObjectKey;
} {
  const blank = id.indexOf(' ');
  // The type says what stands before and behind the blank, and no form has one.
  return { form: id.slice(0, blank) as CredentialsForm, secret: id.slice(blank + 1) as ObjectKey };
}
