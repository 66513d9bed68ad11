// canary: an Ingress that takes a part of another one's requests. The translator reads the keys and joins the canary to the route of its
// main Ingress (Route.canary); no route has a policy of this feature.
import type { Canary, CanaryHeader } from '../../model/index.ts';
import { compileLinearRegex } from '../../std/linear-regex/index.ts';
import type { AnnotationIssue, AnnotationValues, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import {
  behaviorKey,
  canaryKey,
  canaryKeys,
  type CanaryBehavior,
  cookieKey,
  headerKey,
  headerPatternKey,
  headerValueKey,
  weightKey,
  weightTotalKey,
} from './keys.ts';

/** Which requests a canary takes. */
export interface CanaryRule extends Pick<Canary, 'header' | 'cookie' | 'weight' | 'total'> {
  readonly behavior: CanaryBehavior;
}

export interface CanaryReading {
  /** Null: the Ingress is an ordinary one. */
  readonly rule: CanaryRule | null;
  readonly issues: readonly AnnotationIssue[];
}

const minTotal = 100;

/** What the annotations of an Ingress say of canaries. */
export function readCanary(values: AnnotationValues): CanaryReading {
  const issues: AnnotationIssue[] = [];
  if (readValue(values, canaryKey) !== true) {
    const idle = canaryKeys.find((key) => key !== canaryKey && key !== behaviorKey && values.has(key.name));
    if (idle !== undefined)
      issues.push(warning(idle, `has no effect without annotation "${renderKey(canaryKey)}" "true"`));
    return { rule: null, issues };
  }
  const rule: CanaryRule = {
    header: readHeader(values, issues),
    cookie: readValue(values, cookieKey)?.toLowerCase() ?? '',
    weight: Math.max(readValue(values, weightKey) ?? 0, 0),
    total: Math.max(readValue(values, weightTotalKey) ?? minTotal, minTotal),
    behavior: readValue(values, behaviorKey) ?? 'sticky',
  };
  return { rule, issues };
}

function readHeader(values: AnnotationValues, issues: AnnotationIssue[]): CanaryHeader | null {
  const header = readValue(values, headerKey);
  const value = readValue(values, headerValueKey);
  const pattern = readValue(values, headerPatternKey);
  if (header === undefined) {
    const idle = value === undefined ? headerPatternKey : headerValueKey;
    if (values.has(idle.name))
      issues.push(warning(idle, `has no effect without annotation "${renderKey(headerKey)}"`));
    return null;
  }
  // nginx names fields with underscores; on the wire they have hyphens.
  const name = header.toLowerCase().replaceAll('_', '-');
  if (value !== undefined) return { kind: 'value', name, value };
  if (pattern === undefined) return { kind: 'switch', name };
  const compiled = compileLinearRegex(pattern, { ignoreCase: false });
  if (compiled.ok) return { kind: 'pattern', name, pattern };
  issues.push({
    severity: 'warning',
    code: 'RegexUnsupported',
    key: renderKey(headerPatternKey),
    message: `annotation "${renderKey(headerPatternKey)}" is not a supported regular expression: ${compiled.message} (at ${compiled.at}); requests with the field "${name}" go to the main Service`,
  });
  return { kind: 'broken', name };
}

function warning(key: (typeof canaryKeys)[number], effect: string): AnnotationIssue {
  const name = renderKey(key);
  return {
    severity: 'warning',
    code: 'AnnotationInvalid',
    key: name,
    message: `annotation "${name}" ${effect}`,
  };
}

/** The policies of the endpoints' choice for the canary of a route: its own, and of sessions those that its behavior says. */
export function canaryPolicies(
  main: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
  behavior: CanaryBehavior,
): Canary['policies'] {
  if (behavior === 'legacy') return own;
  const { affinity: _ownAffinity, ...rest } = own;
  const { affinity } = main;
  return affinity === undefined ? rest : { ...rest, affinity };
}

export const canary: Feature = defineFeature<never>({
  name: 'canary',
  doc: 'Sends a part of the requests of another Ingress to a second Service; see the [guide](../guides/canaries.md).',
  keys: canaryKeys,
  after: ['affinity'],
  compile: () => null,
  describe: () => '',
});
