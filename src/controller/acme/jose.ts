// JSON Web Signatures as ACME wants them (RFC 8555, 6.2; RFC 7515): ES256 with the key of the account, HS256 for external accounts.
import { createHash, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto';

export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** Members in the order of RFC 7638, 3.3. */
export interface EcJwk {
  readonly crv: string;
  readonly kty: string;
  readonly x: string;
  readonly y: string;
}

/** The public half of an EC key on P-256. @throws {Error} another kind of key. */
export function publicJwk(key: KeyObject): EcJwk {
  const { crv = '', kty = '', x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256') throw new Error(`the account's key is ${kty} ${crv}, wanted EC P-256`);
  return { crv, kty, x, y };
}

/** RFC 7638: what stands for a key in key authorizations. */
export function jwkThumbprint(jwk: EcJwk): string {
  return createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
}

/** `payload` null: nothing, which is a read (RFC 8555, 6.3). */
export function signEs256(key: KeyObject, header: object, payload: unknown): Jws {
  const unsigned = renderUnsigned({ alg: 'ES256', ...header }, payload);
  const text = `${unsigned.protected}.${unsigned.payload}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return { ...unsigned, signature: signature.toString('base64url') };
}

/** Binds an account to one that the authority knows by other means (RFC 8555, 7.3.4). */
export function signExternalAccount(secret: Uint8Array, keyId: string, url: string, jwk: EcJwk): Jws {
  const unsigned = renderUnsigned({ alg: 'HS256', kid: keyId, url }, jwk);
  const hmac = createHmac('sha256', secret).update(`${unsigned.protected}.${unsigned.payload}`);
  return { ...unsigned, signature: hmac.digest('base64url') };
}

function renderUnsigned(header: object, payload: unknown): { protected: string; payload: string } {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return { protected: encode(header), payload: payload === null ? '' : encode(payload) };
}
