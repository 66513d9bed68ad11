// Programs that never have a choice: at every position at most one instruction can take the character. Most patterns of Ingress paths
// are such (`/shop(/|$)(.*)`). They run as one walk over a table instead of a set of threads, with the same result as the machine's.
import { opEnd, opJump, opMatch, opPair, opSave, opSet, opSplit, type Program } from './program.ts';

/** Larger ones are left to the machine: tables cost memory for each route. */
const maxStates = 48;
const noEdge = 0xff;
const noSaves: readonly number[] = [];

/** The end of a match at a state. */
interface Ending {
  /** Slots that get the position. */
  readonly saves: readonly number[];
  readonly onlyAtEnd: boolean;
}

interface Edge {
  readonly state: number;
  /** Slots that get the position before the character. */
  readonly saves: readonly number[];
}

/** What a state may do, in order of priority. */
interface Step {
  readonly pc: number;
  readonly saves: readonly number[];
}

export class OnePass {
  /** By state and byte: an edge. */
  readonly #table: Uint8Array;
  readonly #edges: readonly Edge[];
  /** By state. */
  readonly #endings: readonly (Ending | null)[];
  readonly #unset: readonly number[];

  constructor(
    table: Uint8Array,
    edges: readonly Edge[],
    endings: readonly (Ending | null)[],
    slotCount: number,
  ) {
    this.#table = table;
    this.#edges = edges;
    this.#endings = endings;
    this.#unset = Array.from({ length: slotCount }, () => -1);
  }

  /** Walks from `from` on; slots as `runProgram` gives them. Null: no match. */
  match(text: string, from: number): number[] | null {
    const table = this.#table;
    const slots = this.#unset.slice();
    slots[0] = 0;
    /** The slots when the match was found, where a later step has changed them. */
    let kept: number[] | null = null;
    let ending: Ending | null = null;
    let endedAt = -1;
    let state = 0;
    for (let at = from; ; at += 1) {
      const here = this.#endings[state] as Ending | null;
      if (here !== null && (!here.onlyAtEnd || at === text.length)) {
        kept = null;
        ending = here;
        endedAt = at;
      }
      const index = edgeIndexAt(table, state, text, at);
      if (index === noEdge) break;
      const edge = this.#edges[index] as Edge;
      if (edge.saves !== noSaves) {
        if (ending !== null && kept === null) kept = slots.slice();
        for (const slot of edge.saves) slots[slot] = at;
      }
      ({ state } = edge);
    }
    if (ending === null) return null;
    const found = kept ?? slots;
    for (const slot of ending.saves) found[slot] = endedAt;
    found[1] = endedAt;
    return found;
  }

  /** As `match`, without positions, and at an end as soon as there is a match. */
  test(text: string, from: number): boolean {
    let state = 0;
    for (let at = from; ; at += 1) {
      const here = this.#endings[state] as Ending | null;
      if (here !== null && (!here.onlyAtEnd || at === text.length)) return true;
      const index = edgeIndexAt(this.#table, state, text, at);
      if (index === noEdge) return false;
      ({ state } = this.#edges[index] as Edge);
    }
  }
}

function edgeIndexAt(table: Uint8Array, state: number, text: string, at: number): number {
  if (at >= text.length) return noEdge;
  const code = text.charCodeAt(at);
  return code > 0xff ? noEdge : (table[256 * state + code] as number);
}

/** Null: the program has choices, or asks for more than characters and the end. */
export function compileOnePass(program: Program): OnePass | null {
  return new Compiler(program).compile();
}

class Compiler {
  readonly #program: Program;
  /** State 0 is the start; the others are consuming instructions that have consumed. */
  readonly #pcs: number[];
  readonly #stateOf = new Map<number, number>();
  readonly #edges: Edge[] = [];
  readonly #endings: (Ending | null)[] = [];
  readonly #rows: Uint8Array[] = [];

  constructor(program: Program) {
    this.#program = program;
    this.#pcs = [program.prefixLength];
  }

  compile(): OnePass | null {
    for (let state = 0; state < this.#pcs.length; state += 1) {
      if (state >= maxStates || !this.#addState(this.#pcs[state] as number)) return null;
    }
    const table = new Uint8Array(256 * this.#rows.length);
    this.#rows.forEach((row, state) => table.set(row, 256 * state));
    return new OnePass(table, this.#edges, this.#endings, this.#program.slotCount);
  }

  /** False: not to be done in one pass. */
  #addState(first: number): boolean {
    const found = this.#explore(first);
    if (found === null) return false;
    const row = new Uint8Array(256).fill(noEdge);
    for (const step of found.steps) {
      const edge = this.#edges.length;
      if (edge >= noEdge) return false;
      this.#edges.push({ state: this.#ensureState(step.pc + 1), saves: step.saves });
      for (const code of this.#codesOf(step.pc)) {
        if (row[code] !== noEdge) return false;
        row[code] = edge;
      }
    }
    this.#rows.push(row);
    this.#endings.push(found.ending);
    return true;
  }

  #ensureState(pc: number): number {
    const known = this.#stateOf.get(pc);
    if (known !== undefined) return known;
    const state = this.#pcs.push(pc) - 1;
    this.#stateOf.set(pc, state);
    return state;
  }

  #codesOf(pc: number): number[] {
    const { ops, x, y, members } = this.#program;
    const operand = x[pc] as number;
    if (ops[pc] !== opSet) return ops[pc] === opPair ? [operand, y[pc] as number] : [operand];
    const codes: number[] = [];
    for (let code = 0; code < 256; code += 1) if (members[operand + code] === 1) codes.push(code);
    return codes;
  }

  /**
   * What `first` leads to without consuming, in order of priority. Null where that depends on more than the end of the text, or where
   * a match is found in two ways.
   */
  #explore(first: number): { steps: Step[]; ending: Ending | null } | null {
    const { ops, x, y } = this.#program;
    const steps: Step[] = [];
    let ending: Ending | null = null;
    const seen = new Set<string>();
    const pending = [{ pc: first, saves: noSaves, atEnd: false }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { pc, saves, atEnd } = next;
      const visit = `${pc} ${atEnd}`;
      if (seen.has(visit)) continue;
      seen.add(visit);
      const op = ops[pc] as number;
      if (op < opMatch) {
        // Behind the end there is nothing to consume.
        if (!atEnd) steps.push({ pc, saves });
      } else if (op === opMatch) {
        if (ending !== null) return null;
        ending = { saves, onlyAtEnd: atEnd };
        // What has a lower priority never comes to it.
        if (!atEnd) break;
      } else if (op === opJump) pending.push({ ...next, pc: x[pc] as number });
      else if (op === opSplit)
        pending.push({ ...next, pc: y[pc] as number }, { ...next, pc: x[pc] as number });
      else if (op === opSave) pending.push({ pc: pc + 1, saves: withSlot(saves, x[pc] as number), atEnd });
      else if (op === opEnd) pending.push({ pc: pc + 1, saves, atEnd: true });
      else return null;
    }
    return { steps, ending };
  }
}

function withSlot(saves: readonly number[], slot: number): readonly number[] {
  return saves.includes(slot) ? saves : [...saves, slot];
}
