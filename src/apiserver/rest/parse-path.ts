// What a path under /api and /apis names: a group version, a resource, a namespace, an object, a part of it.
import { badRequest } from '../api-error.ts';
import { checkPathSegment, goQuote } from '../../kube/index.ts';

export interface PathTarget {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** Empty: all objects. */
  readonly name: string;
  readonly subresource: string;
  /** The deprecated form with `/watch/` behind the version. */
  readonly isWatchPath: boolean;
}

/** What of a Namespace is no resource within it. */
const namespaceParts: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Null: not the path of a resource (discovery, or nothing at all). @throws {ApiError} for what cannot be decoded. */
export function parseTarget(path: string): PathTarget | null {
  const segments = path.replace(/^\/+/, '').split('/').map(decodeSegment);
  // One slash at the end is ignored, as the API server does.
  if (segments.at(-1) === '') segments.pop();
  const groupLength = segments[0] === 'api' ? 1 : segments[0] === 'apis' ? 2 : 0;
  if (groupLength === 0 || segments.length < groupLength + 2 || segments.includes('')) return null;
  const group = groupLength === 1 ? '' : (segments[1] ?? '');
  const version = segments[groupLength] ?? '';
  let parts = segments.slice(groupLength + 1);
  const isWatchPath = parts[0] === 'watch' && parts.length > 1;
  if (isWatchPath) parts = parts.slice(1);
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 2 && !namespaceParts.has(parts[2] ?? '')) {
    namespace = parts[1] ?? '';
    parts = parts.slice(2);
  }
  const [plural = '', name = '', subresource = ''] = parts;
  if (parts.length > 3) return null;
  return { group, version, plural, namespace, name, subresource, isWatchPath };
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in path segment ${goQuote(segment)}`);
  }
}

/** A name that can be no key of the storage. @throws {ApiError} */
export function expectPathNames({ namespace, name }: PathTarget): void {
  const faults = checkPathSegment(name);
  if (faults.length > 0) throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(';')}`);
  const namespaceFaults = checkPathSegment(namespace);
  if (namespaceFaults.length > 0) {
    throw badRequest(`Namespace parameter invalid: ${goQuote(namespace)}: ${namespaceFaults.join(';')}`);
  }
}
