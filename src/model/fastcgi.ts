// How a route speaks FastCGI to its endpoints.
import type { TemplatePart } from './text-template.ts';

/** `script`: the path that the endpoint is asked for, with the index behind a `/`. `document`: without it. */
export type FastCgiPart = TemplatePart | { readonly kind: 'script' } | { readonly kind: 'document' };

export interface FastCgi {
  /** Behind a path that ends with `/`; empty: nothing. */
  readonly index: string;
  /** In place of those that every request has, or beside them. */
  readonly params: readonly (readonly [name: string, value: readonly FastCgiPart[]])[];
}

/** What nginx has where nobody says another; there is no file of ours below it. */
export const documentRoot = '/usr/local/nginx/html';
