// What a request's target says before the API looks at it: path and query, and which pages are open to everybody.

export function isOpenPath(path: string): boolean {
  return isVersionPath(path) || hasHealthPage(path);
}

/** With the slash too: clients that are generated from the published OpenAPI ask for it so, Python's among them. */
export function isVersionPath(path: string): boolean {
  return path === '/version' || path === '/version/';
}

/** The pages and what is below them, whether there is something or not. */
export function hasHealthPage(path: string): boolean {
  return /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path);
}

/** Where HEAD is answered, as kube-apiserver does: not on resources. */
export function hasPages(path: string): boolean {
  return hasHealthPage(path) || path.startsWith('/openapi/');
}

export function isApiPath(path: string): boolean {
  return /^\/apis?(?:\/|$)/.test(path);
}

/** Null: no path (`*`, another server's URL). */
export function parseTarget(url: string): { readonly path: string; readonly query: URLSearchParams } | null {
  if (!url.startsWith('/')) return null;
  const end = url.indexOf('?');
  if (end < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, end), query: new URLSearchParams(url.slice(end + 1)) };
}
