// The names of annotation keys.
import type { AnnotationKey } from './contract.ts';

/** The prefixes under which keys live unless the operator sets others, without the slash. */
export const defaultPrefixes: Readonly<Record<AnnotationKey['dialect'], string>> = {
  nginx: 'nginx.ingress.kubernetes.io',
  sallyport: 'sallyport.dev',
};

/** The full key under its default prefix, e.g. `nginx.ingress.kubernetes.io/ssl-redirect`. */
export function renderKey(key: Pick<AnnotationKey, 'dialect' | 'name'>): string {
  return `${defaultPrefixes[key.dialect]}/${key.name}`;
}
