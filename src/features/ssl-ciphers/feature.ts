// ssl-ciphers: which ciphers the TLS of a host takes. A decision about connections, not about requests: the translator reads the keys by
// their names when it builds the host, and no route has a policy of this feature.
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool } from '../values.ts';
import { parseCipherList } from './tls-lists.ts';

export const sslCiphersKey: AnnotationKey<string> = {
  name: 'ssl-ciphers',
  dialect: 'nginx',
  parse: parseCipherList,
  scope: 'host',
  risk: 'low',
  onInvalid: 'default',
  defaultText: 'the setting `ssl-ciphers`, else the list of this program',
  valueText: "OpenSSL's names of suites with forward secrecy and authenticated encryption, joined by `:`",
  doc: 'Ciphers for clients that name the host (SNI), which resume no sessions there. Suites of TLS 1.3 (`TLS_…`) that the list does not have are left out only if it has others of them. It counts in the namespace of the oldest Ingress with a rule for the host, as `tls` does.',
};

export const preferServerCiphersKey: AnnotationKey<boolean> = {
  name: 'ssl-prefer-server-ciphers',
  dialect: 'nginx',
  parse: goBool,
  scope: 'host',
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`true`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Whether the order of the list counts, or that of the client. It counts where `ssl-ciphers` does.',
};

export const sslCiphers: Feature = defineFeature<never>({
  name: 'ssl-ciphers',
  doc: 'Chooses the ciphers of the TLS of a host.',
  keys: [sslCiphersKey, preferServerCiphersKey],
  after: [],
  compile: () => null,
  describe: () => '',
});
