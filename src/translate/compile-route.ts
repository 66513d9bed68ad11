// Runs the features for one route: annotation values to the policies that the data plane gets.
import type { AnnotationIssue, AnnotationValues, CompileContext, Feature } from '../features/index.ts';

export interface CompiledPolicies {
  /** By feature name; only features that have something to say. */
  readonly policies: Readonly<Record<string, unknown>>;
  readonly issues: readonly AnnotationIssue[];
}

const noIssues: readonly AnnotationIssue[] = [];

/** Every feature, in the order of the list. */
export function compilePolicies(
  features: readonly Feature[],
  values: AnnotationValues,
  context: Omit<CompileContext, 'report'>,
): CompiledPolicies {
  const policies: Record<string, unknown> = {};
  let issues: AnnotationIssue[] | null = null;
  const report = (issue: AnnotationIssue): void => {
    issues ??= [];
    issues.push(issue);
  };
  const fullContext: CompileContext = { ...context, report };
  for (const feature of features) {
    const policy = feature.compile(values, fullContext);
    if (policy !== null) policies[feature.name] = policy;
  }
  return { policies, issues: issues ?? noIssues };
}
