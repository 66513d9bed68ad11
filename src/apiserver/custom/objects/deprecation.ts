// Versions by their age, as Kubernetes names them, and the warning of one that is deprecated.
import type { Definition, DefinitionVersion } from '../definition/definition-types.ts';

const kubeVersion = /^v([1-9]\d{0,8})(?:(alpha|beta)([1-9]\d{0,8}))?$/;
const stageRanks: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

/** Stage (stable 3, beta 2, alpha 1, others 0) and the two numbers. */
function rankOf(version: string): readonly [stage: number, major: number, minor: number] {
  const match = kubeVersion.exec(version);
  if (match === null) return [0, 0, 0];
  const [, major, stage, minor] = match;
  return [stage === undefined ? 3 : (stageRanks[stage] ?? 0), Number(major), Number(minor ?? 0)];
}

/** The preferred version first: v2, v1, v2beta1, v1beta1, v1alpha1, then others by their text. */
export function compareVersions(left: string, right: string): number {
  const ranks = rankOf(left);
  const others = rankOf(right);
  for (const [index, rank] of ranks.entries()) {
    const difference = (others[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Text of the warning; null: the version is not deprecated. */
export function deprecationOf({ spec }: Definition, version: DefinitionVersion): string | null {
  if (version.deprecated !== true) return null;
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const text = `${spec.group}/${version.name} ${spec.names.kind} is deprecated`;
  const [better] = spec.versions
    .filter(
      ({ served, deprecated, name }) =>
        served && deprecated !== true && compareVersions(name, version.name) < 0,
    )
    .map(({ name }) => name)
    .sort(compareVersions);
  return better === undefined ? text : `${text}; use ${spec.group}/${better} ${spec.names.kind}`;
}
