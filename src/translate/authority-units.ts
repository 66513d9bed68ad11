// One unit per Secret that an Ingress of ours names as authority over its clients: `ca.crt` and maybe `ca.crl`. No version but the present
// one counts: who takes an authority away wants its clients out.
import type { ClientAuthority } from '../model/index.ts';
import { parseClientAuthority } from './certificates.ts';
import { SecretUnits } from './secret-units.ts';
import { textOf } from './shape.ts';

export type AuthorityUnits = SecretUnits<ClientAuthority>;

export function makeAuthorityUnits(): AuthorityUnits {
  return new SecretUnits({
    read: (id, { data }) =>
      parseClientAuthority(id, { ca: textOf(data?.['ca.crt']), crl: textOf(data?.['ca.crl']) }),
    keepsLastGood: false,
    remedy: 'requests of the hosts that need it for their clients answer 503',
    lastGoodRemedy: '',
    invalidCode: 'CertificateInvalid',
    put: (draft, id, unit) => draft.authorities.set(id, unit),
  });
}
