// service-upstream: requests go to the Service's own address. Acts in the translator, which chooses the upstream; a request sees nothing of it.
import type { AnnotationKey, AnnotationValues, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue } from '../values.ts';

const serviceUpstreamKey: AnnotationKey<boolean> = {
  name: 'service-upstream',
  setting: 'service-upstream',
  dialect: 'nginx',
  parse: goBool,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: "Sends requests to the clusterIP and port of the Service instead of its endpoints; the cluster's network spreads the connections. Balancing, sessions and the health of endpoints have one endpoint then. Headless Services keep their endpoints. In ingress-nginx the first Ingress decides for a Service that several share; here each decides for its own paths.",
};

/** Whether the paths of an Ingress go to the Service's own address. */
export function wantsServiceAddress(values: AnnotationValues): boolean {
  return readValue(values, serviceUpstreamKey) ?? false;
}

export const serviceUpstream: Feature = defineFeature<never>({
  name: 'service-upstream',
  doc: 'Reaches a Service by its own address.',
  keys: [serviceUpstreamKey],
  after: ['affinity'],
  compile: () => null,
  describe: () => '',
});
