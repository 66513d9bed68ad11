// Annotations of ingress-nginx that had a meaning once, or have one that is not fulfilled here: what happened to them, and what to use.

export interface RetiredKey {
  /** `info`: nothing is lost. */
  readonly severity: 'info' | 'warning';
  /** A phrase without a final period. */
  readonly advice: string;
  /** ingress-nginx itself does not know it any more, or never did. */
  readonly isGone: boolean;
}

interface RetiredGroup extends RetiredKey {
  /** Names without the prefix, blanks between; a `*` at the end takes any rest. */
  readonly names: string;
}

const groups: readonly RetiredGroup[] = [
  {
    names: 'secure-backends',
    severity: 'warning',
    isGone: true,
    advice: 'was removed from ingress-nginx; use "backend-protocol" with "HTTPS"',
  },
  {
    names: 'grpc-backend',
    severity: 'warning',
    isGone: true,
    advice: 'was removed from ingress-nginx; use "backend-protocol" with "GRPC"',
  },
  {
    names: 'secure-verify-ca-secret',
    severity: 'warning',
    isGone: true,
    advice: 'was removed from ingress-nginx; use "proxy-ssl-secret" and "proxy-ssl-verify"',
  },
  {
    names: 'add-base-url base-url-scheme',
    severity: 'warning',
    isGone: true,
    advice: 'was removed from ingress-nginx; let the endpoint write its own base URL',
  },
  {
    names: 'enable-influxdb influxdb-*',
    severity: 'info',
    isGone: true,
    advice: 'was removed from ingress-nginx; metrics are at the admin listener',
  },
  {
    names: 'global-rate-limit global-rate-limit-*',
    severity: 'warning',
    isGone: true,
    advice: 'was removed from ingress-nginx, and nothing is limited by it; use "limit-rps" or "limit-rpm"',
  },
  {
    names: 'enable-opentracing opentracing-trust-incoming-span',
    severity: 'info',
    isGone: true,
    advice:
      'was removed from ingress-nginx; use "enable-opentelemetry" and "opentelemetry-trust-incoming-span"',
  },
  {
    names: 'lua-resty-waf lua-resty-waf-*',
    severity: 'warning',
    isGone: true,
    advice:
      'was removed from ingress-nginx, and nothing is filtered by it; put a web application firewall before the endpoint',
  },
  {
    names: 'session-cookie-hash',
    severity: 'info',
    isGone: true,
    advice:
      'is ignored by ingress-nginx, too; the value of the cookie cannot be guessed or forged without it',
  },
  {
    names: 'proxy-cache-* proxy-pass-params',
    severity: 'warning',
    isGone: true,
    advice: 'was never a name of ingress-nginx and has no effect',
  },
];

const exact = new Map<string, RetiredKey>();
const families: (readonly [beginning: string, key: RetiredKey])[] = [];
for (const { names, ...key } of groups) {
  for (const name of names.split(' ')) {
    if (name.endsWith('*')) families.push([name.slice(0, -1), key]);
    else exact.set(name, key);
  }
}

/** `name` without its prefix. Null: nobody has ever known it. */
export function findRetired(name: string): RetiredKey | null {
  return exact.get(name) ?? families.find(([beginning]) => name.startsWith(beginning))?.[1] ?? null;
}
