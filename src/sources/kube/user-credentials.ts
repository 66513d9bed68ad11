// UserCredentials: a bearer token, a user name with password, a client certificate, each fixed or in a file that may change.
import type { Credential, Credentials } from './cluster-connection.ts';
import type { TextFile } from './text-file.ts';

export interface UserCredentialParts {
  readonly token: TextFile | null;
  readonly basic: { readonly username: string; readonly password: string } | null;
  readonly certificate: { readonly chain: TextFile; readonly key: TextFile } | null;
}

export class UserCredentials implements Credentials {
  readonly #parts: UserCredentialParts;

  constructor(parts: UserCredentialParts) {
    this.#parts = parts;
  }

  async current(): Promise<Credential> {
    return this.#gather((text) => text.read());
  }

  async renew(refused: Credential): Promise<Credential | null> {
    const renewed = this.#gather((text) => text.reread());
    return isSame(renewed, refused) ? null : renewed;
  }

  #gather(read: (text: TextFile) => string): Credential {
    const { token, basic, certificate } = this.#parts;
    return {
      authorization: token === null ? renderBasic(basic) : `Bearer ${read(token)}`,
      certificate:
        certificate === null ? null : { chain: read(certificate.chain), key: read(certificate.key) },
    };
  }
}

function renderBasic(basic: UserCredentialParts['basic']): string | null {
  if (basic === null) return null;
  return `Basic ${Buffer.from(`${basic.username}:${basic.password}`, 'utf8').toString('base64')}`;
}

export function isSame(a: Credential, b: Credential): boolean {
  return (
    a.authorization === b.authorization &&
    a.certificate?.chain === b.certificate?.chain &&
    a.certificate?.key === b.certificate?.key
  );
}
