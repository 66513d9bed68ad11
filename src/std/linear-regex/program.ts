// Turns a syntax tree into a flat program for the machine in machine.ts. Counted repeats are expanded; the caller has
// bounded the size before.
import { otherCase } from './byte-set.ts';
import type { OnePass } from './one-pass.ts';
import type { Assertion, ByteSet, PatternNode } from './syntax.ts';
import { isNullable } from './syntax.ts';

/** Instruction codes; `x` and `y` are the operands. */
export const opChar = 0; // consumes x
export const opPair = 1; // consumes x or y
export const opSet = 2; // consumes a byte with a 1 in members[x + byte]
export const opMatch = 3;
export const opJump = 4; // goes to x
export const opSplit = 5; // goes to x first, then y
export const opSave = 6; // stores the position in slot x
export const opStart = 7;
export const opEnd = 8;
export const opWordBoundary = 9;
export const opNotWordBoundary = 10;

export interface Program {
  readonly ops: Uint8Array;
  readonly x: Int32Array;
  readonly y: Int32Array;
  /** The byte sets, 256 entries each, one behind the other. */
  readonly members: Uint8Array;
  /** Two per group, the whole match included. */
  readonly slotCount: number;
  /** The pattern begins with `^` (which is then not in the program). */
  readonly anchored: boolean;
  /** The first so many instructions are literals that every match begins with. */
  readonly prefixLength: number;
  /** Made by the machine. Null: the program has choices. Undefined: not tried yet. */
  onePass: OnePass | null | undefined;
}

/** Perl priorities: what a thread tries first, it prefers. Slots 0 and 1 are the machine's own. */
export function compileProgram(root: PatternNode, groupCount: number, ignoreCase: boolean): Program {
  const { anchored, rest } = cutAnchor(root);
  const emitter = new Emitter(ignoreCase);
  emitter.emitNode(rest);
  emitter.emit(opMatch);
  const { ops, x, y, sets } = emitter;
  const prefixLength = ops.findIndex((op) => op !== opChar && op !== opPair);
  return {
    ops: Uint8Array.from(ops),
    x: Int32Array.from(x),
    y: Int32Array.from(y),
    members: joinSets(sets),
    slotCount: 2 * (groupCount + 1),
    anchored,
    prefixLength,
    onePass: undefined,
  };
}

function joinSets(sets: readonly ByteSet[]): Uint8Array {
  const members = new Uint8Array(256 * sets.length);
  sets.forEach((set, index) => members.set(set, 256 * index));
  return members;
}

function cutAnchor(root: PatternNode): { anchored: boolean; rest: PatternNode } {
  const first = root.kind === 'concat' ? root.items[0] : root;
  if (first?.kind !== 'assert' || first.assertion !== 'start') return { anchored: false, rest: root };
  return {
    anchored: true,
    rest: root.kind === 'concat' ? { kind: 'concat', items: root.items.slice(1) } : { kind: 'empty' },
  };
}

const assertionOps: Readonly<Record<Assertion, number>> = {
  start: opStart,
  end: opEnd,
  wordBoundary: opWordBoundary,
  notWordBoundary: opNotWordBoundary,
};

class Emitter {
  readonly ops: number[] = [];
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly sets: ByteSet[] = [];
  readonly #ignoreCase: boolean;
  readonly #setIndexes = new Map<ByteSet, number>();

  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase;
  }

  /** Returns the instruction's address. */
  emit(op: number, x = 0, y = 0): number {
    this.x.push(x);
    this.y.push(y);
    return this.ops.push(op) - 1;
  }

  emitNode(node: PatternNode): void {
    switch (node.kind) {
      case 'empty':
        return;
      case 'char':
        this.#emitChar(node.code);
        return;
      case 'set':
        this.emit(opSet, 256 * this.#setIndex(node.set));
        return;
      case 'assert':
        this.emit(assertionOps[node.assertion]);
        return;
      case 'group':
        this.emit(opSave, 2 * node.index);
        this.emitNode(node.body);
        this.emit(opSave, 2 * node.index + 1);
        return;
      case 'concat':
        for (const item of node.items) this.emitNode(item);
        return;
      case 'alternate':
        this.#emitAlternate(node.items);
        return;
      case 'repeat':
        if (node.max === Infinity) this.#emitLoop(node);
        else this.#emitCounted(node);
        return;
    }
  }

  #emitChar(code: number): void {
    const other = this.#ignoreCase ? otherCase(code) : -1;
    if (other === -1) this.emit(opChar, code);
    else this.emit(opPair, code, other);
  }

  #setIndex(set: ByteSet): number {
    const known = this.#setIndexes.get(set);
    if (known !== undefined) return known;
    const index = this.sets.push(set) - 1;
    this.#setIndexes.set(set, index);
    return index;
  }

  #emitAlternate(items: readonly PatternNode[]): void {
    const jumps: number[] = [];
    items.forEach((item, index) => {
      if (index === items.length - 1) {
        this.emitNode(item);
        return;
      }
      const split = this.emit(opSplit, this.ops.length + 1);
      this.emitNode(item);
      jumps.push(this.emit(opJump));
      this.y[split] = this.ops.length;
    });
    for (const jump of jumps) this.x[jump] = this.ops.length;
  }

  /**
   * `x{n,}`: n - 1 copies, then `x+`. A `x*` whose body can be empty becomes `(x+)?`: only so does an empty iteration keep
   * its priority over leaving the loop, as in PCRE.
   */
  #emitLoop(node: PatternNode & { kind: 'repeat' }): void {
    const { body, min, greedy } = node;
    if (min === 0 && !isNullable(body)) {
      const split = this.#emitFork(greedy);
      this.emitNode(body);
      this.emit(opJump, split);
      this.#setExit(split, greedy, this.ops.length);
      return;
    }
    const skip = min === 0 ? this.#emitFork(greedy) : -1;
    for (let copy = 1; copy < min; copy += 1) this.emitNode(body);
    const start = this.ops.length;
    this.emitNode(body);
    if (greedy) this.emit(opSplit, start, this.ops.length + 1);
    else this.emit(opSplit, this.ops.length + 1, start);
    if (skip !== -1) this.#setExit(skip, greedy, this.ops.length);
  }

  #emitCounted(node: PatternNode & { kind: 'repeat' }): void {
    for (let copy = 0; copy < node.min; copy += 1) this.emitNode(node.body);
    const forks: number[] = [];
    for (let copy = node.min; copy < node.max; copy += 1) {
      forks.push(this.#emitFork(node.greedy));
      this.emitNode(node.body);
    }
    for (const fork of forks) this.#setExit(fork, node.greedy, this.ops.length);
  }

  /** A split between the next instruction and an exit that is filled in later. */
  #emitFork(greedy: boolean): number {
    const next = this.ops.length + 1;
    return greedy ? this.emit(opSplit, next, 0) : this.emit(opSplit, 0, next);
  }

  #setExit(fork: number, greedy: boolean, exit: number): void {
    if (greedy) this.y[fork] = exit;
    else this.x[fork] = exit;
  }
}
