// All Ingresses and classes: who owns what, and the plan that is in force for each Ingress that is ours. Remembers the last
// good plan of an Ingress as long as it exists and is ours.
import { isDeepStrictEqual } from 'node:util';
import type { AnnotationValues } from '../features/index.ts';
import type { ConfigMap, Ingress, IngressClass } from '../kube/index.ts';
import { objectKey, type ObjectKey, type Problem } from '../model/index.ts';
import type { AnnotationRules } from './annotation-rules.ts';
import type { AnnotationIndex } from './annotations.ts';
import { ConfigMapData } from './config-map-data.ts';
import type { TranslateOptions } from './options.ts';
import { classNameOf, resolveOwnership, type Ownership } from './ownership.ts';
import type { IngressPlan } from './plan.ts';
import { planIngress, type PlanResult } from './plan-ingress.ts';
import { textOf } from './shape.ts';

/** `null`: the Ingress has no say. Both null: only its problems may have changed. */
export interface PlanChange {
  readonly key: ObjectKey;
  readonly before: IngressPlan | null;
  readonly after: IngressPlan | null;
}

interface IngressState {
  ingress: Ingress;
  ownership: Ownership;
  /** What became of this version of the object; null until it is needed, and while the object is not ours. */
  result: PlanResult | null;
  /** What is in force: the plan of this version, or of the last good one. */
  plan: IngressPlan | null;
  /** The newest plan that was good; null: none is known. */
  lastGood: IngressPlan | null;
}

/** What would become of a version of an Ingress. */
export interface IngressPreview {
  readonly ownership: Ownership;
  /** What would be in force. */
  readonly plan: IngressPlan | null;
  /** What would be gone back to. */
  readonly lastGood: IngressPlan | null;
  /** Of the version by itself. */
  readonly problems: readonly Problem[];
}

const notYetKnown: Ownership = { owned: false, reason: 'it was not looked at yet' };

/** What a plan starts from besides its Ingress. */
export interface PlanDefaults {
  /** Values of settings, by the name of the annotation key; the same map while nothing changed. */
  readonly valuesOf: (className: string | null) => AnnotationValues;
  readonly annotationRules: AnnotationRules;
}

export class IngressPlans {
  readonly classes = new Map<string, IngressClass>();
  readonly #options: TranslateOptions;
  readonly #index: AnnotationIndex;
  readonly #defaults: PlanDefaults;
  readonly #states = new Map<ObjectKey, IngressState>();
  readonly #byClass = new Map<string, Set<ObjectKey>>();
  readonly #configMaps = new ConfigMapData();
  readonly #dirty = new Set<ObjectKey>();
  /** What plans were in force for Ingresses that are gone. */
  readonly #removed = new Map<ObjectKey, Pick<IngressState, 'plan' | 'lastGood'>>();

  constructor(options: TranslateOptions, index: AnnotationIndex, defaults: PlanDefaults) {
    this.#defaults = defaults;
    this.#options = options;
    this.#index = index;
  }

  set(ingress: Ingress): void {
    const key = objectKey(textOf(ingress.metadata.namespace), ingress.metadata.name);
    const state = this.#states.get(key);
    if (state === undefined) {
      const { plan, lastGood } = this.#removed.get(key) ?? { plan: null, lastGood: null };
      this.#removed.delete(key);
      this.#states.set(key, { ingress, ownership: notYetKnown, result: null, plan, lastGood });
    } else {
      const isSame = isSameForUs(state.ingress, ingress);
      if (!isSame) this.#unlink(key, state.ingress);
      state.ingress = ingress;
      if (isSame) return;
      state.result = null;
    }
    this.#link(key, ingress);
    this.#dirty.add(key);
  }

