// What a route does with plain HTTP requests, as plain data.
import type { AnnotationValues, CompileContext } from '../contract.ts';
import { readValue } from '../values.ts';
import { forceSslRedirectKey, preserveTrailingSlashKey, sslRedirectKey } from './keys.ts';

export interface SslRedirectPolicy {
  /** `when-tls`: redirects if the host has TLS. `always`: redirects. */
  readonly mode: 'when-tls' | 'always';
  readonly preservesTrailingSlash: boolean;
}

/** ingress-nginx's `no-tls-redirect-locations`; compared with the path of the rule, not of the request. */
const exemptPathPrefix = '/.well-known/acme-challenge';

/** Null: never redirects. Without annotations the answer is `when-tls`. */
export function compileSslRedirect(
  values: AnnotationValues,
  context: CompileContext,
): SslRedirectPolicy | null {
  if (context.path.startsWith(exemptPathPrefix)) return null;
  const isForced = readValue(values, forceSslRedirectKey) ?? false;
  // The catch-all host has no certificate entry of its own: only force acts there.
  const isWanted = context.host !== '' && (readValue(values, sslRedirectKey) ?? true);
  if (!isForced && !isWanted) return null;
  return {
    mode: isForced ? 'always' : 'when-tls',
    preservesTrailingSlash: readValue(values, preserveTrailingSlashKey) ?? false,
  };
}

export function describeSslRedirect({ mode, preservesTrailingSlash }: SslRedirectPolicy): string {
  const condition = mode === 'always' ? '' : ' when the host has TLS';
  return `redirect to https${condition}${preservesTrailingSlash ? ', trailing slash kept' : ''}`;
}
