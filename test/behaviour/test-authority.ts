// Certificate authorities for tests of client certificates: roots, intermediates, certificates of clients, lists of revoked ones.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { ClientAuth, ClientAuthority } from '../../src/model/index.ts';
import {
  basicConstraints,
  derTags,
  type DistinguishedName,
  encodeDer,
  encodeObjectId,
  encodeTime,
  extendedKeyUsage,
  keyUsage,
  renderCertificate,
  renderPem,
  renderToBeSigned,
} from '../../src/std/der/index.ts';

const dayMs = 86_400_000;

export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly serial: Buffer;
}

export interface IssueOptions {
  readonly organizations?: readonly string[];
  readonly usage?: 'serverAuth' | 'clientAuth' | 'ocspSigning';
  readonly notAfter?: Date;
  /** Whom to ask for the status of the certificate. */
  readonly ocspUrl?: string;
}

export class TestAuthority {
  readonly pem: string;
  readonly #name: DistinguishedName;
  readonly #key: KeyObject;

  /** `issuer` null: a root. `key`: of another authority, for forgers. */
  constructor(commonName: string, issuer: TestAuthority | null = null) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = { commonName };
    this.#key = privateKey;
    const signer = issuer ?? this;
    this.pem = signer.#sign(
      this.#name,
      publicKey,
      [anyDepth(), keyUsage(true)],
      new Date(Date.now() + dayMs),
    ).pem;
  }

  issue(
    commonName: string,
    { organizations = [], usage = 'clientAuth', notAfter, ocspUrl }: IssueOptions = {},
  ): Identity {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const extensions = [
      basicConstraints(false),
      keyUsage(false),
      usage === 'ocspSigning' ? ocspSigning() : extendedKeyUsage(usage),
    ];
    if (ocspUrl !== undefined) extensions.push(authorityInfo(ocspUrl));
    const end = notAfter ?? new Date(Date.now() + dayMs);
    const { pem, serial } = this.#sign({ commonName, organizations }, publicKey, extensions, end);
    return { cert: pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }), serial };
  }

  get keyPem(): string {
    return this.#key.export({ type: 'pkcs8', format: 'pem' });
  }

  /** PEM. */
  revoke(...identities: readonly Identity[]): string {
    const now = encodeTime(new Date(Date.now() - dayMs / 2));
    const revoked = identities.map(({ serial }) =>
      encodeDer(derTags.sequence, encodeDer(derTags.integer, serial), now),
    );
    const algorithm = encodeDer(derTags.sequence, encodeObjectId('1.2.840.10045.4.3.2'));
    const toBeSigned = encodeDer(
      derTags.sequence,
      encodeDer(derTags.integer, Buffer.from([1])),
      algorithm,
      nameOf(this.#name),
      now,
      encodeTime(new Date(Date.now() + dayMs)),
      ...(revoked.length === 0 ? [] : [encodeDer(derTags.sequence, ...revoked)]),
    );
    const signature = encodeDer(derTags.bitString, Buffer.from([0]), sign('sha256', toBeSigned, this.#key));
    return renderPem('X509 CRL', encodeDer(derTags.sequence, toBeSigned, algorithm, signature));
  }

  #sign(
    subject: DistinguishedName,
    publicKey: KeyObject,
    extensions: readonly Buffer[],
    notAfter: Date,
  ): { readonly pem: string; readonly serial: Buffer } {
    const serial = randomBytes(16);
    serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
    const toBeSigned = renderToBeSigned({
      serial,
      issuer: this.#name,
      subject,
      notBefore: new Date(Date.now() - 2 * dayMs),
      notAfter,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      extensions,
    });
    const pem = renderPem(
      'CERTIFICATE',
      renderCertificate(toBeSigned, sign('sha256', toBeSigned, this.#key)),
    );
    return { pem, serial };
  }
}

function ocspSigning(): Buffer {
  const value = encodeDer(derTags.sequence, encodeObjectId('1.3.6.1.5.5.7.3.9'));
  return encodeDer(derTags.sequence, encodeObjectId('2.5.29.37'), encodeDer(derTags.octetString, value));
}

/** authorityInfoAccess with a responder. */
function authorityInfo(url: string): Buffer {
  const uriTag = 0x86; // GeneralName, context-specific 6
  const access = encodeDer(
    derTags.sequence,
    encodeObjectId('1.3.6.1.5.5.7.48.1'),
    encodeDer(uriTag, Buffer.from(url)),
  );
  const value = encodeDer(derTags.octetString, encodeDer(derTags.sequence, access));
  return encodeDer(derTags.sequence, encodeObjectId('1.3.6.1.5.5.7.1.1'), value);
}

/** basicConstraints of an authority without a bound on the chain below it; critical. */
function anyDepth(): Buffer {
  const yes = encodeDer(derTags.boolean, Buffer.from([0xff]));
  const value = encodeDer(derTags.octetString, encodeDer(derTags.sequence, yes));
  return encodeDer(derTags.sequence, encodeObjectId('2.5.29.19'), yes, value);
}

function nameOf({ commonName }: DistinguishedName): Buffer {
  const attribute = [encodeObjectId('2.5.4.3'), encodeDer(derTags.utf8, Buffer.from(commonName))];
  return encodeDer(derTags.sequence, encodeDer(derTags.set, encodeDer(derTags.sequence, ...attribute)));
}

/** A unit of the table. */
export function makeAuthorityUnit(id: ClientAuthority['id'], caPem: string, crlPem = ''): ClientAuthority {
  const digest = createHash('sha256').update(`${caPem}${crlPem}`).digest('hex');
  return { id, caPem, crlPem, digest };
}

/** What a host wants of its clients: a valid certificate, unless told otherwise. */
export function makeClientAuth(
  authority: ClientAuth['authority'],
  part: Partial<ClientAuth> = {},
): ClientAuth {
  return {
    authority,
    mode: 'required',
    maxIntermediates: 1,
    errorUrl: '',
    passesCertificate: false,
    subjectPattern: '',
    source: 'test',
    ...part,
  };
}
