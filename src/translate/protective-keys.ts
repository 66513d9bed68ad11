// Annotations that keep somebody out. One of them that no feature fulfils is not served open: the paths of its Ingress answer 503 until the
// key is fulfilled or taken away (a protection that cannot be applied denies, see SECURITY.md). And where TLS passes through, none can act.

/** Names without the prefix; `false` switches each of them off. */
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