  remove(key: ObjectKey): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#unlink(key, state.ingress);
    this.#states.delete(key);
    if (state.plan !== null) this.#removed.set(key, state);
    this.#dirty.add(key);
  }

  setClass(ingressClass: IngressClass): void {
    this.classes.set(ingressClass.metadata.name, ingressClass);
    this.#markClass(ingressClass.metadata.name);
  }

  removeClass(name: string): void {
    this.classes.delete(name);
    this.#markClass(name);
  }

  /** Null: it is gone. */
  setConfigMap(key: ObjectKey, configMap: ConfigMap | null): void {
    this.#configMaps.set(key, configMap);
    for (const user of this.#configMaps.takeUsers(key)) this.#replan(user);
  }

  /** The settings of a class have changed. */
  replanClass(name: string): void {
    for (const key of this.#byClass.get(name) ?? []) this.#replan(key);
  }

  /** The settings of the controller have changed. */
  replanAll(): void {
    for (const key of this.#states.keys()) this.#replan(key);
  }

  classNameOf(key: ObjectKey): string | null {
    const state = this.#states.get(key);
    return state === undefined ? null : classNameOf(state.ingress);
  }

  /** Plans anew what changed, and says what is in force now for each Ingress concerned. */
  update(): PlanChange[] {
    const changes: PlanChange[] = [];
    for (const key of this.#dirty) {
      const state = this.#states.get(key);
      if (state === undefined)
        changes.push({ key, before: this.#removed.get(key)?.plan ?? null, after: null });
      else {
        const before = state.plan;
        this.#refresh(state);
        changes.push({ key, before, after: state.plan });
      }
    }
    this.#dirty.clear();
    this.#removed.clear();
    return changes;
  }

  planOf(key: ObjectKey): IngressPlan | null {
    return this.#states.get(key)?.plan ?? null;
  }

  /** Null: no good version of the Ingress is known. */
  lastGoodOf(key: ObjectKey): IngressPlan | null {
    return this.#states.get(key)?.lastGood ?? null;
  }

  ownershipOf(key: ObjectKey): Ownership | undefined {
    return this.#states.get(key)?.ownership;
  }

  /** Problems of the present version of the object by itself. */
  problemsOf(key: ObjectKey): readonly Problem[] {
    return this.#states.get(key)?.result?.problems ?? [];
  }

  /** As if this version came now, `lastGood` being the newest good one until then. Changes nothing. */
  preview(key: ObjectKey, ingress: Ingress, lastGood: IngressPlan | null): IngressPreview {
    const ownership = resolveOwnership(ingress, this.classes, this.#options);
    if (!ownership.owned) return { ownership, plan: null, lastGood: null, problems: [] };
    const state = this.#states.get(key);
    const isKnown =
      state !== undefined &&
      (state.lastGood === null) === (lastGood === null) &&
      isSameForUs(state.ingress, ingress);
    const known = isKnown ? state.result : null;
    const { plan, isGood, problems } = known ?? this.#planOf(ingress, lastGood);
    return { ownership, plan: plan ?? lastGood, lastGood: isGood ? plan : lastGood, problems };
  }

  #planOf(ingress: Ingress, lastGood: IngressPlan | null): PlanResult {
    const defaults = this.#defaults.valuesOf(classNameOf(ingress));
    const { annotationRules } = this.#defaults;
    const configMapOf = (key: ObjectKey) => this.#configMaps.get(key);
    const hasLastGood = lastGood !== null;
    const basis = { defaults, hasLastGood, annotationRules, options: this.#options, configMapOf };
    return planIngress(ingress, this.#options.features, this.#index, basis);
  }

  #refresh(state: IngressState): void {
    state.ownership = resolveOwnership(state.ingress, this.classes, this.#options);
    if (!state.ownership.owned) {
      state.result = null;
      state.plan = null;
      state.lastGood = null;
      return;
    }
    state.result ??= this.#planOf(state.ingress, state.lastGood);
    if (state.result.isGood) state.lastGood = state.result.plan;
    state.plan = state.result.plan ?? state.lastGood;
    if (state.result.plan !== null) this.#configMaps.noteUses(state.result.plan);
  }

  #replan(key: ObjectKey): void {
    const state = this.#states.get(key);
    if (state !== undefined) state.result = null;
    this.#dirty.add(key);
  }

  #markClass(name: string): void {
    for (const key of this.#byClass.get(name) ?? []) this.#dirty.add(key);
  }

  #link(key: ObjectKey, ingress: Ingress): void {
    const name = classNameOf(ingress);
    if (name === null) return;
    const keys = this.#byClass.get(name);
    if (keys === undefined) this.#byClass.set(name, new Set([key]));
    else keys.add(key);
  }

  #unlink(key: ObjectKey, ingress: Ingress): void {
    const name = classNameOf(ingress);
    const keys = name === null ? undefined : this.#byClass.get(name);
    if (name === null || keys === undefined) return;
    keys.delete(key);
    if (keys.size === 0) this.#byClass.delete(name);
  }
}

/** Status, managed fields, labels and versions are nothing to us: most writes to an Ingress change only those. */
function isSameForUs(a: Ingress, b: Ingress): boolean {
  return (
    a.metadata.creationTimestamp === b.metadata.creationTimestamp &&
    isDeepStrictEqual(a.metadata.annotations, b.metadata.annotations) &&
    isDeepStrictEqual(a.spec, b.spec)
  );
}
