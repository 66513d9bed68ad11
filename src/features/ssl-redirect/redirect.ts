// The redirect itself, once per plain HTTP request of a route that has the policy.
import type { LocalResponse, RequestView } from '../contract.ts';
import type { SslRedirectPolicy } from './policy.ts';

/**
 * 308, or what the settings say, to `https://HOST` and the request's path and query, or null. The host is the one by which the route was found, without port
 * (http-hardening.md, O1). A request that named no host found its route among the rules without host: there is no URL to
 * redirect it to, so it is served.
 */
export function redirectToHttps(policy: SslRedirectPolicy, request: RequestView): LocalResponse | null {
  if (request.scheme !== 'http' || request.host === '') return null;
  if (policy.mode === 'when-tls' && !request.hostHasTls) return null;
  const uri = request.path + request.query;
  const port = policy.namesPort === true ? `:${request.ports.https}` : '';
  const end = !policy.preservesTrailingSlash && uri.endsWith('/') ? uri.length - 1 : uri.length;
  return {
    status: policy.status ?? 308,
    reason: 'ssl-redirect',
    location: `https://${request.host}${port}${uri.slice(0, end)}`,
  };
}
