// host-names: further names of the hosts of an Ingress: aliases, and the twin with or without `www.` that is sent to the host itself. The
// translator makes the hosts; of a request only the redirect is seen.
import type { AnnotationKey, AnnotationValues, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue, refuseControls } from '../values.ts';

/** Of the host that is sent away. */
export interface HostNamesPolicy {
  readonly redirectTo: string;
}

export interface HostAliases {
  /** Lower case, without duplicates. */
  readonly names: readonly string[];
  /** Regular expressions, which are not supported. */
  readonly patterns: readonly string[];
}

const maxNames = 100;
const hostName =
  /^(?=.{1,253}$)(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const wanted = `up to ${maxNames} names of hosts with commas between`;

function parseAliases(text: string): ParseResult<HostAliases> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const patterns = parts.filter((part) => part.startsWith('~'));
  const names = [...new Set(parts.filter((part) => !part.startsWith('~')).map((part) => part.toLowerCase()))];
  if (parts.length > maxNames || !names.every((name) => hostName.test(name))) return { wanted };
  return { value: { names, patterns } };
}

export const serverAliasKey: AnnotationKey<HostAliases> = {
  name: 'server-alias',
  dialect: 'nginx',
  parse: parseAliases,
  scope: 'route',
  risk: 'high',
  onInvalid: 'reject',
  defaultText: 'none',
  valueText: `${wanted}; \`*.\` before a name stands for one label`,
  doc: 'Further names under which the first host of the rules is served, with the paths of all its Ingresses. A name that is the host of a rule is that host; of several Ingresses with a name the oldest has it; an Ingress outside of the namespace that owns the host gives it no name. TLS is had by the names that the certificate of an entry of `tls` covers. Regular expressions (`~…`) are not supported and left out.',
};

export const wwwRedirectKey: AnnotationKey<boolean> = {
  name: 'from-to-www-redirect',
  dialect: 'nginx',
  parse: goBool,
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Requests for the host of a rule with `www.` before it, or without the `www.` that it has, get 308 to the host itself, with the port and without one `/` at the very end of the URL. A name that is the host of a rule stays that; an Ingress outside of the namespace that owns the host redirects nobody.',
};

export function readAliases(values: AnnotationValues): HostAliases | null {
  return readValue(values, serverAliasKey) ?? null;
}

export function wantsWwwRedirect(values: AnnotationValues): boolean {
  return readValue(values, wwwRedirectKey) ?? false;
}

/** The policies of a host whose requests are sent to another. */
export function redirectPolicies(redirectTo: string): Readonly<Record<string, unknown>> {
  return { [name]: { redirectTo } satisfies HostNamesPolicy };
}

const name = 'host-names';

export const hostNames: Feature = defineFeature<HostNamesPolicy>({
  name,
  doc: 'Gives hosts further names.',
  keys: [serverAliasKey, wwwRedirectKey],
  after: [],
  compile: () => null,
  prepare: ({ redirectTo }) => ({
    admit: ({ scheme, ports, path, query }) => {
      const uri = path + query;
      const location = `${scheme}://${redirectTo}:${ports.own}${uri.endsWith('/') ? uri.slice(0, -1) : uri}`;
      return { status: 308, reason: 'www-redirect', location };
    },
  }),
  describe: ({ redirectTo }) => `redirect to "${redirectTo}"`,
});
