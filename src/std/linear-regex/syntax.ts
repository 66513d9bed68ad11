// The syntax tree of a pattern, and what can be said of a tree without running it. Plain data, made by parse.ts, read by
// program.ts.

/** 256 entries, one per byte value: 1 where the set holds it. */
export type ByteSet = Uint8Array;

export type Assertion = 'start' | 'end' | 'wordBoundary' | 'notWordBoundary';

export type PatternNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'assert'; readonly assertion: Assertion }
  /** A capturing group; `index` counts opening parentheses from 1. */
  | { readonly kind: 'group'; readonly index: number; readonly body: PatternNode }
  | { readonly kind: 'concat'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'alternate'; readonly items: readonly PatternNode[] }
  /** `max` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly body: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    };

/** A pattern that is refused: `at` is the offset in the pattern. Caught inside this folder. */
export class PatternError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** True when the node can match the empty string. */
export function isNullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'empty':
    case 'assert':
      return true;
    case 'char':
    case 'set':
      return false;
    case 'group':
      return isNullable(node.body);
    case 'concat':
      return node.items.every(isNullable);
    case 'alternate':
      return node.items.some(isNullable);
    case 'repeat':
      break;
  }
  return node.min === 0 || isNullable(node.body);
}

/**
 * An upper bound of the instructions that the node becomes, at least 1, so that it also bounds the work of expanding
 * counted repeats of nothing. May be Infinity.
 */
export function countInstructions(node: PatternNode): number {
  switch (node.kind) {
    case 'empty':
    case 'char':
    case 'set':
    case 'assert':
      return 1;
    case 'group':
      return countInstructions(node.body) + 2;
    case 'concat':
      return node.items.reduce((sum, item) => sum + countInstructions(item), 0);
    case 'alternate':
      return node.items.reduce((sum, item) => sum + countInstructions(item) + 2, -2);
    case 'repeat':
      break;
  }
  if (node.max === 0) return 1;
  const body = countInstructions(node.body);
  if (node.max === Infinity) return Math.max(node.min, 1) * body + 2;
  // The body may count as Infinity, which a factor of 0 would turn into NaN.
  const copies = node.min === 0 ? 0 : node.min * body;
  return node.max === node.min ? copies : copies + (node.max - node.min) * (body + 1);
}
