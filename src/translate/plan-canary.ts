// What an Ingress that is a canary is besides its plan, and what of it has no effect.
import { type AnnotationValues, type CanaryRule, type Feature, readCanary } from '../features/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import { annotationField } from './annotations.ts';

/** What the annotations of an Ingress say of canaries; `rule` null: it is an ordinary one. */
export interface CanaryPlan {
  readonly rule: CanaryRule | null;
  /** Those that run for its paths. */
  readonly features: readonly Feature[];
  readonly problems: readonly Problem[];
}

/** `fullKeys`: of the annotations that it has. */
export function planCanary(
  values: AnnotationValues,
  fullKeys: ReadonlyMap<string, string>,
  features: readonly Feature[],
  object: ObjectRef,
): CanaryPlan {
  const { rule, issues } = readCanary(values);
  const problems = issues.map(({ code, severity, key, message }): Problem => {
    return { code, severity, object, field: annotationField(key), message };
  });
  if (rule === null) return { rule, features, problems };
  const choosing = features.filter(({ choosesEndpoint }) => choosesEndpoint === true);
  const idle = findIdle(fullKeys, features);
  if (idle.length > 0) {
    const message = `of a canary only annotations of balancing count, all else goes by its main Ingress: ${idle.join(', ')} ${idle.length === 1 ? 'has' : 'have'} no effect`;
    problems.push({
      code: 'CanaryIgnored',
      severity: 'info',
      object,
      field: 'metadata.annotations',
      message,
    });
  }
  return { rule, features: choosing, problems };
}

function findIdle(fullKeys: ReadonlyMap<string, string>, features: readonly Feature[]): string[] {
  const counting = features.filter(
    ({ name, choosesEndpoint }) =>
      choosesEndpoint === true || name === 'canary' || name === 'service-upstream',
  );
  const names = new Set(counting.flatMap(({ keys }) => keys.map(({ name }) => name)));
  return [...fullKeys].filter(([name]) => !names.has(name)).map(([, key]) => `"${key}"`);
}
