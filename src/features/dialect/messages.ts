// ingress-nginx's annotations about what requests and responses hold, and what is told of them.
import { accepted, type DialectEntry, differs, refused, same } from './entry.ts';

export const messageEntries: readonly DialectEntry[] = [
  same('proxy-body-size', '8m'),
  differs(
    'limit-rate',
    '512',
    'Heads do not count, nor do answers that no endpoint gave. Needs no `proxy-buffering`: the endpoint is held back.',
  ),
  differs('limit-rate-after', '1024', 'Heads do not count.'),
  differs(
    'proxy-redirect-from',
    'http://internal.example.com/',
    '`default` counts as `off`. `Refresh` is left alone.',
  ),
  differs('proxy-redirect-to', 'https://shop.example.com/', '`Refresh` is left alone.'),
  same('proxy-cookie-domain', 'internal.example.com shop.example.com'),
  differs('proxy-cookie-path', '/one/ /', '`, ? & =` are refused.'),
  differs(
    'custom-headers',
    'shop/fields',
    'The ConfigMap is of the namespace of the Ingress. A name that is none denies, too.',
  ),
  accepted(
    'http2-push-preload',
    'true',
    'Browsers take no pushes any more; `Link` passes. So it is in ingress-nginx.',
  ),
  same('enable-cors', 'true'),
  differs(
    'cors-allow-origin',
    'https://*.example.com, https://shop.example.com:8443',
    'Origins are compared as a whole. A value that is no list lets no origin in; in ingress-nginx it lets all in.',
  ),
  same('cors-allow-methods', 'GET, PUT'),
  same('cors-allow-headers', 'Authorization, X-Requested-With'),
  same('cors-allow-credentials', 'false'),
  same('cors-expose-headers', 'X-Total, X-Page'),
  same('cors-max-age', '600'),
  differs(
    'mirror-target',
    'https://mirror.example.com$request_uri',
    'A mirror never delays a request; what is too large or too much is not copied. Variables of a closed list, and a certificate that is verified unless `sallyport.dev/mirror-verify` is `off`.',
  ),
  same('mirror-request-body', 'off'),
  differs('mirror-host', 'mirror.example.com', 'Variables of a closed list.'),
  same('enable-access-log', 'false'),
  accepted('enable-rewrite-log', 'true', '`sallyport explain` tells what becomes of a path.'),
  differs(
    'enable-opentelemetry',
    'true',
    'Spans are exported by OTLP over HTTP with JSON (port 4318), not by gRPC, and have the attributes of the stable conventions ([tracing](../guides/tracing.md)).',
  ),
  same('opentelemetry-trust-incoming-span', 'false'),
  differs(
    'opentelemetry-operation-name',
    'shop',
    'Without it a span is called by method and path of the rule.',
  ),
  refused(
    'configuration-snippet',
    'more_set_headers "X-Foo: bar";',
    'Text of a configuration of nginx has no meaning here, and whoever may write it could read every Secret. A problem says of each directive [what replaces it](../guides/snippets.md).',
  ),
  refused('server-snippet', 'return 403;', 'As `configuration-snippet`.'),
  refused(
    'stream-snippet',
    'server { listen 9000; }',
    'As `configuration-snippet`; TCP services have a ConfigMap.',
  ),
  refused(
    'modsecurity-snippet',
    'SecRuleEngine On',
    'There is no application firewall here. What asks for one is not served open: the paths answer 503.',
  ),
  refused('enable-modsecurity', 'true', 'As `modsecurity-snippet`.'),
  refused('enable-owasp-core-rules', 'true', 'As `modsecurity-snippet`.'),
  refused(
    'modsecurity-transaction-id',
    '$request_id',
    'As `enable-modsecurity`, without which it has no effect.',
  ),
];
