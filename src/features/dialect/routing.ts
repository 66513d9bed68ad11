// ingress-nginx's annotations that choose hosts, paths and redirects.
import { type DialectEntry, differs, same } from './entry.ts';

export const routingEntries: readonly DialectEntry[] = [
  differs(
    'ssl-redirect',
    'false',
    'The location has the host that the request itself names, never that of a trusted `X-Forwarded-Host`, and the path in its canonical spelling.',
  ),
  differs('force-ssl-redirect', 'true', 'The location is that of `ssl-redirect`.'),
  same('preserve-trailing-slash', 'true'),
  differs(
    'use-port-in-redirects',
    'true',
    'The port is that of `--public-https-port`. Acts on redirects to HTTPS.',
  ),
  differs(
    'app-root',
    '/app',
    'Acts where a path of the Ingress takes `/`; in ingress-nginx without one, too. The scheme is that which a trusted forwarder tells.',
  ),
  differs(
    'rewrite-target',
    '/$2',
    'Captures come from paths that look like a regular expression, matched from their start and in linear time; the result always begins with exactly one `/`. A `$` that is no capture is refused, and so is a capture in the host of an absolute URL.',
  ),
  differs(
    'use-regex',
    'true',
    'Acts on the paths of its own Ingress; on those of its namespace on the host with the quirk `host-wide-regex`, and never on those of others. `Exact` stays exact. Lookarounds, backreferences, possessive and atomic groups are refused.',
  ),
  differs('x-forwarded-prefix', '/shop', 'A `$` that is no capture is refused.'),
  differs(
    'permanent-redirect',
    'https://shop.example.com/moved',
    'Wanted is an `http` or `https` URL or a path; anything else is refused, where ingress-nginx overlooks some of it. A path is put behind scheme and host, without the port.',
  ),
  same('permanent-redirect-code', '308'),
  differs(
    'temporal-redirect',
    'https://shop.example.com/closed',
    'A value that is no `http` or `https` URL is refused; in ingress-nginx a path takes all redirects away.',
  ),
  same('temporal-redirect-code', '307'),
  differs(
    'relative-redirects',
    'true',
    'Acts on `permanent-redirect` only; redirects to a path with a slash name scheme and host.',
  ),
  differs(
    'from-to-www-redirect',
    'true',
    'Only Ingresses of the namespace that owns the host redirect its twin.',
  ),
  differs(
    'server-alias',
    'www.example.com',
    'Names of hosts, not regular expressions, and only by Ingresses of the namespace that owns the host.',
  ),
  differs(
    'ssl-passthrough',
    'true',
    'TLS goes to the endpoints, not to the address of the Service. Where annotations keep clients out, nothing is passed through and the paths answer 503.',
  ),
  differs(
    'default-backend',
    'errors',
    'Limits, addresses and passwords count before it stands in for a Service without endpoints. Without endpoints of its own it counts as absent for error pages.',
  ),
  differs(
    'custom-http-errors',
    '404,503',
    'The default backend gets no body of the request. Errors of gRPC, and answers to requests that cannot be read (400, 408), stay as they are.',
  ),
  same('disable-proxy-intercept-errors', 'true'),
  differs(
    'canary',
    'true',
    'Takes requests of the main Ingress of its own namespace only. A second attempt stays on its side.',
  ),
  same('canary-by-header', 'X-Canary'),
  same('canary-by-header-value', 'DoCanary'),
  differs(
    'canary-by-header-pattern',
    '^Do[A-Z][a-z]+y$',
    'Lookarounds, backreferences, possessive and atomic groups are refused: then requests with the field go to the main Service, as with an expression that is none.',
  ),
  same('canary-by-cookie', 'canary'),
  same('canary-weight', '10'),
  same('canary-weight-total', '1000'),
  differs(
    'affinity-canary-behavior',
    'legacy',
    'With `legacy`, too, a client with a session of the main Service stays there.',
  ),
];
