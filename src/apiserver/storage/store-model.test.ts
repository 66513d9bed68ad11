// Whatever is written, read, watched and reopened, in any order: the store answers as the reference does. A small history makes
// compaction a part of it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ListRange,
  type Mutation,
  type ObjectStore,
  openStore,
  RevisionExpiredError,
  type StoreEvent,
} from './index.ts';
import { ReferenceStore } from './reference-store.fixture.ts';
import { leases, put, remove, services, temporaryFolder } from './store.fixture.ts';

/** Fixed, so that the gate is the same everywhere; fast-check prints it, and the shrunk case, on failure. */
const runs = { seed: 20_261_121, numRuns: 150 };
const minEvents = 6;
const limits = { minEvents, minAgeMs: 100, maxEvents: 40, maxBytes: 1_000_000 };

const resource = fc.constantFrom(services, leases);
const namespace = fc.constantFrom('', 'a', 'a-b', 'b');
const name = fc.constantFrom('a', 'aa', 'b', 'w-1', 'w-10', 'w-2');
const key = fc.tuple(resource, namespace, name).map(([r, n, m]) => ({ resource: r, namespace: n, name: m }));
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(key, fc.jsonValue({ maxDepth: 2 })).map(([at, value]) => put(at, value)) },
  { weight: 1, arbitrary: key.map(remove) },
);
/** Counted back from the newest. */
const age = fc.nat({ max: 25 });
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('write'), mutations: fc.array(mutation, { maxLength: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('batch'),
      mutations: fc.array(mutation, { maxLength: 8 }),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('list'),
      resource,
      namespace: fc.option(namespace),
      after: fc.option(fc.record({ namespace, name })),
      limit: fc.option(fc.integer({ min: 1, max: 4 })),
      age: fc.option(age),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('watch'), resource, namespace: fc.option(namespace), age }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop'), index: fc.nat({ max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat({ max: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Watching {
  readonly told: StoreEvent[];
  readonly expected: () => readonly StoreEvent[];
  readonly stop: () => void;
}

const planned = new Error('planned');

class Trial {
  readonly #path: string;
  readonly #reference = new ReferenceStore();
  #store: ObjectStore;
  #watches: Watching[] = [];
  #nowMs = 1_000;

  constructor(path: string) {
    this.#path = path;
    this.#store = this.#open();
  }

  run(next: Step): void {
    if (next.kind === 'write') this.#write(next.mutations);
    else if (next.kind === 'batch') this.#batch(next.mutations, next.fails);
    else if (next.kind === 'list') this.#list(next);
    else if (next.kind === 'watch') this.#watch(next);
    else if (next.kind === 'stop') this.#stop(next.index);
    else if (next.kind === 'wait') this.#nowMs += next.ms;
    else this.#reopen();
    assert.equal(this.#store.revision, this.#reference.revision);
    for (const each of this.#watches) assert.deepEqual(each.told, each.expected());
  }

  close(): void {
    this.#store.close();
  }

  #open(): ObjectStore {
    return openStore({ path: this.#path, durability: 'kernel', history: limits, nowMs: () => this.#nowMs });
  }

  #write(mutations: readonly Mutation[]): void {
    const stored = this.#store.write(mutations);
    assert.deepEqual(
      stored,
      mutations.map((each) => this.#reference.write(each)),
    );
    for (const { key } of mutations) assert.deepEqual(this.#store.get(key), this.#reference.get(key));
  }

  #batch(mutations: readonly Mutation[], fails: boolean): void {
    const before = this.#reference.events;
    const run = (): void => {
      for (const each of mutations) this.#write([each]);
      if (fails) throw planned;
    };
    if (!fails) return this.#store.batch(run);
    assert.throws(() => this.#store.batch(run), planned);
    this.#reference.events = before;
  }

  #list(next: Extract<Step, { kind: 'list' }>): void {
    const atRevision = next.age === null ? null : Math.max(0, this.#store.revision - next.age);
    const range: ListRange = {
      resource: next.resource,
      namespace: next.namespace,
      ...(next.after === null ? {} : { after: next.after }),
      ...(next.limit === null ? {} : { limit: next.limit }),
      ...(atRevision === null ? {} : { atRevision }),
    };
    if (atRevision !== null && this.#isExpired(next.resource, atRevision, () => this.#store.list(range)))
      return;
    assert.deepEqual(this.#store.list(range), this.#reference.list(range));
  }

  #watch(next: Extract<Step, { kind: 'watch' }>): void {
    const from = Math.max(0, this.#store.revision - next.age);
    const told: StoreEvent[] = [];
    const begin = (): (() => void) =>
      this.#store.watch(next.resource, next.namespace, from, (event) => told.push(event)).stop;
    if (this.#isExpired(next.resource, from, () => begin()())) return;
    told.length = 0;
    const expected = (): readonly StoreEvent[] => this.#reference.behind(next.resource, next.namespace, from);
    this.#watches.push({ told, expected, stop: begin() });
  }

  /** Only what is older than the promised history may be refused, and it says from where on. */
  #isExpired(resource: string, revision: number, attempt: () => unknown): boolean {
    try {
      attempt();
      return false;
    } catch (error) {
      assert.ok(error instanceof RevisionExpiredError, String(error));
      assert.ok(error.oldestRevision > revision && error.oldestRevision <= this.#store.oldestRevision);
      const kept = this.#reference.behind(resource, null, revision).length;
      assert.ok(revision < 1 || kept > minEvents, `${kept} events are too few to be refused`);
      return true;
    }
  }

  #stop(index: number): void {
    const [watching] = this.#watches.splice(index, 1);
    if (watching === undefined) return;
    watching.stop();
    const before = [...watching.told];
    this.#write([put({ resource: services, namespace: 'a', name: 'a' }, 'behind the stop')]);
    assert.deepEqual(watching.told, before);
  }

  #reopen(): void {
    this.#store.close();
    this.#watches = [];
    this.#store = this.#open();
    for (const each of [services, leases]) {
      assert.deepEqual(
        this.#store.list({ resource: each, namespace: null }),
        this.#reference.list({ resource: each, namespace: null }),
      );
    }
  }
}

test('the store answers as the reference does, across restarts and compactions', () => {
  const folder = temporaryFolder();
  let trials = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      trials += 1;
      const trial = new Trial(join(folder, `${trials}.db`));
      try {
        for (const next of steps) trial.run(next);
        trial.run({ kind: 'reopen' });
      } finally {
        trial.close();
      }
    }),
    runs,
  );
});
