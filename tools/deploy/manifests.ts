// The plain manifests of deploy/manifests, made of the chart: a base with the default values, and Kustomize overlays that hold only
// what other values change. Texts by path; whoever calls writes or compares them.
import { join } from 'node:path';
import { stringify } from 'yaml';
import { diffValues } from './json-patch.ts';
import { idOf, type ManifestObject, renderChart, root } from './render-chart.ts';

export const manifestsFolder = join(root, 'deploy', 'manifests');
export const manifestsNamespace = 'sallyport';

/** The overlays, with what the Pod Security Standards call what their pods need. */
export const overlays = {
  cloud: 'restricted',
  nodeport: 'restricted',
  // Ports of the node are more than `baseline` allows.
  'hostport-daemonset': 'privileged',
  'with-webhook': 'restricted',
  'single-namespace': 'restricted',
} as const;

export type OverlayName = keyof typeof overlays;

/** Which file of the base an object stands in, in the order in which they are applied. */
const baseFiles: Readonly<Record<string, readonly string[]>> = {
  'namespace.yaml': ['Namespace'],
  'definitions.yaml': ['CustomResourceDefinition'],
  'rbac.yaml': ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'configmap.yaml': ['ConfigMap'],
  'service.yaml': ['Service'],
  'controller.yaml': ['Deployment', 'DaemonSet', 'PodDisruptionBudget'],
  'ingressclass.yaml': ['IngressClass'],
};

/** What only says that Helm made it. */
const helmLabels = new Set(['helm.sh/chart', 'app.kubernetes.io/managed-by']);

/** What the chart gives with the values of `deploy/manifests/values/NAME.yaml`, with the namespace and without the marks of Helm. */
export function renderObjects(name: OverlayName | 'base'): readonly ManifestObject[] {
  const valuesFiles = [join(manifestsFolder, 'values', `${name}.yaml`)];
  const objects = renderChart({ namespace: manifestsNamespace, valuesFiles }).map(withoutHelmLabels);
  return [createNamespace(name === 'base' ? 'restricted' : overlays[name]), ...objects];
}

function createNamespace(standard: string): ManifestObject {
  const labels = {
    'pod-security.kubernetes.io/enforce': standard,
    'pod-security.kubernetes.io/warn': standard,
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: manifestsNamespace, labels } };
}

function withoutHelmLabels(object: ManifestObject): ManifestObject {
  const { labels, ...metadata } = object.metadata;
  if (labels === undefined) return object;
  const kept = Object.entries(labels).filter(([name]) => !helmLabels.has(name));
  return { ...object, metadata: { ...metadata, labels: Object.fromEntries(kept) } };
}

/** Every file, by its path under deploy/manifests, but for `values/`. */
export function renderManifestFiles(): ReadonlyMap<string, string> {
  const base = renderObjects('base');
  const files = new Map<string, string>();
  for (const [file, kinds] of Object.entries(baseFiles)) {
    files.set(
      `base/${file}`,
      renderFile(
        'base',
        base.filter(({ kind }) => kinds.includes(kind)),
      ),
    );
  }
  const strays = base.filter(({ kind }) => !Object.values(baseFiles).flat().includes(kind));
  if (strays[0] !== undefined) throw new Error(`no file of deploy/manifests/base takes ${idOf(strays[0])}`);
  files.set(
    'base/kustomization.yaml',
    renderFile('base', [kustomization({ resources: Object.keys(baseFiles) })]),
  );
  // The keys of a record that is written out above.
  for (const name of Object.keys(overlays) as OverlayName[]) addOverlay(files, name, base);
  return files;
}

function addOverlay(files: Map<string, string>, name: OverlayName, base: readonly ManifestObject[]): void {
  const before = new Map(base.map((object) => [idOf(object), object]));
  const wanted = renderObjects(name);
  const after = new Set(wanted.map(idOf));
  const added = wanted.filter((object) => !before.has(idOf(object)));
  const removals = base.filter((object) => !after.has(idOf(object))).map(renderRemoval);
  const changes = wanted.flatMap((object) => {
    const old = before.get(idOf(object));
    const operations = old === undefined ? [] : diffValues(old, object);
    return operations.length === 0 ? [] : [{ target: targetOf(object), patch: renderYaml(operations) }];
  });
  const resources = ['../../base', ...(added.length === 0 ? [] : ['added.yaml'])];
  const patches = [...removals, ...changes];
  if (added.length > 0) files.set(`overlays/${name}/added.yaml`, renderFile(name, added));
  files.set(
    `overlays/${name}/kustomization.yaml`,
    renderFile(name, [kustomization({ resources, ...(patches.length === 0 ? {} : { patches }) })]),
  );
}

function renderRemoval({ apiVersion, kind, metadata }: ManifestObject): { readonly patch: string } {
  const { name, namespace } = metadata;
  const place = namespace === undefined ? { name } : { name, namespace };
  return { patch: renderYaml({ $patch: 'delete', apiVersion, kind, metadata: place }) };
}

function targetOf({ apiVersion, kind, metadata }: ManifestObject): Readonly<Record<string, string>> {
  const [version = '', group] = apiVersion.split('/').reverse();
  const { name, namespace } = metadata;
  return {
    ...(group === undefined ? {} : { group }),
    version,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function kustomization(fields: Readonly<Record<string, unknown>>): unknown {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields };
}

function renderFile(name: string, values: readonly unknown[]): string {
  const intro = `# Made of the chart and deploy/manifests/values/${name}.yaml by \`npm run deploy:render\`; edit those.\n`;
  return intro + values.map(renderYaml).join('---\n');
}

function renderYaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
