// One unit per Secret that an Ingress of ours names for TLS to its upstreams. The last good version of a Secret stays in force, like in
// certificate-units.ts: a broken renewal takes no upstream down.
import type { ClientTls } from '../model/index.ts';
import { clientTlsDataOf, parseClientTls } from './client-tls.ts';
import { SecretUnits } from './secret-units.ts';

export type ClientTlsUnits = SecretUnits<ClientTls>;

export function makeClientTlsUnits(): ClientTlsUnits {
  return new SecretUnits({
    read: (id, secret) => parseClientTls(id, clientTlsDataOf(secret)),
    keepsLastGood: true,
    remedy: 'requests that need it for their upstream answer 503',
    lastGoodRemedy: 'its last good version is used for the upstream',
    invalidCode: 'CertificateInvalid',
    put: (draft, id, unit) => draft.clientTls.set(id, unit),
  });
}
