// ssl-passthrough: TLS connections of a host go to its endpoints as they are. A decision about connections, not about requests: the
// translator reads the keys by their names when it builds the host, and no route has a policy of this feature.
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, refuseControls } from '../values.ts';

export const sslPassthroughKey: AnnotationKey<boolean> = {
  name: 'ssl-passthrough',
  dialect: 'nginx',
  parse: goBool,
  scope: 'host',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'TLS connections whose client names a host of this Ingress (SNI) go to the Service of its path `/` as they are; whatever else the Ingress says counts for plain HTTP only. Where an Ingress of the namespace keeps clients of the host out (lists of addresses, also as settings, `auth-tls-*`, a key that makes paths answer 503), nothing is passed through, and the paths of the namespace on the host answer 503. Needs the flag `--enable-ssl-passthrough`. It counts in the namespace of the oldest Ingress with a rule for the host, as `tls` does.',
};

export const passthroughProxyProtocolKey: AnnotationKey<'v1' | 'v2'> = {
  name: 'ssl-passthrough-proxy-protocol',
  dialect: 'sallyport',
  parse: (text) => {
    if (text === 'v1' || text === 'v2') return { value: text };
    return refuseControls(text) ?? { wanted: '"v1" or "v2"' };
  },
  scope: 'host',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: 'none is sent',
  valueText: '`v1` or `v2`',
  doc: 'Besides `ssl-passthrough`: each connection to an endpoint begins with a PROXY protocol header of this version, which says who the client is.',
};

export const sslPassthrough: Feature = defineFeature<never>({
  name: 'ssl-passthrough',
  doc: 'Passes the TLS connections of a host through to its endpoints, unread.',
  keys: [sslPassthroughKey, passthroughProxyProtocolKey],
  after: [],
  compile: () => null,
  describe: () => '',
});
