// Challenges: what the proxy answers so that an ACME server (RFC 8555) believes that a host is ours. Nothing in here is secret: whoever
// asks for the token gets the rest.

/** `http-01/TOKEN` or `tls-alpn-01/HOST`: what the server asks by. */
export type ChallengeId = string;

export interface Challenge {
  readonly id: ChallengeId;
  /** `http-01`: a file of the host (RFC 8555, 8.3). `tls-alpn-01`: a certificate in a handshake of its own protocol (RFC 8737). */
  readonly kind: 'http-01' | 'tls-alpn-01';
  /** Lower case, no wildcard. */
  readonly host: string;
  /** Base64url; long enough that nobody guesses it. */
  readonly token: string;
  /** `TOKEN.THUMBPRINT`, the thumbprint that of the account's key. */
  readonly keyAuthorization: string;
}

export function challengeId(kind: Challenge['kind'], host: string, token: string): ChallengeId {
  return kind === 'http-01' ? `http-01/${token}` : `tls-alpn-01/${host}`;
}
