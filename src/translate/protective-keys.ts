// Annotations of ingress-nginx that keep somebody out, and that no feature here fulfils yet. An Ingress that relies on one is not served
// open: its paths answer 503 until the key is fulfilled or taken away (a protection that cannot be applied denies, see SECURITY.md).

/** Names without the prefix; `false` switches each of them off. A key that a feature declares leaves this list by being declared. */
export const protectiveKeys: ReadonlySet<string> = new Set([
  'allow-methods',
  'allowlist-source-range',
  'auth-snippet',
  'auth-type',
  'auth-url',
  'deny-methods',
  'deny-paths',
  'deny-referers',
  'deny-user-agents',
  'denylist-source-range',
  'enable-modsecurity',
  'enable-owasp-core-rules',
  'enable-owasp-modsecurity-crs',
  'global-auth-url',
  'modsecurity-snippet',
  'whitelist-source-range',
]);
