// acme: an Ingress asks for certificates of an ACME server. The controller reads the annotation from the object itself; it is declared
// here so that it is known, checked and documented like any other. No route is touched by it.
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';

export const acme: Feature = defineFeature<never>({
  name: 'acme',
  doc: 'Orders certificates for the hosts of the `tls` entries, into the Secrets that these name. Needs `--acme-agree-tos`; see the [guide](../guides/automatic-certificates.md).',
  keys: [
    {
      name: 'acme',
      dialect: 'sallyport',
      parse: (text) =>
        text === 'true' || text === 'false' ? { value: text === 'true' } : { wanted: '"true" or "false"' },
      scope: 'route',
      risk: 'low',
      onInvalid: 'default',
      defaultText: '`false`',
      valueText: '`true` or `false`',
      doc: "Orders a certificate for each `tls` entry that lists hosts and names a Secret, keeps it in that Secret, and renews it. `kubernetes.io/tls-acme`, cert-manager's spelling, does the same.",
    },
  ],
  after: [],
  compile: () => null,
  describe: () => '',
});
