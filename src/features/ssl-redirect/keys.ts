// The annotations of ssl-redirect.
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { goBool, goInt, refuseControls } from '../values.ts';

const switchOf = {
  dialect: 'nginx',
  parse: goBool,
  scope: 'route',
  onInvalid: 'default',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
} as const;

export const sslRedirectKey: AnnotationKey<boolean> = {
  ...switchOf,
  name: 'ssl-redirect',
  setting: 'ssl-redirect',
  risk: 'low',
  defaultText: '`true`',
  doc: 'Answers plain HTTP requests with 308 to the same URL with `https`, if the host has TLS. As in ingress-nginx, every host in the rules of an Ingress that has a `tls` section has TLS, whether or not the section lists it, and whatever became of the Secret; a host that no such Ingress names goes by its one-label wildcard. Rules without a host never redirect by this key. Rules whose path begins with `/.well-known/acme-challenge` are exempt.',
};

export const forceSslRedirectKey: AnnotationKey<boolean> = {
  ...switchOf,
  name: 'force-ssl-redirect',
  setting: 'force-ssl-redirect',
  risk: 'medium',
  defaultText: '`false`',
  doc: 'The same redirect whether the host has TLS or not, for example behind a load balancer that terminates TLS. Wins over `ssl-redirect: "false"`.',
};

export const preserveTrailingSlashKey: AnnotationKey<boolean> = {
  ...switchOf,
  name: 'preserve-trailing-slash',
  setting: 'preserve-trailing-slash',
  risk: 'medium',
  defaultText: '`false`',
  doc: 'Without it, one `/` at the very end of the URL (query included) is cut in the redirect: `/foo/` becomes `https://HOST/foo`.',
};

export const namesPortKey: AnnotationKey<boolean> = {
  ...switchOf,
  name: 'use-port-in-redirects',
  setting: 'use-port-in-redirects',
  risk: 'low',
  defaultText: '`false`',
  doc: 'Names the port of HTTPS in redirects to it, be it 443: `https://HOST:443/`.',
};

const ofSettings = { dialect: 'nginx', scope: 'route', risk: 'low', onInvalid: 'default' } as const;
const redirectCodes: readonly number[] = [301, 302, 307, 308];

export const redirectCodeKey: AnnotationKey<number> & { readonly setting: string } = {
  ...ofSettings,
  name: 'http-redirect-code',
  setting: 'http-redirect-code',
  parse: (text) => {
    const parsed = goInt(text);
    const isCode = 'value' in parsed && redirectCodes.includes(parsed.value);
    return isCode ? parsed : { wanted: `one of ${redirectCodes.join(', ')}` };
  },
  valueText: '`301`, `302`, `307` or `308`',
  defaultText: '`308`',
  doc: 'Status of the redirect to HTTPS.',
};

const maxLocations = 100;

export const exemptPathsKey: AnnotationKey<readonly string[]> & { readonly setting: string } = {
  ...ofSettings,
  name: 'no-tls-redirect-locations',
  setting: 'no-tls-redirect-locations',
  parse: parseLocations,
  valueText: 'paths with commas between',
  defaultText: '`/.well-known/acme-challenge`',
  doc: 'Rules whose path begins with one of these are not redirected to HTTPS.',
};

function parseLocations(text: string): ParseResult<readonly string[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const paths = text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const isWhole = paths.length <= maxLocations && paths.every((path) => path.startsWith('/'));
  return isWhole ? { value: paths } : { wanted: 'paths that begin with "/", with commas between' };
}
