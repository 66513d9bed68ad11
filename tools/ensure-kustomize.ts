// Kustomize, which puts overlays over the plain manifests: version 5, the one inside of kubectl since 1.27.
import { ensureGoTool } from './go-tool.ts';

/** Path or name of Kustomize. @throws {Error} */
export function ensureKustomize(): string {
  return ensureGoTool({
    name: 'kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.1',
    versionWords: ['version'],
    isUsable: (answer) => /^v?5\./.test(answer),
  });
}
