// Annotations of an Ingress, read by the declarations of the features: values by key name, and what a bad value does.
import type { AnnotationKey, AnnotationValues, Feature, RefusedValue } from '../features/index.ts';
import { classAnnotation, type Ingress } from '../kube/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import { type AnnotationRules, defaultAnnotationRules, findForbidden } from './annotation-rules.ts';
import type { TranslateOptions } from './options.ts';
import { classNameOf } from './ownership.ts';
import { compareText } from '../std/compare-text.ts';
import { findNearestWord } from '../std/nearest-word.ts';
import { protectiveKeys } from './protective-keys.ts';
import { findRetired } from './retired-keys.ts';
import { quoteValue } from './problems.ts';
import { entriesOf } from './shape.ts';

/** The keys that features declare, by full name. */
export interface AnnotationIndex {
  readonly keys: ReadonlyMap<string, AnnotationKey>;
  /** Names of keys that act on the whole host. */
  readonly hostNames: ReadonlySet<string>;
  /** With their slash. */
  readonly prefixes: readonly string[];
}

/**
 * - `serve`: the object is taken. - `reject`: its last good version stays in force; without one it is denied. - `deny`: its routes answer 503.
 * Several bad values: `reject` outweighs `deny`, because the last good version has the protection that the bad value lost.
 */
export type AnnotationFate = 'serve' | 'reject' | 'deny';

export interface ParsedAnnotations {
  readonly values: AnnotationValues;
  /** Full key of each value. */
  readonly fullKeys: ReadonlyMap<string, string>;
  /** Full keys, by name, of those that protect whole hosts and whose value cannot be read. */
  readonly unreadableHostKeys: ReadonlyMap<string, string>;
  readonly fate: AnnotationFate;
  readonly problems: readonly Problem[];
}

/** Once per translator. Where two features declare one key, the first in the list reads it for both. */
export function indexAnnotations(
  features: readonly Feature[],
  prefixes: TranslateOptions['annotationPrefixes'],
): AnnotationIndex {
  const keys = new Map<string, AnnotationKey>();
  const hostNames = new Set<string>();
  for (const key of features.flatMap((feature) => feature.keys)) {
    const name = fullKey(key, prefixes);
    if (!keys.has(name)) keys.set(name, key);
    if (key.scope === 'host') hostNames.add(key.name);
  }
  return { keys, hostNames, prefixes: [`${prefixes.nginx}/`, `${prefixes.sallyport}/`] };
}

function fullKey(key: AnnotationKey, prefixes: TranslateOptions['annotationPrefixes']): string {
  return `${prefixes[key.dialect]}/${key.name}`;
}

/** Field path of an annotation, as the API server writes map keys. */
export function annotationField(key: string): string {
  return `metadata.annotations[${key}]`;
}

