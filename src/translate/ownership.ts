// Which Ingresses are ours (ingress-api.md G.1). The field decides, then the older annotation, then the option for Ingresses
// without class. What is not ours is ignored completely: no routes, no problems.
import { classAnnotation, cleanTimestamp, type Ingress, type IngressClass } from '../kube/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import type { TranslateOptions } from './options.ts';
import { compareText } from '../std/compare-text.ts';
import { quoteValue } from './problems.ts';
import { textOf } from './shape.ts';

const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

/** `reason` is a phrase for explain, e.g. `class "nginx" does not exist`. */
export interface Ownership {
  readonly owned: boolean;
  readonly reason: string;
}

/** `spec.ingressClassName`; null when the object has none. */
export function classNameOf(ingress: Ingress): string | null {
  const name: unknown = ingress.spec?.ingressClassName;
  return typeof name === 'string' ? name : null;
}

/** Field first, because the API refuses new objects on which field and annotation disagree (ingress-api.md B.4). */
export function resolveOwnership(
  ingress: Ingress,
  classes: ReadonlyMap<string, IngressClass>,
  options: TranslateOptions,
): Ownership {
  if (options.disableCatchAll && ingress.spec?.defaultBackend !== undefined)
    return { owned: false, reason: 'it has a default backend, and such Ingresses are not served' };
  const className = classNameOf(ingress);
  if (className !== null) return ownershipByClass(className, classes, options);
  const annotated: unknown = ingress.metadata.annotations?.[classAnnotation];
  if (typeof annotated === 'string') {
    const owned = annotated === options.ingressClassAnnotation;
    const reason = `annotation "${classAnnotation}" is ${quoteValue(annotated)}`;
    return { owned, reason: owned ? reason : `${reason}, ours is "${options.ingressClassAnnotation}"` };
  }
  return options.watchIngressWithoutClass
    ? { owned: true, reason: 'it names no class, and such Ingresses are served' }
    : { owned: false, reason: 'it names no class, and such Ingresses are not served' };
}

function ownershipByClass(
  className: string,
  classes: ReadonlyMap<string, IngressClass>,
  options: TranslateOptions,
): Ownership {
  const ingressClass = classes.get(className);
  if (ingressClass === undefined)
    return { owned: false, reason: `class ${quoteValue(className)} does not exist` };
  const controller = textOf(ingressClass.spec?.controller);
  const reason = `class ${quoteValue(className)} belongs to controller ${quoteValue(controller)}`;
  return { owned: isOurClass(ingressClass, options), reason };
}

/** Whether the Ingresses of a class are ours. */
export function isOurClass(ingressClass: IngressClass, options: TranslateOptions): boolean {
  const isNamed = options.ingressClassByName && ingressClass.metadata.name === options.ingressClassAnnotation;
  return isNamed || textOf(ingressClass.spec?.controller) === options.controllerName;
}

/** A warning on each of our classes that is marked as default while another one is too (ingress-api.md B.3). */
export function checkDefaultClasses(
  classes: ReadonlyMap<string, IngressClass>,
  options: TranslateOptions,
): Problem[] {
  const defaults = [...classes.values()]
    .filter((each) => each.metadata.annotations?.[defaultClassAnnotation] === 'true')
    .sort(compareDefaultClasses);
  const chosen = defaults[0];
  if (chosen === undefined || defaults.length < 2) return [];
  const ours = defaults.filter((each) => textOf(each.spec?.controller) === options.controllerName);
  return ours.map((each) => ({
    code: 'SeveralDefaultClasses',
    severity: 'warning',
    object: refOfClass(each),
    field: `metadata.annotations[${defaultClassAnnotation}]`,
    message:
      `${defaults.length} classes are marked as default, at most one is wanted; ` +
      `an Ingress without class gets ${quoteValue(chosen.metadata.name)}`,
  }));
}

/** The newest wins, then the name: the rule of the API server since 1.25. */
function compareDefaultClasses(a: IngressClass, b: IngressClass): number {
  const newest = cleanTimestamp(b.metadata) - cleanTimestamp(a.metadata);
  return newest === 0 ? compareText(a.metadata.name, b.metadata.name) : newest;
}

function refOfClass(ingressClass: IngressClass): ObjectRef {
  return { kind: 'IngressClass', name: ingressClass.metadata.name };
}
