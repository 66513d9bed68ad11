// limits: how often, and how many times at once, one client may ask the paths of an Ingress.
import type { AnnotationKey, AnnotationValues, ClientLimits, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { cidrList, goInt, readValue } from '../values.ts';

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`0`, which is none',
} as const;
const maxRate = 1_000_000;

/** A whole number that cannot make the arithmetic of the buckets inexact. */
function parseCount(text: string): ReturnType<typeof goInt> {
  const parsed = goInt(text);
  if ('wanted' in parsed || (parsed.value >= 0 && parsed.value <= maxRate)) return parsed;
  return { wanted: `a whole number from 0 to ${maxRate}` };
}

const countKey = { ...common, parse: parseCount, valueText: `a whole number from 0 to ${maxRate}` } as const;

export const rpsKey: AnnotationKey<number> = {
  ...countKey,
  name: 'limit-rps',
  doc: 'Requests in a second from one address to all paths of the Ingress, after a burst of this many times `limit-burst-multiplier`. What is more is answered 503 at once. A leaky bucket, as in ingress-nginx; refused requests take nothing out of it. Requests that are refused by address or password later count, too.',
};

export const rpmKey: AnnotationKey<number> = {
  ...countKey,
  name: 'limit-rpm',
  doc: 'The same for a minute. Several limits count together.',
};

export const connectionsKey: AnnotationKey<number> = {
  ...countKey,
  name: 'limit-connections',
  doc: 'Requests under way at once from one address to all paths of the Ingress; streams of HTTP/2 count one by one. What is more is answered 503.',
};

export const burstKey: AnnotationKey<number> = {
  ...countKey,
  name: 'limit-burst-multiplier',
  onInvalid: 'default',
  defaultText: '`5`',
  doc: 'The burst of `limit-rps` and `limit-rpm`, as a multiple of them. `0` counts as absent.',
};

const listKey = {
  ...common,
  isAbsentWhenBlank: true,
  parse: cidrList,
  defaultText: 'none',
  valueText: 'IP addresses and networks with commas between',
} as const;

export const allowlistKey: AnnotationKey<readonly string[]> = {
  ...listKey,
  name: 'limit-allowlist',
  doc: 'Clients whose requests are neither limited nor counted.',
};

export const whitelistKey: AnnotationKey<readonly string[]> = {
  ...listKey,
  name: 'limit-whitelist',
  doc: 'The older name of `limit-allowlist`, which goes before it.',
};

function compile(values: AnnotationValues): ClientLimits | null {
  const perSecond = readValue(values, rpsKey) ?? 0;
  const perMinute = readValue(values, rpmKey) ?? 0;
  const atOnce = readValue(values, connectionsKey) ?? 0;
  if (perSecond === 0 && perMinute === 0 && atOnce === 0) return null;
  // `||`: zero counts as absent.
  const burstMultiplier = readValue(values, burstKey) || 5;
  const exempt = readValue(values, allowlistKey) ?? readValue(values, whitelistKey) ?? [];
  return { perSecond, perMinute, atOnce, burstMultiplier, exempt };
}

export const limits: Feature = defineFeature<ClientLimits>({
  name: 'limits',
  doc: 'Limits what one client may ask, by its address. All workers of an instance count together; a client whose connections reach several instances gets as many times the limit at the most, as in ingress-nginx, unless `--limits-share` divides it among them. An address is one of IPv4, or a network of 64 bits of IPv6, whose addresses count together. An instance remembers 50,000 pairs of Ingress and client, those that a rate still holds something against; beyond them it forgets the ones that asked longest ago, who may then ask as if for the first time. They come after redirects and where an endpoint is there, before lists of addresses and passwords.',
  keys: [rpsKey, rpmKey, connectionsKey, burstKey, allowlistKey, whitelistKey],
  after: ['ssl-redirect'],
  compile,
  settings: (clientLimits) => ({ clientLimits }),
  describe: ({ perSecond, perMinute, atOnce }) =>
    [
      perSecond === 0 ? '' : `${perSecond} requests a second`,
      perMinute === 0 ? '' : `${perMinute} requests a minute`,
      atOnce === 0 ? '' : `${atOnce} requests at once`,
    ]
      .filter((part) => part !== '')
      .join(', ')
      .replace(/^/, 'allow each address '),
});
