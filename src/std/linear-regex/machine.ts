// The machine: runs a program over a text as a set of threads in lockstep (Pike's algorithm), each instruction at most once
// per position. So a match costs at most positions × instructions steps, whatever the pattern.
// Programs that never have a choice skip that (one-pass.ts).
// The working memory is shared by all programs and grows to the largest one: a match allocates nothing but its result.
// Sharing is safe because a run is synchronous and calls nobody.
import { wordBytes } from './byte-set.ts';
import { compileOnePass, type OnePass } from './one-pass.ts';
import type { Program } from './program.ts';
import {
  opEnd,
  opJump,
  opMatch,
  opNotWordBoundary,
  opPair,
  opSave,
  opSet,
  opSplit,
  opStart,
  opWordBoundary,
} from './program.ts';

/** Threads at one position, in order of priority: an instruction and a row of slots each. */
interface ThreadList {
  size: number;
  pcs: Int32Array;
  slots: Int32Array;
}

let current: ThreadList = { size: 0, pcs: new Int32Array(0), slots: new Int32Array(0) };
let following: ThreadList = { size: 0, pcs: new Int32Array(0), slots: new Int32Array(0) };
/** The generation in which an instruction was last visited. */
let visited = new Int32Array(0);
let generation = 0;
/** Pending visits: an instruction (>= 0), or -1 - slot followed below by the value to restore. */
let stack = new Int32Array(0);
/** Slots of the thread being spread. */
let slots = new Int32Array(0);
let result = new Int32Array(0);
let steps = 0;

const maxGeneration = 0x7fff_fff0;

/** Making a table takes as long as many runs: nobody who has thousands of patterns shall have all of them made for one text. */
const runsBetweenTables = 1_000;
let runsUntilTable = 0;
const noSlots: readonly number[] = [];

/** Instructions visited by the last run: the measure in which the machine is linear. */
export function lastStepCount(): number {
  return steps;
}

/**
 * Runs the program. `unanchored`: begins at any position, the leftmost wins. `wantsSlots`: returns the positions of the
 * groups (-1: unset) in a new array; otherwise an empty array says that there is a match, found at the first chance. Null: no
 * match, or more than `maxSteps` steps: `lastStepCount` tells.
 */
export function runProgram(
  program: Program,
  text: string,
  unanchored: boolean,
  wantsSlots: boolean,
  maxSteps = Infinity,
): readonly number[] | null {
  const slotCount = wantsSlots ? program.slotCount : 0;
  steps = 0;
  const anywhere = unanchored && !program.anchored;
  if (!anywhere) {
    if (!hasPrefixAt(program, text, 0)) return null;
    const onePass = onePassOf(program);
    if (onePass !== null) return walkOnce(program, onePass, text, slotCount, maxSteps);
  }
  reserve(program.ops.length, slotCount);
  const isMatch = anywhere
    ? runAnywhere(program, text, slotCount, maxSteps)
    : runAnchored(program, text, slotCount, maxSteps);
  return isMatch && steps <= maxSteps ? Array.from(result.subarray(0, slotCount)) : null;
}

function onePassOf(program: Program): OnePass | null {
  runsUntilTable -= 1;
  if (program.onePass === undefined && runsUntilTable <= 0) {
    runsUntilTable = runsBetweenTables;
    program.onePass = compileOnePass(program);
  }
  return program.onePass ?? null;
}

function walkOnce(
  { prefixLength }: Program,
  onePass: OnePass,
  text: string,
  slotCount: number,
  maxSteps: number,
): readonly number[] | null {
  steps = 1 + text.length - prefixLength;
  if (steps > maxSteps) return null;
  if (slotCount > 0) return onePass.match(text, prefixLength);
  return onePass.test(text, prefixLength) ? noSlots : null;
}

/** The literals that every match begins with, compared without starting a thread. */
function hasPrefixAt(program: Program, text: string, at: number): boolean {
  const { x, y, ops, prefixLength } = program;
  if (text.length - at < prefixLength) return false;
  for (let index = 0; index < prefixLength; index += 1) {
    const code = text.charCodeAt(at + index);
    if (code !== x[index] && (ops[index] !== opPair || code !== y[index])) return false;
  }
  return true;
}

/** The prefix is known to match: the first thread starts behind it. */
function runAnchored(program: Program, text: string, slotCount: number, maxSteps: number): boolean {
  const from = program.prefixLength;
  slots.fill(-1, 0, slotCount);
  if (slotCount > 0) slots[0] = 0;
  nextGeneration();
  current.size = 0;
  spread(program, current, from, text, from, slotCount);
  let isMatch = false;
  for (let at = from; current.size > 0; at += 1) {
    if (steps > maxSteps) break;
    if (advance(program, text, at, slotCount)) isMatch = true;
    if (isMatch && slotCount === 0) return true;
  }
  return isMatch;
}

