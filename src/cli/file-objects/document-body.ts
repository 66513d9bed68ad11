// What of a file's document is applied: all but what only a server can know of an object, so that a document exported from a cluster
// (`kubectl get -o yaml`) is taken for what it describes.
import { isJsonObject } from '../../kube/index.ts';
import type { RawManifest } from '../../sources/index.ts';

const serverMetadata: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** The body of a server-side apply. `namespace` is left out for objects that have none. */
export function renderBody(raw: RawManifest, namespace: string | null): RawManifest {
  const written = isJsonObject(raw['metadata']) ? raw['metadata'] : {};
  const metadata = Object.entries(written).filter(
    ([name]) => !serverMetadata.has(name) && name !== 'namespace',
  );
  const place = namespace === null ? [] : [['namespace', namespace] as const];
  // fromEntries defines own members even for a name such as `__proto__`.
  return { ...raw, metadata: Object.fromEntries([...metadata, ...place]) };
}

/** True for a document that states no field but which object it means. Nobody can own a field of it. */
export function isBare(body: RawManifest): boolean {
  const isIdentity = Object.keys(body).every((name) => ['apiVersion', 'kind', 'metadata'].includes(name));
  const metadata = isJsonObject(body['metadata']) ? body['metadata'] : {};
  return isIdentity && Object.keys(metadata).every((name) => name === 'name' || name === 'namespace');
}

/** The path of the first number that JSON cannot write (`.inf`, `.nan`); null when there is none. */
export function findNonFinite(value: unknown, path = ''): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  const isList = Array.isArray(value);
  for (const [name, item] of Object.entries(value)) {
    const found = findNonFinite(item, isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}
