// The settings of external authentication: a server for all Ingresses that have none of their own, and which servers may be asked.
import type { AnnotationKey } from '../contract.ts';
import {
  alwaysSetCookieKey,
  cacheDurationKey,
  cacheKeyKey,
  methodKey,
  redirectParamKey,
  requestRedirectKey,
  responseHeadersKey,
  signInKey,
  urlKey,
} from './keys.ts';
import { parseHosts } from './values.ts';

type SettingKey<T = unknown> = AnnotationKey<T> & { readonly setting: string };

/** The same value as a setting for all; only `global-auth-url` makes it count. */
function globalOf<T>(
  key: AnnotationKey<T>,
  change: Pick<Partial<AnnotationKey<T>>, 'invalidSetting'> = {},
): SettingKey<T> {
  const name = `global-${key.name}`;
  const doc = `\`${key.name}\` of the server of \`global-auth-url\`.`;
  return { ...key, ...change, name, setting: name, doc };
}

export const globalUrlKey: SettingKey<string | null> = {
  ...globalOf(urlKey, { invalidSetting: null }),
  doc: 'A server that is asked about the requests of all rules, but for Ingresses with an `auth-url` of their own or `enable-global-auth: "false"`, and for `no-auth-locations`. While the value is none, these rules are denied.',
};
export const globalMethodKey = globalOf(methodKey);
export const globalSignInKey = globalOf(signInKey);
export const globalRedirectParamKey = globalOf(redirectParamKey);
/** Without the list, clients could say who they are. */
export const globalResponseHeadersKey = globalOf(responseHeadersKey, { invalidSetting: null });
export const globalRequestRedirectKey = globalOf(requestRedirectKey);
export const globalAlwaysSetCookieKey = globalOf(alwaysSetCookieKey);
export const globalCacheKeyKey = globalOf(cacheKeyKey);
/** Nothing counts longer than it should. */
export const globalCacheDurationKey = globalOf(cacheDurationKey, { invalidSetting: [] });

export const allowedHostsKey: SettingKey<readonly string[]> = {
  name: 'auth-url-hosts',
  dialect: 'nginx',
  setting: 'auth-url-hosts',
  parse: parseHosts,
  scope: 'route',
  risk: 'high',
  onInvalid: 'default',
  // None.
  invalidSetting: [],
  defaultText: 'any',
  valueText: 'hosts with commas between; `*.` stands for any labels',
  doc: 'The hosts that `auth-url` may name; paths with another are denied. Who may write an Ingress can have the proxy send requests to whatever it names here. Not a key of ingress-nginx.',
};

export const settingKeys: readonly SettingKey[] = [
  globalUrlKey,
  globalMethodKey,
  globalSignInKey,
  globalRedirectParamKey,
  globalResponseHeadersKey,
  globalRequestRedirectKey,
  globalAlwaysSetCookieKey,
  globalCacheKeyKey,
  globalCacheDurationKey,
  allowedHostsKey,
];
