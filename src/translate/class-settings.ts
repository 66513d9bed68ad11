// The settings that hold for each class: those of the controller's ConfigMap, and over them those of the parameters that the
// IngressClass names: a ConfigMap (scope Namespace) or a SallyportParameters (scope Cluster), see ingress-api.md B.2. While a
// reference leads nowhere, the parameters that were last good stay in force; that is the only memory here.
import { isDeepStrictEqual } from 'node:util';
import type { AnnotationValues } from '../features/index.ts';
import type { ConfigMap, IngressClass, SallyportParameters } from '../kube/index.ts';
import { objectKey, type ObjectKey, type ObjectRef, type Problem } from '../model/index.ts';
import { type AnnotationRules, defaultAnnotationRules, readAnnotationRules } from './annotation-rules.ts';
import { allControllerSettings } from './all-settings.ts';
import type { ControllerValues } from './controller-settings.ts';
import {
  type ControllerIndex,
  noSettings,
  parseSettings,
  type ParsedSettings,
  type SettingIndex,
} from './settings.ts';
import type { ProblemBook } from './problems.ts';
import { quoteValue } from './problems.ts';
import { textOf } from './shape.ts';

export const parametersGroup = 'sallyport.dev';
const parametersKind = 'SallyportParameters';

/** An object that may hold settings, as `refKey`-like text: `ConfigMap/ns/name` or `SallyportParameters//name`. */
type HolderKey = string;

interface ClassState {
  readonly ingressClass: IngressClass;
  /** What is in force: that of the reference, or the last good one. */
  parameters: ParsedSettings;
  values: AnnotationValues;
  /** Why the reference gives nothing; null: it does, or there is none. */
  fault: string | null;
}

const controllerIndex: ControllerIndex = new Map(allControllerSettings.map((key) => [key.name, key]));
const noControllerKeys: ControllerIndex = new Map();

/** What `update` found: whose Ingresses are to be planned anew. */
export interface SettingsChange {
  readonly all: boolean;
  readonly classes: ReadonlySet<string>;
}

export class ClassSettings {
  readonly #index: SettingIndex;
  readonly #controllerConfigMap: HolderKey | null;
  readonly #holders = new Map<HolderKey, ParsedSettings>();
  readonly #classes = new Map<string, ClassState>();
  readonly #dirtyHolders = new Set<HolderKey>();
  readonly #dirtyClasses = new Set<string>();
  #base: AnnotationValues = noSettings.values;
  #controller: ControllerValues = noSettings.controller;
  #annotationRules = defaultAnnotationRules;

  constructor(index: SettingIndex, controllerConfigMap: ObjectKey | null) {
    this.#index = index;
    this.#controllerConfigMap = controllerConfigMap === null ? null : `ConfigMap/${controllerConfigMap}`;
  }

  setConfigMap(key: ObjectKey, configMap: ConfigMap): void {
    const [namespace = '', name = ''] = key.split('/');
    this.#setHolder(`ConfigMap/${key}`, configMap.data ?? {}, { kind: 'ConfigMap', namespace, name }, 'data');
  }

  removeConfigMap(key: ObjectKey): void {
    this.#removeHolder(`ConfigMap/${key}`);
  }

  setParameters(parameters: SallyportParameters): void {
    const { name } = parameters.metadata;
    const settings = parameters.spec?.settings ?? {};
    this.#setHolder(`${parametersKind}//${name}`, settings, { kind: parametersKind, name }, 'spec.settings');
  }

  removeParameters(name: string): void {
    this.#removeHolder(`${parametersKind}//${name}`);
  }

  /** A class of ours. */
  setClass(ingressClass: IngressClass): void {
    const { name } = ingressClass.metadata;
    const before = this.#classes.get(name);
    this.#touchHolder(before);
    const { parameters, values, fault } = before ?? {
      parameters: noSettings,
      values: noSettings.values,
      fault: null,
    };
    this.#classes.set(name, { ingressClass, parameters, values, fault });
    this.#dirtyClasses.add(name);
  }

  removeClass(name: string): void {
    const before = this.#classes.get(name);
    if (before === undefined) return;
    this.#touchHolder(before);
    this.#classes.delete(name);
    this.#dirtyClasses.add(name);
  }

  /** What the Ingresses of a class start from; null: those without class, and those that name it by annotation. */
  valuesOf(className: string | null): AnnotationValues {
    const state = className === null ? undefined : this.#classes.get(className);
    return state?.values ?? this.#base;
  }

  /** What annotations may not be. As of the last update. */
  get annotationRules(): AnnotationRules {
    return this.#annotationRules;
  }

  /** Of the keys that hold for the controller as a whole. As of the last update. */
  get controllerValues(): ControllerValues {
    return this.#controller;
  }

