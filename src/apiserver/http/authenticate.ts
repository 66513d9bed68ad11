// Who asks: a bearer token that is known, or a certificate that our authority signed for a client.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { UserInfo } from '../rest/api-request.ts';

/** Of a client's certificate whose chain and purpose TLS has checked. */
export interface ClientSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly notAfterMs: number;
}

export interface PresentedCredentials {
  /** The Authorization field; empty: none. */
  readonly authorization: string;
  /** `untrusted`: a certificate that TLS did not accept. */
  readonly certificate: ClientSubject | 'untrusted' | null;
}

export type Authentication =
  | { readonly kind: 'user'; readonly user: UserInfo }
  /** Nothing that says who asks. */
  | { readonly kind: 'none' }
  /** Something that proves nothing. */
  | { readonly kind: 'invalid' };

export type Authenticate = (presented: PresentedCredentials, nowMs: number) => Authentication;

export interface TokenUser {
  readonly token: string;
  readonly user: UserInfo;
}

/** As kube-apiserver's authenticators in a row: one that knows the client is enough, then one that refuses it decides. */
export function createAuthenticate(tokenUsers: readonly TokenUser[]): Authenticate {
  const known = tokenUsers.map(({ token, user }) => ({ digest: digestOf(token), user }));
  return (presented, nowMs) => {
    const { certificate } = presented;
    if (certificate !== null && certificate !== 'untrusted' && certificate.notAfterMs > nowMs)
      return authenticated({ name: certificate.commonName, groups: certificate.organizations });
    const token = bearerToken(presented.authorization);
    if (token === null) return { kind: certificate === null ? 'none' : 'invalid' };
    const user = lookupToken(known, token);
    return user === null ? { kind: 'invalid' } : authenticated(user);
  };
}

function authenticated(user: UserInfo): Authentication {
  return {
    kind: 'user',
    user: { name: user.name, groups: [...new Set([...user.groups, 'system:authenticated'])] },
  };
}

/** Null: another scheme, which nobody here reads. */
function bearerToken(authorization: string): string | null {
  const [scheme = '', token = ''] = authorization.trim().split(' ', 2);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : null;
}

/** Digests have one length, so that the time of a comparison tells nothing of a token. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares with every token, also behind the one that fits. */
function lookupToken(
  known: readonly { readonly digest: Buffer; readonly user: UserInfo }[],
  token: string,
): UserInfo | null {
  const digest = digestOf(token);
  let found: UserInfo | null = null;
  for (const entry of known) if (timingSafeEqual(entry.digest, digest)) found = entry.user;
  return found;
}
