// source-ranges: who may come by their address: lists of networks that are refused, and lists outside of which everybody is.
import { compileTrust } from '../../wire/forwarded/index.ts';
import type { AccessVerdict, AnnotationKey, AnnotationValues, Feature, LocalResponse } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { cidrList, readValue } from '../values.ts';

export interface SourceRangesPolicy {
  /** Only these; null: all. An empty list: nobody. */
  readonly allowed: readonly string[] | null;
  /** Asked first. */
  readonly denied: readonly string[];
}

const common = {
  dialect: 'nginx',
  parse: cidrList,
  scope: 'route',
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
  valueText: 'IP addresses and networks (`10.0.0.0/8`, `2001:db8::/32`) with commas between',
} as const;

export const allowlistKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'allowlist-source-range',
  doc: 'Clients with any other address are answered 403. The address is that of the connection or of the PROXY protocol or, behind forwarders that are trusted (`use-forwarded-headers`), what they say.',
};

export const whitelistKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'whitelist-source-range',
  setting: 'whitelist-source-range',
  // Nobody.
  invalidSetting: [],
  doc: 'The older name of `allowlist-source-range`, which goes before it.',
};

export const denylistKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'denylist-source-range',
  setting: 'denylist-source-range',
  invalidSetting: ['0.0.0.0/0', '::/0'],
  doc: 'Clients with these addresses are answered 403, also those that `allowlist-source-range` lets in.',
};

function compile(values: AnnotationValues): SourceRangesPolicy | null {
  const allowed = readValue(values, allowlistKey) ?? readValue(values, whitelistKey) ?? null;
  const denied = readValue(values, denylistKey) ?? [];
  return allowed === null && denied.length === 0 ? null : { allowed, denied };
}

const refusal: LocalResponse = { status: 403, reason: 'source-range' };

function describe({ allowed, denied }: SourceRangesPolicy): string {
  const parts = [
    denied.length === 0 ? '' : `refuse clients of ${denied.join(', ')}`,
    allowed === null
      ? ''
      : `admit only clients of ${allowed.length === 0 ? 'no network' : allowed.join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

export const sourceRanges: Feature = defineFeature<SourceRangesPolicy>({
  name: 'source-ranges',
  doc: 'Admits or refuses clients by their address, after redirects and where an endpoint is there, before passwords are asked for.',
  keys: [allowlistKey, whitelistKey, denylistKey],
  after: ['ssl-redirect'],
  compile,
  prepare: ({ allowed, denied }) => {
    const isDenied = compileTrust(denied);
    const isAllowed = allowed === null ? null : compileTrust(allowed);
    return {
      access: ({ clientAddress }): AccessVerdict => {
        if (isDenied(clientAddress)) return refusal;
        if (isAllowed === null) return 'abstains';
        return isAllowed(clientAddress) ? 'granted' : refusal;
      },
    };
  },
  describe,
});
