// Dot segments of a path, resolved.

/** RFC 3986 5.2.4 for a path that begins with `/`. Above the root: null, or the `..` has no effect. */
export function removeDotSegments(path: string, aboveRoot: 'refuse' | 'ignore'): string | null {
  if (!path.includes('/.')) return path;
  const out: string[] = [];
  const segments = path.split('/');
  const last = segments.length - 1;
  for (let i = 1; i <= last; i += 1) {
    const segment = segments[i] ?? '';
    if (segment !== '.' && segment !== '..') out.push(segment);
    else {
      if (segment === '..' && out.pop() === undefined && aboveRoot === 'refuse') return null;
      // `/a/..` and `/a/.` name a directory: the slash stays.
      if (i === last) out.push('');
    }
  }
  return `/${out.join('/')}`;
}
