// Host names and the wildcards that stand for them: exactly one label (RFC 6125 6.4.3). Names are in lower case.

/** `*.bar.com` for `foo.bar.com`; null for a wildcard, a single label, and a name whose first label or rest is empty. */
export function wildcardOf(host: string): string | null {
  const dot = host.indexOf('.');
  return dot > 0 && dot < host.length - 1 && !host.startsWith('*') ? `*${host.slice(dot)}` : null;
}

/** Whether one of the names stands for the host: the same name, or the wildcard of its first label. */
export function coversHost(names: readonly string[], host: string): boolean {
  if (names.includes(host)) return true;
  const wildcard = wildcardOf(host);
  return wildcard !== null && names.includes(wildcard);
}
