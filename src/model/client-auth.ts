// Client certificates: which hosts want one of their clients, and whom they trust for it. The authorities travel as units of their own, so
// that a rotated Secret touches no host.
import type { ObjectKey, SourceId } from './object-ref.ts';

/** `NAMESPACE/SECRET`. */
export type AuthorityId = ObjectKey;

/** Who may sign certificates of clients, out of one Secret. */
export interface ClientAuthority {
  readonly id: AuthorityId;
  /** One or more certificates. */
  readonly caPem: string;
  /** Lists of revoked certificates; empty: none are looked at. */
  readonly crlPem: string;
  /** SHA-256 of both, lower-case hex: what was verified under one authority was verified under every one of this digest. */
  readonly digest: string;
}

/** What a host wants of its clients, on every path. */
export interface ClientAuth {
  /** Null, or not in the table: nobody can be verified, and every request is answered 503. */
  readonly authority: AuthorityId | null;
  /**
   * `required`: a valid certificate. `optional`: a valid one or none. `optional-no-ca`: whether an authority has signed it is for the
   * endpoint to judge.
   */
  readonly mode: 'required' | 'optional' | 'optional-no-ca';
  /** Certificates between the client's and the trusted one, at most. */
  readonly maxIntermediates: number;
  /** Where clients without a valid certificate are sent, or the path of the host (it begins with `/`) that they see; empty: they get a plain 400. */
  readonly errorUrl: string;
  /** The endpoint gets the certificate itself. */
  readonly passesCertificate: boolean;
  /** Regular expression (std/linear-regex) that must match somewhere in the subject; empty: any subject. */
  readonly subjectPattern: string;
  readonly source: SourceId;
}
