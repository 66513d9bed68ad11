// The sets of values of test/deploy/values, and what the chart makes of each. Rendered once.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ManifestObject, renderChart } from '../../tools/deploy/render-chart.ts';

export const releaseNamespace = 'sallyport-system';

const folder = join(import.meta.dirname, 'values');
const rendered = new Map<string, readonly ManifestObject[]>();

export const setNames = globSync('*.yaml', { cwd: folder })
  .map((file) => basename(file, '.yaml'))
  .sort();

export function valuesFile(set: string): string {
  return join(folder, `${set}.yaml`);
}

export function objectsOf(set: string): readonly ManifestObject[] {
  const known = rendered.get(set);
  if (known !== undefined) return known;
  const objects = renderChart({ namespace: releaseNamespace, valuesFiles: [valuesFile(set)] });
  rendered.set(set, objects);
  return objects;
}

/** The member at `path`, e.g. `spec.template.spec.containers.0.args`; undefined: there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => {
    const isOpen = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, name);
    return isOpen ? (inner as Readonly<Record<string, unknown>>)[name] : undefined;
  }, value);
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  const list = at(value, path);
  return Array.isArray(list) ? list : [];
}

export function textAt(value: unknown, path: string): string {
  const text = at(value, path);
  return typeof text === 'string' ? text : '';
}

export function ofKind(set: string, ...kinds: readonly string[]): readonly ManifestObject[] {
  return objectsOf(set).filter(({ kind }) => kinds.includes(kind));
}

/** The Deployment or DaemonSet. */
export function workloadOf(set: string): ManifestObject {
  const [workload] = ofKind(set, 'Deployment', 'DaemonSet');
  if (workload === undefined) throw new Error(`${set}: no Deployment and no DaemonSet`);
  return workload;
}

/** The arguments of the controller, as the kubelet expands them. */
export function argsOf(set: string): readonly string[] {
  return listAt(workloadOf(set), 'spec.template.spec.containers.0.args').map((word) =>
    String(word).replaceAll('$(POD_NAMESPACE)', releaseNamespace),
  );
}