/** Reads all annotations. Where both dialects set a key of the same name, our own prefix wins. `hasLastGood`: only for the words. */
export function parseAnnotations(
  ingress: Ingress,
  object: ObjectRef,
  index: AnnotationIndex,
  hasLastGood: boolean,
  rules: AnnotationRules = defaultAnnotationRules,
): ParsedAnnotations {
  const values = new Map<string, unknown>();
  const fullKeys = new Map<string, string>();
  const unreadableHostKeys = new Map<string, string>();
  const own = new Set<string>();
  const problems: Problem[] = [];
  let fate: AnnotationFate = 'serve';
  for (const [name, text] of entriesOf(ingress.metadata.annotations).sort(([a], [b]) => compareText(a, b))) {
    if (!index.prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const key = index.keys.get(name);
    if (key === undefined) {
      const isProtective = text !== 'false' && protectiveKeys.has(name.slice(name.indexOf('/') + 1));
      problems.push(isProtective ? protectiveProblem(name, object) : unknownProblem(name, object, index));
      if (isProtective && fate === 'serve') fate = 'deny';
      continue;
    }
    const forbidden = findForbidden(key, text, rules);
    if (forbidden !== null) {
      problems.push(forbiddenProblem(name, forbidden, object, hasLastGood));
      fate = 'reject';
    }
    if (key.refuse !== undefined) {
      const refused = key.refuse(text);
      if (refused === null) continue;
      problems.push(...refusedProblems(name, refused, object, forbidden !== null));
      if (refused.isProtective && fate === 'serve') fate = 'deny';
      continue;
    }
    if (key.isAbsentWhenBlank === true && /^ *$/.test(text)) continue;
    const result = key.parse(text);
    if ('wanted' in result) {
      const effect = key.onInvalid === 'reject' && !hasLastGood ? neverGoodText : effectText[key.onInvalid];
      problems.push(invalidProblem(name, text, result.wanted, key, object, effect));
      if (key.onInvalid === 'reject' || (key.onInvalid === 'deny' && fate === 'serve')) fate = key.onInvalid;
      if (key.onInvalid === 'deny' && key.scope === 'host') unreadableHostKeys.set(key.name, name);
    } else if (key.dialect === 'sallyport' || !own.has(key.name)) {
      values.set(key.name, result.value);
      fullKeys.set(key.name, name);
      if (key.dialect === 'sallyport') own.add(key.name);
    }
  }
  problems.push(...checkClassAnnotation(ingress, object));
  return { values, fullKeys, unreadableHostKeys, fate, problems };
}

function checkClassAnnotation(ingress: Ingress, object: ObjectRef): Problem[] {
  const text: unknown = ingress.metadata.annotations?.[classAnnotation];
  if (typeof text !== 'string') return [];
  const className = classNameOf(ingress);
  const message =
    className !== null && className !== text
      ? `annotation "${classAnnotation}" is ${quoteValue(text)} and has no effect beside spec.ingressClassName ${quoteValue(className)}`
      : `annotation "${classAnnotation}" is deprecated, wanted spec.ingressClassName`;
  return [
    {
      code: 'DeprecatedClassAnnotation',
      severity: 'info',
      object,
      field: annotationField(classAnnotation),
      message,
    },
  ];
}

const effectText: Readonly<Record<AnnotationKey['onInvalid'], string>> = {
  default: 'it has no effect',
  reject: 'the last good version of the object stays in force',
  deny: 'all paths of the object answer 503',
};
const neverGoodText = 'no earlier version is known, its paths answer 503';

function invalidProblem(
  name: string,
  text: string,
  wanted: string,
  key: AnnotationKey,
  object: ObjectRef,
  effect: string,
): Problem {
  return {
    code: 'AnnotationInvalid',
    severity: key.onInvalid === 'default' ? 'warning' : 'error',
    object,
    field: annotationField(name),
    message: `annotation "${name}" is ${quoteValue(text)}, wanted ${wanted}; ${effect}`,
  };
}

function forbiddenProblem(name: string, reason: string, object: ObjectRef, hasLastGood: boolean): Problem {
  return {
    code: 'AnnotationInvalid',
    severity: 'error',
    object,
    field: annotationField(name),
    message: `annotation "${name}" ${reason}; ${hasLastGood ? effectText.reject : neverGoodText}`,
  };
}

/** `isForbidden`: another problem says what becomes of the object. */
function refusedProblems(
  name: string,
  { isProtective, advice }: RefusedValue,
  object: ObjectRef,
  isForbidden: boolean,
): Problem[] {
  const effect = isForbidden ? '' : `; ${isProtective ? effectText.deny : effectText.default}`;
  return advice.map((each) => ({
    code: 'AnnotationUnsupported',
    severity: isProtective ? 'error' : 'warning',
    object,
    field: annotationField(name),
    message: `annotation "${name}" is not supported: ${each}${effect}`,
  }));
}

function protectiveProblem(name: string, object: ObjectRef): Problem {
  return {
    code: 'AnnotationUnsupported',
    severity: 'error',
    object,
    field: annotationField(name),
    message: `annotation "${name}" protects and is not supported; ${effectText.deny}`,
  };
}

function unknownProblem(name: string, object: ObjectRef, index: AnnotationIndex): Problem {
  const [nginxPrefix = ''] = index.prefixes;
  const retired = name.startsWith(nginxPrefix) ? findRetired(name.slice(nginxPrefix.length)) : null;
  if (retired !== null) {
    return {
      code: 'AnnotationUnsupported',
      severity: retired.severity,
      object,
      field: annotationField(name),
      message: `annotation "${name}" ${retired.advice}`,
    };
  }
  // Keys are long and alike at their beginnings: only typing mistakes count.
  const similar = findNearestWord(name, index.keys.keys(), () => 2);
  const hint = similar === null ? '' : `; did you mean "${similar}"`;
  return {
    code: 'AnnotationUnknown',
    severity: 'warning',
    object,
    field: annotationField(name),
    message: `annotation ${quoteValue(name)} is not known and has no effect${hint}`,
  };
}
