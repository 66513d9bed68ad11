// Names of hosts and certificates: lower case, and wildcards that stand for exactly one label.
import type { HostPattern } from '../model/index.ts';

/** A host as the table names it: lower case; `` for every host. */
export function hostPattern(text: string): HostPattern {
  return text.toLowerCase();
}

/** `*.bar.com` for `foo.bar.com`; null for a wildcard, a single label and the catch-all. */
export function wildcardOf(host: HostPattern): HostPattern | null {
  const dot = host.indexOf('.');
  if (dot <= 0 || host.startsWith('*')) return null;
  return `*${host.slice(dot)}`;
}

/** Whether one of the names stands for the host: the same name, or a wildcard for its first label (RFC 6125, 6.4.3). */
export function coversHost(names: readonly string[], host: HostPattern): boolean {
  if (names.includes(host)) return true;
  const wildcard = wildcardOf(host);
  return wildcard !== null && names.includes(wildcard);
}
