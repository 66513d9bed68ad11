// Renders the chart with the real Helm into plain objects.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ensureHelm } from '../ensure-helm.ts';

export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export const root = resolve(import.meta.dirname, '..', '..');
export const chartFolder = join(root, 'deploy', 'chart', 'sallyport');
/** The oldest version that the chart is for. A Helm that was built from source takes 1.20 for granted. */
export const kubeVersion = '1.30.0';

export interface RenderOptions {
  readonly namespace: string;
  /** Files, the last one wins. */
  readonly valuesFiles?: readonly string[];
  /** As `--set` takes them. */
  readonly settings?: readonly string[];
}

export interface HelmRun {
  readonly isOk: boolean;
  readonly output: string;
  readonly errors: string;
}

export function runHelm(words: readonly string[]): HelmRun {
  const run = spawnSync(ensureHelm(), words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return { isOk: run.status === 0, output: run.stdout, errors: run.stderr };
}

/** `helm template` of a release `sallyport`, with the definitions of `crds/`. */
export function templateChart({ namespace, valuesFiles = [], settings = [] }: RenderOptions): HelmRun {
  return runHelm([
    'template',
    'sallyport',
    chartFolder,
    '--include-crds',
    `--namespace=${namespace}`,
    `--kube-version=${kubeVersion}`,
    ...valuesFiles.map((file) => `--values=${file}`),
    ...settings.map((setting) => `--set=${setting}`),
  ]);
}

/** @throws {Error} the chart refuses the values. */
export function renderChart(options: RenderOptions): readonly ManifestObject[] {
  const { isOk, output, errors } = templateChart(options);
  if (!isOk) throw new Error(`helm template ${(options.valuesFiles ?? []).join(' ')}: ${errors.trim()}`);
  return parseObjects(output);
}

/** YAML as Kubernetes reads it, which is version 1.1. @throws {Error} it is not YAML. */
export function parseObjects(text: string): readonly ManifestObject[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    // What the chart and Kustomize print are objects of Kubernetes; the tests hold each to its form.
    const value: ManifestObject | null = document.toJS();
    return value === null ? [] : [value];
  });
}

/** `apps/v1 Deployment sallyport/sallyport-controller` */
export function idOf({ apiVersion, kind, metadata }: ManifestObject): string {
  const place = metadata.namespace === undefined ? '' : `${metadata.namespace}/`;
  return `${apiVersion} ${kind} ${place}${metadata.name}`;
}