function runAnywhere(program: Program, text: string, slotCount: number, maxSteps: number): boolean {
  let isMatch = false;
  nextGeneration();
  current.size = 0;
  for (let at = 0; at <= text.length && steps <= maxSteps; at += 1) {
    if (current.size === 0 && isMatch) break;
    if (!isMatch && hasPrefixAt(program, text, at)) {
      slots.fill(-1, 0, slotCount);
      if (slotCount > 0) slots[0] = at;
      spread(program, current, 0, text, at, slotCount);
    }
    if (advance(program, text, at, slotCount)) isMatch = true;
  }
  return isMatch;
}

/**
 * Moves every thread over the character at `at` and makes the moved ones the current list. True when a thread matched: it
 * ends those of lower priority, and its slots are the result so far.
 */
function advance(program: Program, text: string, at: number, slotCount: number): boolean {
  const { ops, x, y, members } = program;
  // Beyond the end no literal equals it and no set holds it.
  const code = at < text.length ? text.charCodeAt(at) : -1;
  const isByte = code >= 0 && code <= 0xff;
  const from = current;
  const { pcs, size } = from;
  nextGeneration();
  following.size = 0;
  let isMatch = false;
  for (let index = 0; index < size; index += 1) {
    const pc = pcs[index] as number;
    const op = ops[pc];
    const operand = x[pc] as number;
    if (op === opMatch) {
      isMatch = true;
      copySlots(from.slots, index * slotCount, result, 0, slotCount);
      if (slotCount > 0) result[1] = at;
      break;
    }
    const moves =
      op === opSet
        ? isByte && members[operand + code] === 1
        : code === operand || (op === opPair && code === y[pc]);
    // The next instruction may have been reached by a thread of higher priority.
    if (!moves || visited[pc + 1] === generation) continue;
    if (slotCount > 0) copySlots(from.slots, index * slotCount, slots, 0, slotCount);
    spread(program, following, pc + 1, text, at + 1, slotCount);
  }
  current = following;
  following = from;
  return isMatch;
}

/**
 * Adds to `list` every consuming instruction that `first` leads to without consuming, in order of priority, with the slots
 * as they are on that way.
 */
function spread(
  program: Program,
  list: ThreadList,
  first: number,
  text: string,
  at: number,
  slotCount: number,
): void {
  const { ops, x, y } = program;
  const now = generation;
  const seen = visited;
  const pending = stack;
  let top = 0;
  let entry = first;
  for (;;) {
    if (entry < 0) {
      top -= 1;
      slots[-1 - entry] = pending[top] as number;
    } else if (seen[entry] !== now) {
      seen[entry] = now;
      steps += 1;
      const op = ops[entry] as number;
      if (op <= opMatch) {
        if (slotCount > 0) copySlots(slots, 0, list.slots, list.size * slotCount, slotCount);
        list.pcs[list.size] = entry;
        list.size += 1;
      } else if (op === opJump) {
        entry = x[entry] as number;
        continue;
      } else if (op === opSplit) {
        pending[top] = y[entry] as number;
        top += 1;
        entry = x[entry] as number;
        continue;
      } else if (op === opSave) {
        top = save(x[entry] as number, at, top, slotCount);
        entry += 1;
        continue;
      } else if (holds(op, text, at)) {
        entry += 1;
        continue;
      }
    }
    if (top === 0) return;
    top -= 1;
    entry = pending[top] as number;
  }
}

/** Stores the position, and pushes what restores the slot once the instructions behind the save are visited. */
function save(slot: number, at: number, top: number, slotCount: number): number {
  if (slot >= slotCount) return top;
  stack[top] = slots[slot] as number;
  stack[top + 1] = -1 - slot;
  slots[slot] = at;
  return top + 2;
}

function holds(op: number, text: string, at: number): boolean {
  if (op === opStart) return at === 0;
  if (op === opEnd) return at === text.length;
  const isBoundary = isWordAt(text, at - 1) !== isWordAt(text, at);
  return op === opWordBoundary ? isBoundary : op === opNotWordBoundary && !isBoundary;
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && at < text.length && wordBytes[text.charCodeAt(at)] === 1;
}

function copySlots(from: Int32Array, fromAt: number, to: Int32Array, toAt: number, count: number): void {
  for (let index = 0; index < count; index += 1) to[toAt + index] = from[fromAt + index] as number;
}

function nextGeneration(): void {
  generation += 1;
  if (generation < maxGeneration) return;
  visited.fill(0);
  generation = 1;
}

/** Every instruction pushes at most two entries. */
function reserve(instructions: number, slotCount: number): void {
  if (visited.length < instructions) {
    visited = new Int32Array(instructions);
    stack = new Int32Array(2 * instructions + 1);
    current.pcs = new Int32Array(instructions);
    following.pcs = new Int32Array(instructions);
  }
  if (slots.length < slotCount) {
    slots = new Int32Array(slotCount);
    result = new Int32Array(slotCount);
  }
  if (current.slots.length < instructions * slotCount || following.slots.length < instructions * slotCount) {
    current.slots = new Int32Array(instructions * slotCount);
    following.slots = new Int32Array(instructions * slotCount);
  }
}
