// What a route does with plain HTTP requests, as plain data.
import type { AnnotationValues, CompileContext } from '../contract.ts';
import { readValue } from '../values.ts';
import {
  exemptPathsKey,
  forceSslRedirectKey,
  namesPortKey,
  preserveTrailingSlashKey,
  redirectCodeKey,
  sslRedirectKey,
} from './keys.ts';

export interface SslRedirectPolicy {
  /** `when-tls`: redirects if the host has TLS. `always`: redirects. */
  readonly mode: 'when-tls' | 'always';
  readonly preservesTrailingSlash: boolean;
  /** Absent: 308. */
  readonly status?: number;
  /** The port of HTTPS is in the URL. */
  readonly namesPort?: true;
}

/** Compared with the path of the rule, not of the request. */
const exemptByDefault: readonly string[] = ['/.well-known/acme-challenge'];

/** Null: never redirects. Without annotations the answer is `when-tls`. */
export function compileSslRedirect(
  values: AnnotationValues,
  context: CompileContext,
): SslRedirectPolicy | null {
  const exempt = readValue(values, exemptPathsKey) ?? exemptByDefault;
  if (exempt.some((prefix) => context.path.startsWith(prefix))) return null;
  const status = readValue(values, redirectCodeKey) ?? 308;
  const isForced = readValue(values, forceSslRedirectKey) ?? false;
  // The catch-all host has no certificate entry of its own: only force acts there.
  const isWanted = context.host !== '' && (readValue(values, sslRedirectKey) ?? true);
  if (!isForced && !isWanted) return null;
  return {
    mode: isForced ? 'always' : 'when-tls',
    preservesTrailingSlash: readValue(values, preserveTrailingSlashKey) ?? false,
    ...(status !== 308 && { status }),
    ...(readValue(values, namesPortKey) === true && { namesPort: true }),
  };
}

export function describeSslRedirect({
  mode,
  preservesTrailingSlash,
  status,
  namesPort,
}: SslRedirectPolicy): string {
  const condition = mode === 'always' ? '' : ' when the host has TLS';
  const code = status === undefined ? '' : ` with ${status}`;
  const port = namesPort === true ? ', port named' : '';
  return `redirect to https${condition}${code}${port}${preservesTrailingSlash ? ', trailing slash kept' : ''}`;
}
