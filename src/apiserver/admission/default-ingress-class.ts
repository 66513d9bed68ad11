// A new Ingress that names no class gets the default one (plugin/pkg/admission/network/defaultingressclass). Unlike in kube that holds
// for the legacy group `extensions` too: manifests that old have no other way to be found by a controller.
import {
  classAnnotation,
  cleanTimestamp,
  lookupText,
  type Ingress,
  type ObjectMeta,
} from '../../kube/index.ts';
import type { ApiObject } from '../api-object.ts';
import type { Admission } from '../registry/resource.ts';
import type { ObjectStore } from '../storage/store.ts';

const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const groups: ReadonlySet<string> = new Set(['networking.k8s.io', 'extensions']);

export const defaultIngressClass: Admission = ({ resource, group, object, old, context }) => {
  const isNewIngress = old === null && resource.plural === 'ingresses' && context.subresource === '';
  if (!isNewIngress || !groups.has(group) || namesClass(object)) return object;
  const name = findDefaultClass(context.store);
  if (name === null) return object;
  const { spec } = asIngress(object);
  return { ...object, spec: { ...spec, ingressClassName: name } };
};

/** An object of the resource `ingresses`, decoded and in the storage version. */
function asIngress(object: ApiObject): Ingress {
  return object as unknown as Ingress;
}

/** An empty name is a name too, and so is any value of the older annotation. */
function namesClass(object: ApiObject): boolean {
  const isAnnotated = lookupText(object.metadata.annotations, classAnnotation) !== undefined;
  return isAnnotated || asIngress(object).spec.ingressClassName !== undefined;
}

/** The newest default class; among those of one second the first by name. */
function findDefaultClass(store: ObjectStore): string | null {
  const { objects } = store.list({ resource: 'networking.k8s.io/ingressclasses', namespace: null });
  let best: ObjectMeta | null = null;
  for (const { metadata } of objects) {
    if (lookupText(metadata.annotations, defaultAnnotation) !== 'true') continue;
    if (best === null || isPreferred(metadata, best)) best = metadata;
  }
  return best?.name ?? null;
}

function isPreferred(candidate: ObjectMeta, best: ObjectMeta): boolean {
  const newerMs = cleanTimestamp(candidate) - cleanTimestamp(best);
  return newerMs > 0 || (newerMs === 0 && candidate.name < best.name);
}
