// ingress-nginx's annotations about endpoints: which one, by what protocol, how long, and how often again.
import { accepted, type DialectEntry, differs, same } from './entry.ts';

const ofAnyProtocol =
  'Acts without `proxy-ssl-secret`, too, and on the paths of its own Ingress only. A bad value denies.';
const seconds = '`0` and less count as absent, where nginx fails every request or does not start.';

export const endpointEntries: readonly DialectEntry[] = [
  differs(
    'backend-protocol',
    'GRPC',
    'Without it the `appProtocol` of the port of the Service decides. All spellings act alike. With `FCGI` a body of unknown length is refused, where nginx waits for its end.',
  ),
  same('fastcgi-index', 'index.php'),
  differs(
    'fastcgi-params-configmap',
    'shop/params',
    'A ConfigMap that is missing, of another namespace, or has a parameter that cannot be sent answers 503, where ingress-nginx asks without its parameters. Its parameters replace those of the same names. Variables are those of requests, `$fastcgi_script_name`, `$document_root` and `$document_uri`.',
  ),
  differs(
    'service-upstream',
    'true',
    'Each Ingress decides for its own paths; in ingress-nginx the first one decides for a Service that several share.',
  ),
  differs(
    'upstream-vhost',
    'internal.example.com',
    'Variables are refused, and so is what is no host name with a port or without.',
  ),
  differs(
    'connection-proxy-header',
    'keep-alive',
    'Requests that ask for a WebSocket and those over HTTP/2 are left alone.',
  ),
  differs('proxy-connect-timeout', '10', seconds),
  differs('proxy-send-timeout', '120', seconds),
  differs('proxy-read-timeout', '120', seconds),
  differs(
    'proxy-next-upstream',
    'error timeout http_503',
    'Without it `timeout` is meant for connecting only. An endpoint is tried once in a request, where nginx may come back to it.',
  ),
  differs('proxy-next-upstream-tries', '2', '`0` means as many as there are endpoints.'),
  same('proxy-next-upstream-timeout', '30'),
  accepted(
    'proxy-request-buffering',
    'off',
    'Bodies are passed on as they come, as with `off`; with `on` nginx waits for the whole body and sends it with a `Content-Length`.',
  ),
  accepted(
    'proxy-buffering',
    'on',
    'Responses are passed on as they come, as with `off`, the default of both.',
  ),
  differs(
    'proxy-buffer-size',
    '16k',
    'Without it the flag `--max-response-head` decides (32 KiB, not 4), and more than the flag allows counts as the flag.',
  ),
  accepted('proxy-buffers-number', '8', 'The flag `--buffer-size` bounds what is kept of a response.'),
  accepted('proxy-busy-buffers-size', '16k', 'The flag `--buffer-size` bounds what is kept of a response.'),
  accepted('proxy-max-temp-file-size', '0', 'Nothing is kept in files.'),
  differs(
    'proxy-http-version',
    '1.0',
    'With `1.0` endpoints get HTTP/1.1 with `Connection: close`; those that speak HTTP/1.0 are understood.',
  ),
  accepted('client-body-buffer-size', '16k', 'Bodies are passed on as they come.'),
  differs('proxy-ssl-secret', 'shop/client', 'Acts on the paths of its own Ingress only.'),
  differs('proxy-ssl-verify', 'on', ofAnyProtocol),
  differs('proxy-ssl-verify-depth', '2', ofAnyProtocol),
  differs(
    'proxy-ssl-name',
    'api.example.com',
    `${ofAnyProtocol} Without it the name is \`SERVICE.NAMESPACE.svc\`.`,
  ),
  differs(
    'proxy-ssl-server-name',
    'on',
    'Acts without `proxy-ssl-secret`, too. A bad value counts as absent.',
  ),
  differs(
    'proxy-ssl-ciphers',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    `${ofAnyProtocol} \`@\` is refused: a tenant does not lower the security level.`,
  ),
  differs(
    'proxy-ssl-protocols',
    'TLSv1.3',
    `${ofAnyProtocol} Without it both versions are offered; versions below 1.2 never are.`,
  ),
  differs(
    'load-balance',
    'ewma',
    '`chash`, `chashsubset`, `sticky_balanced` and `sticky_persistent` are refused: they are names of the inside of ingress-nginx. `least_request` is known, too.',
  ),
  differs(
    'upstream-hash-by',
    '$request_uri',
    'Variables of a closed list, at least one of them; `$request_uri` is the path in its canonical spelling with the query.',
  ),
  differs(
    'upstream-hash-by-subset',
    'true',
    'Each key has a subset of its own, and of two endpoints of it the one with less to do answers; in ingress-nginx the endpoints are cut into fixed subsets.',
  ),
  differs('upstream-hash-by-subset-size', '5', 'From 1 to 1000.'),
  differs(
    'affinity',
    'cookie',
    'Each Ingress decides for its own paths; in ingress-nginx those that share a Service share it. The value of the cookie has another form.',
  ),
  same('affinity-mode', 'persistent'),
  differs(
    'session-cookie-name',
    'SERVERID',
    '`/` and `:` are refused: they have no place in the name of a cookie.',
  ),
  differs(
    'session-cookie-path',
    '/app',
    'Wanted is a path. Without it the cookies of a regular expression are for `/`, where ingress-nginx writes the expression.',
  ),
  differs('session-cookie-domain', 'example.com', '`/`, `:` and `~` are refused: no domain has them.'),
  differs('session-cookie-expires', '172800', 'Negative numbers count as absent.'),
  differs('session-cookie-max-age', '172800', 'Negative numbers count as absent.'),
  same('session-cookie-samesite', 'Lax'),
  same('session-cookie-secure', 'true'),
  same('session-cookie-change-on-failure', 'true'),
  same('session-cookie-conditional-samesite-none', 'true'),
];
