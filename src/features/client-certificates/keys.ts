// The keys auth-tls-*: client certificates of a host. Where a bad value would leave less protection than was asked for, the paths of the
// Ingress are denied.
import type { ClientAuth, ObjectKey } from '../../model/index.ts';
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import { canonicalPath } from '../../wire/http1/path.ts';
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { goBool, goInt, refuseControls } from '../values.ts';

/** Names of objects (RFC 1123 subdomains), both parts. */
const secretPattern = /^[a-z0-9][a-z0-9.-]{0,252}\/[a-z0-9][a-z0-9.-]{0,252}$/;
const urlPattern =
  /^https?:\/\/[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:[/?][A-Za-z0-9\-._~/:?&=%+,]{0,1024})?$/;
/** A path with its query, to be read again like that of a request. */
const pathPattern =
  /^\/(?!\/)[A-Za-z0-9\-._~/:@!$&'()*+,;=%]{0,1024}(?:\?[A-Za-z0-9\-._~/:@!$&'()*+,;=%?]{0,1024})?$/;
/** OpenSSL's own bound is 100. */
const maxDepth = 100;

function isPlainPath(text: string): boolean {
  if (!pathPattern.test(text)) return false;
  const [path = ''] = text.split('?', 1);
  const read = canonicalPath(path);
  return 'path' in read && read.path === path;
}

const common = { dialect: 'nginx', scope: 'host' } as const;

export const authTlsSecretKey: AnnotationKey<ObjectKey> = {
  ...common,
  name: 'auth-tls-secret',
  parse: (text) => {
    // The pattern has exactly one slash.
    if (secretPattern.test(text)) return { value: text as ObjectKey };
    return refuseControls(text) ?? { wanted: '"NAMESPACE/NAME" of a Secret' };
  },
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
  valueText:
    '`NAMESPACE/NAME` of a Secret in the namespace of the Ingress (in any, with the setting `allow-cross-namespace-resources`)',
  doc: 'Clients of the host need a certificate by one of the authorities in `ca.crt` of the Secret; one that a list in `ca.crl` revokes is refused. The keys `auth-tls-*` of the oldest Ingress with this key count, in the namespace of the oldest Ingress with a rule for the host, and for all paths of the host. While the Secret is missing or not usable, or a value of `auth-tls-secret` or `auth-tls-match-cn` that counts cannot be read, every request of the host is answered 503.',
};

export const verifyClientKey: AnnotationKey<ClientAuth['mode'] | 'off'> = {
  ...common,
  name: 'auth-tls-verify-client',
  parse: (text) => {
    if (text === 'on') return { value: 'required' };
    if (text === 'optional' || text === 'off') return { value: text };
    if (text === 'optional_no_ca') return { value: 'optional-no-ca' };
    return refuseControls(text) ?? { wanted: '"on", "off", "optional" or "optional_no_ca"' };
  },
  risk: 'medium',
  onInvalid: 'default',
  defaultText: '`on`',
  valueText: '`on`, `off`, `optional` or `optional_no_ca`',
  doc: '`on`: a request without a valid certificate is answered 400. `optional`: a request without certificate goes on, one with an invalid certificate does not. `optional_no_ca`: so does one whose certificate no known authority has signed; the endpoint judges by `ssl-client-verify`. `off`: none is asked for.',
};

export const verifyDepthKey: AnnotationKey<number> = {
  ...common,
  name: 'auth-tls-verify-depth',
  parse: (text) => {
    const parsed = goInt(text);
    if ('value' in parsed && parsed.value >= 0 && parsed.value <= maxDepth) return parsed;
    return { wanted: `a whole number from "0" to "${maxDepth}"` };
  },
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`1`',
  valueText: `a whole number from 0 to ${maxDepth}`,
  doc: 'Largest number of certificates between that of the client and the trusted one.',
};

export const errorPageKey: AnnotationKey<string> = {
  ...common,
  name: 'auth-tls-error-page',
  parse: (text) => {
    if (urlPattern.test(text) || isPlainPath(text)) return { value: text };
    return (
      refuseControls(text) ?? {
        wanted: 'a URL that begins with "http://" or "https://", or a path of the host',
      }
    );
  },
  risk: 'high',
  onInvalid: 'default',
  defaultText: 'none',
  valueText: 'a URL with `http` or `https`, or a path of the host',
  doc: 'Instead of a 400, clients without a valid certificate are sent to the URL with 302, or see what the rules of the host serve under the path, with `ssl-client-verify` as it is; nothing else of the host. The path answers requests of GET and HEAD without a body, others get 400. Named locations, which ingress-nginx takes too, are not supported.',
};

export const passCertificateKey: AnnotationKey<boolean> = {
  ...common,
  name: 'auth-tls-pass-certificate-to-upstream',
  parse: goBool,
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Whether the endpoint gets the certificate, URL-encoded PEM, in the field `ssl-client-cert`. The fields `ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn` are sent anyway. Fields of these names that clients send never reach an endpoint.',
};

export const matchCnKey: AnnotationKey<string> = {
  ...common,
  name: 'auth-tls-match-cn',
  parse: parseSubjectPattern,
  risk: 'high',
  onInvalid: 'deny',
  defaultText: 'none',
  valueText: '`CN=` and a regular expression, without backreferences and lookarounds',
  doc: 'The expression must match the subject of the certificate, as RFC 2253 writes it, from the start of a common name (`CN=`) on; it need not reach its end. Else the answer is 403, for plain HTTP and where there is no certificate too. Without `auth-tls-secret` nobody can be verified, and every request of the host is answered 503.',
};

function parseSubjectPattern(text: string): ParseResult<string> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  if (!text.startsWith('CN=') || text === 'CN=') return { wanted: '"CN=" and a regular expression' };
  const compiled = compileLinearRegex(text, { ignoreCase: false });
  return compiled.ok
    ? { value: text }
    : { wanted: `a regular expression that can be matched in linear time, but ${compiled.message}` };
}
