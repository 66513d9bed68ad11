// What an entry of the table of ingress-nginx's annotations says, and the short words that the lists are written in.

/**
 * `same`: what ingress-nginx does, checked. `differs`: it acts, with the difference on purpose. `accepted`: read, and without effect.
 * `refused`: not done on purpose. `missing`: not done yet.
 */
export type DialectSupport = 'same' | 'differs' | 'accepted' | 'refused' | 'missing';

export interface DialectEntry {
  /** Without the prefix. */
  readonly name: string;
  readonly support: DialectSupport;
  /** One sentence or two; empty for `same`. */
  readonly difference: string;
  /** A value that the key takes. */
  readonly example: string;
}

export function same(name: string, example: string): DialectEntry {
  return { name, support: 'same', difference: '', example };
}

function withDifference(support: DialectSupport) {
  return (name: string, example: string, difference: string): DialectEntry => ({
    name,
    support,
    difference,
    example,
  });
}

export const differs = withDifference('differs');
export const accepted = withDifference('accepted');
export const refused = withDifference('refused');
export const missing = withDifference('missing');