  /** For each Ingress of the class: why the parameters of its class are not those that the class names. */
  problemOf(className: string | null, object: ObjectRef): Problem | null {
    const fault = className === null ? null : (this.#classes.get(className)?.fault ?? null);
    if (fault === null) return null;
    const message = `class ${quoteValue(className ?? '')}: ${fault}`;
    const field = 'spec.ingressClassName';
    return { code: 'ParametersInvalid', severity: 'warning', object, field, message };
  }

  /** Resolves what changed, and tells the book what is wrong with classes and with the objects that hold their settings. */
  update(book: ProblemBook): SettingsChange {
    const base =
      this.#controllerConfigMap === null ? noSettings : this.#holders.get(this.#controllerConfigMap);
    // Without its ConfigMap the controller keeps what it had: a deletion by mistake changes no traffic.
    const baseValues = base?.values ?? this.#base;
    this.#controller = base?.controller ?? this.#controller;
    const rules = readAnnotationRules(this.#controller);
    const all =
      !isDeepStrictEqual(baseValues, this.#base) || !isDeepStrictEqual(rules, this.#annotationRules);
    this.#base = baseValues;
    this.#annotationRules = rules;
    const changed = new Set<string>();
    for (const [name, state] of this.#classes) {
      const isDue =
        this.#dirtyClasses.has(name) || this.#dirtyHolders.has(holderOf(state.ingressClass) ?? '');
      if (!isDue && !all) continue;
      if (this.#resolve(name, state, book)) changed.add(name);
    }
    for (const name of this.#dirtyClasses) {
      if (this.#classes.has(name)) continue;
      changed.add(name);
      book.put(`parameters of class ${name}`, []);
    }
    for (const holder of this.#dirtyHolders) {
      const isRead = holder === this.#controllerConfigMap || this.#isNamed(holder);
      book.put(`settings ${holder}`, isRead ? (this.#holders.get(holder)?.problems ?? []) : []);
    }
    this.#dirtyHolders.clear();
    this.#dirtyClasses.clear();
    return { all, classes: changed };
  }

  /** True: the Ingresses of the class are concerned. */
  #resolve(name: string, state: ClassState, book: ProblemBook): boolean {
    const { ingressClass } = state;
    const holder = holderOf(ingressClass);
    const found = holder === null ? undefined : this.#holders.get(holder);
    const why = found === undefined ? faultOf(ingressClass, holder) : null;
    if (found !== undefined) state.parameters = found;
    else if (why === null) state.parameters = noSettings;
    const fault = why === null ? null : `${why}; ${inForceOf(state.parameters)}`;
    if (holder !== null) this.#dirtyHolders.add(holder);
    const values = new Map([...this.#base, ...state.parameters.values]);
    const isSame = isDeepStrictEqual(values, state.values) && fault === state.fault;
    state.values = values;
    state.fault = fault;
    const object: ObjectRef = { kind: 'IngressClass', name };
    const problem: Problem = {
      code: 'ParametersInvalid',
      severity: 'error',
      object,
      field: 'spec.parameters',
      message: fault ?? '',
    };
    book.put(`parameters of class ${name}`, fault === null ? [] : [problem]);
    return !isSame;
  }

  /** An object that nobody names any more is not told what is wrong with it. */
  #touchHolder(state: ClassState | undefined): void {
    const holder = state === undefined ? null : holderOf(state.ingressClass);
    if (holder !== null) this.#dirtyHolders.add(holder);
  }

  #isNamed(holder: HolderKey): boolean {
    return [...this.#classes.values()].some(({ ingressClass }) => holderOf(ingressClass) === holder);
  }

  #setHolder(
    key: HolderKey,
    texts: Readonly<Record<string, unknown>>,
    object: ObjectRef,
    field: string,
  ): void {
    const own = key === this.#controllerConfigMap ? controllerIndex : noControllerKeys;
    this.#holders.set(key, parseSettings(texts, object, field, this.#index, own));
    this.#dirtyHolders.add(key);
  }

  #removeHolder(key: HolderKey): void {
    this.#holders.delete(key);
    this.#dirtyHolders.add(key);
  }
}

/** The object that the class names, if it is of a kind that can hold settings; else null. */
function holderOf(ingressClass: IngressClass): HolderKey | null {
  const parameters = ingressClass.spec?.parameters;
  if (parameters === undefined || parameters === null) return null;
  const { apiGroup, kind, scope } = parameters;
  const name = textOf(parameters.name);
  if (scope === 'Namespace' && (apiGroup ?? '') === '' && kind === 'ConfigMap') {
    return `ConfigMap/${objectKey(textOf(parameters.namespace), name)}`;
  }
  const isOurs = scope !== 'Namespace' && apiGroup === parametersGroup && kind === parametersKind;
  return isOurs ? `${parametersKind}//${name}` : null;
}

/** Why there are no settings behind the reference; null: the class names none. */
function faultOf(ingressClass: IngressClass, holder: HolderKey | null): string | null {
  const parameters = ingressClass.spec?.parameters;
  if (parameters === undefined || parameters === null) return null;
  const { apiGroup, kind, name, scope, namespace } = parameters;
  if (holder === null) {
    const group =
      apiGroup === undefined || apiGroup === '' ? 'the core group' : `group ${quoteValue(apiGroup)}`;
    return (
      `parameters are of kind ${quoteValue(textOf(kind))} in ${group} with scope ${quoteValue(scope)}, ` +
      `wanted a ConfigMap with scope "Namespace" or a ${parametersKind} of group "${parametersGroup}" with scope "Cluster"`
    );
  }
  const place = scope === 'Namespace' ? `${textOf(namespace)}/${textOf(name)}` : textOf(name);
  return `parameters ${quoteValue(`${textOf(kind)} ${place}`)} do not exist`;
}

/** What holds for the class in place of the parameters that it names. */
function inForceOf(parameters: ParsedSettings): string {
  if (parameters !== noSettings) return 'the parameters that were last good stay in force';
  return 'none are in force, only the settings of the controller and the defaults';
}
