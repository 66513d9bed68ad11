// client-certificates: which clients of a host need a certificate. A decision about hosts, not about routes: the translator reads the keys by
// their names when it builds the host, the data plane decides before a request meets the features of its route, and no route has a policy
// of this feature.
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import {
  authTlsSecretKey,
  errorPageKey,
  matchCnKey,
  passCertificateKey,
  verifyClientKey,
  verifyDepthKey,
} from './keys.ts';

export const clientCertificates: Feature = defineFeature<never>({
  name: 'client-certificates',
  doc: 'Asks the clients of a host for certificates and verifies them (mTLS). See the [guide](../guides/client-certificates.md).',
  keys: [authTlsSecretKey, verifyClientKey, verifyDepthKey, errorPageKey, passCertificateKey, matchCnKey],
  after: [],
  compile: () => null,
  describe: () => '',
});
