// ingress-nginx's annotations about who may come, and how often.
import { accepted, type DialectEntry, differs, refused, same } from './entry.ts';

const counting =
  'The addresses of an IPv6 network of 64 bits are one client. A bounded number of clients is remembered, see [limits](#limits).';
const opensInNginx = 'A bad value denies; in ingress-nginx it serves the paths without authentication.';

export const accessEntries: readonly DialectEntry[] = [
  same('allowlist-source-range', '10.0.0.0/8, 2001:db8::/32'),
  same('whitelist-source-range', '10.0.0.0/8'),
  same('denylist-source-range', '192.0.2.0/24'),
  differs('limit-rps', '10', counting),
  differs('limit-rpm', '300', counting),
  differs('limit-connections', '8', counting),
  differs('limit-burst-multiplier', '3', '`0` and less count as absent, where nginx does not take them.'),
  same('limit-allowlist', '10.0.0.0/8'),
  same('limit-whitelist', '10.0.0.0/8'),
  differs(
    'auth-type',
    'basic',
    'Anything but `basic` and `digest` is refused; in ingress-nginx any text that contains one of them counts. Digest takes SHA-256, too.',
  ),
  differs(
    'auth-secret',
    'shop/users',
    'Hashes of DES crypt, and costs beyond a bound, are not taken; the Secret is bounded.',
  ),
  same('auth-secret-type', 'auth-map'),
  same('auth-realm', 'Staff only'),
  same('satisfy', 'any'),
  differs(
    'auth-url',
    'https://auth.example.com/check',
    'The certificate of the server is verified unless `sallyport.dev/auth-url-verify` is `false`. A blank value, and variables that are not on the list, deny.',
  ),
  differs(
    'auth-signin',
    'https://auth.example.com/start',
    'Clients of gRPC are not redirected, and neither is a 401 of the endpoint.',
  ),
  same('auth-signin-redirect-param', 'origin'),
  differs('auth-method', 'POST', '`CONNECT` and `TRACE` deny.'),
  differs(
    'auth-response-headers',
    'X-User, X-Groups',
    'Fields that frame a message deny. Those that the client sent under the same names never pass, in whatever spelling.',
  ),
  differs('auth-request-redirect', '/welcome', opensInNginx),
  differs('auth-always-set-cookie', 'true', opensInNginx),
  differs(
    'auth-proxy-set-headers',
    'shop/auth-fields',
    'Always a ConfigMap of the namespace. Fields that frame a message deny.',
  ),
  differs(
    'auth-cache-key',
    '$remote_user$http_authorization',
    'Variables of a closed list. Answers with cookies, or that say that they are for one request, are not remembered.',
  ),
  differs('auth-cache-duration', '200 202 401 5m', `${opensInNginx} \`max-age\` of an answer shortens it.`),
  differs(
    'auth-keepalive',
    '16',
    'Without it connections to the server are kept as those to endpoints are; in ingress-nginx they are not, nor with HTTP/2 of clients.',
  ),
  same('auth-keepalive-requests', '500'),
  same('auth-keepalive-timeout', '30'),
  accepted('auth-keepalive-share-vars', 'true', 'There are no variables of nginx to share.'),
  refused(
    'auth-snippet',
    'proxy_set_header X-Foo bar;',
    'Text of a configuration of nginx has no meaning here. Use `auth-proxy-set-headers`.',
  ),
  same('enable-global-auth', 'false'),
  differs(
    'auth-tls-secret',
    'shop/authorities',
    'While the Secret is missing or not usable the host answers 503, not 403. A blank value denies, where ingress-nginx asks for no certificate.',
  ),
  same('auth-tls-verify-client', 'optional'),
  same('auth-tls-verify-depth', '2'),
  differs(
    'auth-tls-error-page',
    'https://example.com/certificates',
    'Named locations are refused. A bad value counts as absent: clients without a certificate get the 400.',
  ),
  differs('auth-tls-pass-certificate-to-upstream', 'true', 'A bad value counts as absent.'),
  differs(
    'auth-tls-match-cn',
    'CN=(web|app)',
    'Lookarounds and backreferences deny. Without `auth-tls-secret` every request of the host is answered 503.',
  ),
  differs(
    'ssl-ciphers',
    'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
    'Only suites with forward secrecy and authenticated encryption, by their names; with anything else the list of the settings counts. It counts in the namespace that has the host.',
  ),
  differs('ssl-prefer-server-ciphers', 'false', 'Counts where `ssl-ciphers` does.'),
];
