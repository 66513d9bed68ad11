// The table of ingress-nginx's annotations: whole, and true to what the features declare.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AnnotationIssue, AnnotationKey, Feature } from '../contract.ts';
import { features } from '../index.ts';
import { sampleContext } from '../sample-context.fixture.ts';
import { dialectEntries } from './entries.ts';

/** All annotations of ingress-nginx 1.15, aliases included, in the order of its documentation. */
const ofIngressNginx = `
  ssl-redirect force-ssl-redirect preserve-trailing-slash use-port-in-redirects app-root rewrite-target use-regex
  x-forwarded-prefix permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code
  from-to-www-redirect relative-redirects
  server-alias backend-protocol service-upstream upstream-vhost default-backend custom-http-errors
  disable-proxy-intercept-errors fastcgi-index fastcgi-params-configmap ssl-passthrough
  proxy-body-size client-body-buffer-size proxy-connect-timeout proxy-send-timeout proxy-read-timeout
  proxy-request-buffering proxy-buffering proxy-buffer-size proxy-buffers-number proxy-busy-buffers-size
  proxy-max-temp-file-size proxy-http-version proxy-next-upstream proxy-next-upstream-tries
  proxy-next-upstream-timeout connection-proxy-header
  proxy-redirect-from proxy-redirect-to proxy-cookie-domain proxy-cookie-path custom-headers http2-push-preload
  enable-cors cors-allow-origin cors-allow-methods cors-allow-headers cors-allow-credentials cors-expose-headers
  cors-max-age
  auth-type auth-secret auth-secret-type auth-realm satisfy
  auth-url auth-signin auth-signin-redirect-param auth-method auth-response-headers auth-request-redirect
  auth-always-set-cookie auth-proxy-set-headers auth-cache-key auth-cache-duration auth-keepalive
  auth-keepalive-requests auth-keepalive-timeout auth-keepalive-share-vars auth-snippet enable-global-auth
  auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-tls-error-page
  auth-tls-pass-certificate-to-upstream auth-tls-match-cn
  proxy-ssl-secret proxy-ssl-verify proxy-ssl-verify-depth proxy-ssl-name proxy-ssl-server-name proxy-ssl-ciphers
  proxy-ssl-protocols
  allowlist-source-range whitelist-source-range denylist-source-range
  limit-rps limit-rpm limit-connections limit-burst-multiplier limit-allowlist limit-whitelist limit-rate
  limit-rate-after
  canary canary-by-header canary-by-header-value canary-by-header-pattern canary-by-cookie canary-weight
  canary-weight-total
  affinity affinity-mode affinity-canary-behavior session-cookie-name session-cookie-path session-cookie-domain
  session-cookie-expires session-cookie-max-age session-cookie-samesite session-cookie-secure
  session-cookie-change-on-failure session-cookie-conditional-samesite-none
  load-balance upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size
  mirror-target mirror-request-body mirror-host
  enable-access-log enable-rewrite-log enable-opentelemetry opentelemetry-trust-incoming-span
  opentelemetry-operation-name ssl-ciphers ssl-prefer-server-ciphers
  configuration-snippet server-snippet stream-snippet modsecurity-snippet enable-modsecurity
  enable-owasp-core-rules modsecurity-transaction-id
`
  .split(/\s+/)
  .filter((name) => name !== '');

interface Declared {
  readonly feature: Feature;
  readonly key: AnnotationKey;
}

const declared: ReadonlyMap<string, Declared> = new Map(
  features.flatMap((feature) =>
    feature.keys
      .filter(({ dialect }) => dialect === 'nginx')
      .map((key) => [key.name, { feature, key }] as const),
  ),
);

const configMaps = new Map([['shop/auth-fields', { 'X-Zone': 'a' }] as const, ['shop/fields', {}] as const]);

/** Beside a key, because it says nothing by itself. */
const companions: ReadonlyMap<string, readonly (readonly [string, unknown])[]> = new Map([
  ['auth-secret', [['auth-type', 'basic']]],
  ['auth-type', [['auth-secret', 'users']]],
]);

/** What the feature says of a key that has its example for a value. */
function tellOf({ feature, key }: Declared, example: string): readonly AnnotationIssue[] {
  const parsed = key.parse(example);
  if ('wanted' in parsed) assert.fail(`${key.name} does not take its example "${example}": ${parsed.wanted}`);
  const hasCaptures = feature.name === 'rewrite';
  const place = hasCaptures ? ({ path: '/shop(/|$)(.*)', pathKind: 'regex' } as const) : {};
  const { context, issues } = sampleContext({ ...place, configMaps });
  feature.compile(new Map([[key.name, parsed.value], ...(companions.get(key.name) ?? [])]), context);
  return issues;
}

describe('the table of annotations of ingress-nginx', () => {
  it('has every one of them, once, and no other', () => {
    const names = dialectEntries.map(({ name }) => name);
    assert.deepEqual(names, [...ofIngressNginx].sort());
    assert.equal(new Set(names).size, 138);
  });

  it('has every key of that dialect that a feature declares', () => {
    const names = new Set(ofIngressNginx);
    assert.deepEqual(
      [...declared.keys()].filter((name) => !names.has(name)),
      [],
    );
  });

  it('claims what features declare, and nothing else', () => {
    for (const { name, support } of dialectEntries)
      assert.equal(declared.has(name), support !== 'missing', `${name} is told to be ${support}`);
  });

  it('has examples of what is refused that are', () => {
    for (const { name, example } of dialectEntries.filter(({ support }) => support === 'refused'))
      assert.notEqual(declared.get(name)?.key.refuse?.(example) ?? null, null, name);
  });

  it('has examples that the keys take, without a problem', () => {
    for (const { name, support, example } of dialectEntries) {
      const found = declared.get(name);
      if (found === undefined || support === 'refused') continue;
      // What has no effect may say so.
      const issues = tellOf(found, example).filter(({ severity }) => severity !== 'info');
      assert.deepEqual(issues, [], name);
    }
  });

  it('says in whole sentences what differs, and nothing where nothing does', () => {
    for (const { name, support, difference, example } of dialectEntries) {
      assert.notEqual(example, '', name);
      if (support === 'same') assert.equal(difference, '', name);
      else assert.match(difference, /^[A-Z`].*[.:]$/, name);
    }
  });
});
