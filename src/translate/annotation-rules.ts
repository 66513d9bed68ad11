// What the controller's settings forbid annotations: keys above a risk, and words in values.
import { type AnnotationKey, goBool, type ParseResult } from '../features/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { readSetting, splitList, switchText } from './setting-values.ts';

type Risk = AnnotationKey['risk'];

const rankOf: Readonly<Record<Risk, number>> = { low: 0, medium: 1, high: 2, critical: 3 };
const maxWords = 1_000;

export interface AnnotationRules {
  readonly maxRisk: Risk;
  readonly blockedWords: readonly string[];
  /** Ingresses may refer to Secrets of other namespaces. */
  readonly crossesNamespaces: boolean;
}

export const defaultAnnotationRules: AnnotationRules = {
  maxRisk: 'high',
  blockedWords: [],
  crossesNamespaces: false,
};

const riskLevel: ControllerSetting<Risk> = {
  name: 'annotations-risk-level',
  parse: parseRisk,
  // As in ingress-nginx: nobody gets more than what is known to be wanted.
  onInvalid: { salvage: () => 'low', effect: 'it counts as "Low"' },
  valueText: '`Low`, `Medium`, `High` or `Critical`',
  defaultText: '`High`',
  doc: 'Highest risk of an annotation (see [annotations](annotations.md)) that an Ingress may have. One that has an annotation above it is not taken: its last good version stays in force; without one its paths answer 503.',
};

const blocklist: ControllerSetting<readonly string[]> = {
  name: 'annotation-value-word-blocklist',
  parse: (text) => {
    const words = splitList(text);
    return words.length <= maxWords ? { value: words } : { wanted: `at most ${maxWords} words` };
  },
  onInvalid: { salvage: (text) => splitList(text).slice(0, maxWords), effect: 'the first of them hold' },
  valueText: 'texts with commas between',
  defaultText: 'empty',
  doc: 'An Ingress that has one of these texts in the value of an annotation under our prefixes is not taken, as with `annotations-risk-level`.',
};

const crossNamespace: ControllerSetting<boolean> = {
  name: 'allow-cross-namespace-resources',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether `auth-secret`, `auth-tls-secret` and `proxy-ssl-secret` may name Secrets of other namespaces; nothing else may. Whoever can write an Ingress can then show the certificates of others to endpoints of their own, and learns which Secrets there are. A Secret of a namespace that is not read is missing.',
  difference:
    'Acts on these three annotations only; the ConfigMap of `auth-proxy-set-headers` stays in the namespace.',
};

export const annotationSettings: readonly ControllerSetting[] = [riskLevel, blocklist, crossNamespace];

/** The default object itself while nothing is set. */
export function readAnnotationRules(values: ControllerValues): AnnotationRules {
  const maxRisk = readSetting(values, riskLevel);
  const blockedWords = readSetting(values, blocklist);
  const crossesNamespaces = readSetting(values, crossNamespace);
  if (maxRisk === undefined && blockedWords === undefined && crossesNamespaces === undefined)
    return defaultAnnotationRules;
  return {
    maxRisk: maxRisk ?? defaultAnnotationRules.maxRisk,
    blockedWords: blockedWords ?? defaultAnnotationRules.blockedWords,
    crossesNamespaces: crossesNamespaces ?? defaultAnnotationRules.crossesNamespaces,
  };
}

/** Why an annotation is forbidden; null: it is not. */
export function findForbidden(key: AnnotationKey, text: string, rules: AnnotationRules): string | null {
  if (rankOf[key.risk] > rankOf[rules.maxRisk]) {
    return `has the risk "${key.risk}", and the settings of the controller allow "${rules.maxRisk}" at most`;
  }
  const isBlocked = rules.blockedWords.some((word) => text.includes(word));
  return isBlocked ? 'has a value with a text that the settings of the controller forbid' : null;
}

function parseRisk(text: string): ParseResult<Risk> {
  const risk = (['low', 'medium', 'high', 'critical'] as const).find(
    (each) => text === `${each[0]?.toUpperCase()}${each.slice(1)}`,
  );
  return risk === undefined ? { wanted: '"Low", "Medium", "High" or "Critical"' } : { value: risk };
}
