// How TLS is spoken with clients: what holds for every host unless one says otherwise.

export interface TlsSettings {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL's names joined by colons, in order of preference; empty: the proxy's own list. */
  readonly ciphers: string;
  /** Groups for the key exchange joined by colons, in order of preference; empty: OpenSSL's choice. */
  readonly groups: string;
  /** How long a session can be resumed by its ticket; 0: no tickets. */
  readonly ticketLifeSeconds: number;
  /** Value of the field Strict-Transport-Security of every response by TLS; empty: none is added, and endpoints' own pass. */
  readonly hsts: string;
  /** Who is asked for the status of certificates, which is then stapled: nobody, responders with public addresses, any. */
  readonly ocspResponders: 'none' | 'public' | 'any';
  /** Whether clients may agree on HTTP/2, or begin with it without TLS; as long as the proxy serves it at all. */
  readonly allowsHttp2: boolean;
  /** Handshakes for names of no host are refused, instead of getting the default certificate. */
  readonly refusesUnknownNames: boolean;
}

/** Protocols, tickets, HSTS and HTTP/2 of a controller without settings. */
export const defaultTlsSettings: TlsSettings = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  groups: '',
  ticketLifeSeconds: 600,
  hsts: 'max-age=31536000; includeSubDomains',
  ocspResponders: 'none',
  allowsHttp2: true,
  refusesUnknownNames: false,
};
