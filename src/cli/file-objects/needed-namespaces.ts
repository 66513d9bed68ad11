// The namespaces that objects of files need. One that is not there is made, but does not become the files': it is like one that
// `kubectl create namespace` made, and stays when the objects go.
import type { ApiCalls } from './api-calls.ts';
import { fileManager } from './file-ownership.ts';

export async function missingNamespaces(
  calls: ApiCalls,
  names: Iterable<string>,
): Promise<readonly string[]> {
  const wanted = [...new Set(names)].filter((name) => name !== '');
  const replies = await calls.all(wanted.map((name) => ({ method: 'GET', path: pathOf(name) })));
  return wanted.filter((_, index) => replies[index]?.status === 404);
}

/** Whatever comes of it, the answers to the objects tell. */
export async function createNamespaces(calls: ApiCalls, names: readonly string[]): Promise<void> {
  await calls.all(
    names.map((name) => ({
      method: 'POST',
      path: '/api/v1/namespaces',
      query: { fieldManager: fileManager },
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    })),
  );
}

function pathOf(name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(name)}`;
}
