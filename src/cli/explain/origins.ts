// Where a route has its features from: the annotations of its Ingress that ask for each.
import { features } from '../../features/index.ts';
import type { Ingress, KubeObject } from '../../kube/index.ts';

export interface Origin {
  /** Name of the feature. */
  readonly feature: string;
  /** `metadata.annotations[KEY]` */
  readonly field: string;
}

export function findIngress(objects: Iterable<KubeObject>, namespace: string, name: string): Ingress | null {
  for (const object of objects) {
    if (object.kind !== 'Ingress') continue;
    if (object.metadata.name === name && object.metadata.namespace === namespace) return object;
  }
  return null;
}

/** A feature without any acts by a setting or by default. */
export function listOrigins(ingress: Ingress | null, nginxPrefix: string): readonly Origin[] {
  const annotations = ingress?.metadata.annotations ?? {};
  return features.flatMap(({ name, keys }) =>
    keys
      .map((key) => `${key.dialect === 'nginx' ? nginxPrefix : 'sallyport.dev'}/${key.name}`)
      .filter((key) => Object.hasOwn(annotations, key))
      .map((key) => ({ feature: name, field: `metadata.annotations[${key}]` })),
  );
}
