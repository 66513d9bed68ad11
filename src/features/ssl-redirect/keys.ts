// The annotations of ssl-redirect.
import type { AnnotationKey } from '../contract.ts';
import { goBool } from '../values.ts';

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
