// Helm, which renders the chart: version 3 or later.
import { ensureGoTool } from './go-tool.ts';

/** Path or name of Helm. @throws {Error} */
export function ensureHelm(): string {
  return ensureGoTool({
    name: 'helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.22.0',
    versionWords: ['version', '--template={{.Version}}'],
    isUsable: (answer) => Number(/^v(\d+)\./.exec(answer)?.[1] ?? 0) >= 3,
  });
}
