// Invariants of ownership over random histories of writes and applies by several managers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { isJsonObject } from '../../kube/index.ts';
import { equalJson, type JsonObject, PatchError } from '../patch/index.ts';
import {
  emptyFieldSet,
  type FieldSet,
  fieldSetOf,
  fieldsOf,
  managedFieldsOf,
  parseFieldsV1,
  withManagedFields,
} from './index.ts';
import { apply, applied, schemaV1, store, versions, v1, v1beta1, widget, write } from './widget.fixture.ts';

const names = fc.constantFrom('a', 'b', 'c', '__proto__');
const freeTree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ max: 2, min: 0 }),
    fc.constantFrom('s', true),
    fc.array(fc.nat(2), { maxLength: 2 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const port = fc.record(
  {
    port: fc.constantFrom(80, 81, 82),
    protocol: fc.constantFrom('TCP', 'UDP'),
    name: fc.constantFrom('x', 'y'),
  },
  { requiredKeys: ['port'] },
);
function specsWithLists(minLength: number): fc.Arbitrary<JsonObject> {
  const selector = ({ port: number, protocol = 'TCP' }: { port: number; protocol?: string }): string =>
    `${number}${protocol}`;
  return fc.record(
    {
      size: fc.nat(2),
      free: fc.dictionary(names, freeTree, { maxKeys: 3, noNullPrototype: true }),
      ports: fc.uniqueArray(port, { minLength, maxLength: 4, selector }),
      tags: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength, maxLength: 3 }),
      whole: fc.dictionary(names, fc.nat(2), { maxKeys: 2, noNullPrototype: true }),
      steps: fc.array(fc.constantFrom('s', 't'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
}

const specs = specsWithLists(0);

interface Move {
  readonly by: string;
  readonly spec: JsonObject;
  readonly does: 'write' | 'apply' | 'force';
}

function movesOf(spec: fc.Arbitrary<JsonObject>): fc.Arbitrary<readonly Move[]> {
  const by = fc.constantFrom('one', 'two', 'kubectl');
  const does = fc.constantFrom('write' as const, 'apply' as const, 'force' as const);
  return fc.array(fc.record({ by, spec, does }), { minLength: 1, maxLength: 6 });
}

const moves = movesOf(specs);

/** The stored object after a move; conflicts leave it as it was. */
function play(live: JsonObject | null, { by, spec, does }: Move, atSeconds: number): JsonObject | null {
  if (does === 'write') {
    // Somebody owns something always: objects without managers are not tracked.
    const next = widget(spec, { labels: { kept: '1' }, ...(live === null ? {} : { uid: 'u-1' }) });
    return write(live, next, by, { atSeconds });
  }
  const result = apply(live, widget(spec), by, { atSeconds, force: does === 'force' });
  return result.kind === 'applied' ? store(result.object) : live;
}

function isObjectName(text: string | undefined): boolean {
  return text?.startsWith('f:') === true && !['f:size', 'f:steps', 'f:port', 'f:name'].includes(text);
}

interface Owner {
  readonly manager: string;
  readonly fields: FieldSet;
}

function ownersOf(object: JsonObject): readonly Owner[] {
  const entries = managedFieldsOf(object);
  return (Array.isArray(entries) ? entries : []).map((entry: JsonObject) => {
    const fields = parseFieldsV1(entry['fieldsV1']);
    assert.ok(fields !== null);
    return { manager: `${String(entry['manager'])} ${String(entry['operation'])}`, fields };
  });
}

function allOwned(object: JsonObject): FieldSet {
  return ownersOf(object).reduce((set, { fields }) => set.union(fields), emptyFieldSet);
}

/** Members without members below. */
function leavesOf(set: FieldSet): FieldSet {
  return fieldSetOf(set.paths().filter((path) => path.reduce((rest, step) => rest.below(step), set).isEmpty));
}

/** Objects that were emptied by others need not be anybody's. */
function withoutEmpty(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withoutEmpty(member)] as const);
  return Object.fromEntries(
    members.filter(([, member]) => !isJsonObject(member) || Object.keys(member).length > 0),
  );
}

/** With everything on the way: an empty list or object is owned by its own name. */
function withPrefixes(set: FieldSet): FieldSet {
  return fieldSetOf(set.paths().flatMap((path) => path.map((_, length) => path.slice(0, length + 1))));
}

const runs = { numRuns: 150 };

test('every field of an object is owned by somebody, and nobody owns what is not there', () => {
  fc.assert(
    // An empty list is owned by its name but has no element that says so.
    fc.property(movesOf(specsWithLists(1)), (history) => {
      let live: JsonObject | null = write(null, widget({}, { labels: { kept: '1' } }), 'base');
      for (const [index, move] of history.entries()) {
        live = play(live, deepFreeze(move), index);
        if (live === null) continue;
        deepFreeze(live);
        const there = fieldsOf(live, schemaV1);
        const owned = allOwned(live);
        const leaves = leavesOf(fieldsOf(withoutEmpty(live), schemaV1));
        assert.ok(leaves.difference(owned).isEmpty, 'a leaf is nobody’s');
        const gone = leavesOf(owned).difference(withPrefixes(there)).paths();
        // An object that lost its last member is gone too, but whoever applies it empty owns it.
        assert.ok(
          gone.every((path) => isObjectName(path.at(-1)?.text)),
          'what is not there is owned',
        );
      }
    }),
    runs,
  );
});

test('an apply that was made is no write when it is made again', () => {
  fc.assert(
    fc.property(moves, specs, (history, spec) => {
      const live = history.reduce<JsonObject | null>(
        (object, move, index) => play(object, move, index),
        null,
      );
      const once = applied(live, widget(spec), 'me', { force: true, atSeconds: 10 });
      const again = apply(deepFreeze(once), deepFreeze(widget(spec)), 'me', { atSeconds: 20 });
      assert.ok(again.kind === 'applied' && again.isUnchanged);
      assert.equal(again.object, once);
    }),
    runs,
  );
});

test('force leaves its fields with their new values to the applier alone where others had other values', () => {
  fc.assert(
    fc.property(moves, specs, (history, spec) => {
      const live = history.reduce<JsonObject | null>(
        (object, move, index) => play(object, move, index),
        null,
      );
      const config = widget(spec);
      const plain = apply(live, config, 'me');
      const forced = applied(live, config, 'me', { force: true });
      const owners = ownersOf(forced);
      const mine = owners.find(({ manager }) => manager === 'me Apply')?.fields ?? emptyFieldSet;
      assert.ok(mine.equals(fieldsOf(config, schemaV1, ['status'])));
      if (plain.kind === 'applied') return;
      for (const { path } of plain.conflicts) {
        const holders = owners.filter(({ fields }) => fields.has(path)).map(({ manager }) => manager);
        // What is contested is a value or an element's place; the new value is the applier's.
        assert.ok(
          holders.every((holder) => holder === 'me Apply'),
          holders.join(),
        );
      }
    }),
    runs,
  );
});

test('an apply without conflicts gives the same object with and without force', () => {
  fc.assert(
    fc.property(moves, specs, (history, spec) => {
      const live = history.reduce<JsonObject | null>(
        (object, move, index) => play(object, move, index),
        null,
      );
      const plain = apply(live, widget(spec), 'me');
      if (plain.kind === 'conflicting') return;
      const forced = apply(live, widget(spec), 'me', { force: true });
      assert.ok(forced.kind === 'applied' && equalJson(plain.object, forced.object));
    }),
    runs,
  );
});

test('who applies nothing any more leaves nothing of its own behind', () => {
  fc.assert(
    fc.property(specs, specs, (mine, theirs) => {
      let live = applied(null, widget(theirs), 'they');
      live = applied(live, widget(mine), 'me', { force: true });
      const { spec: _, ...nothing } = widget({});
      live = applied(live, nothing, 'me', { force: true });
      assert.ok(ownersOf(live).every(({ manager }) => manager !== 'me Apply'));
    }),
    runs,
  );
});

const anyJson = fc.jsonValue({ maxDepth: 4 });
const hostile = fc.oneof(
  anyJson,
  fc.record({ apiVersion: fc.constant(v1), kind: fc.constant('Widget'), metadata: anyJson, spec: anyJson }),
  fc.record({
    apiVersion: fc.constant(v1),
    kind: fc.constant('Widget'),
    metadata: fc.record({ labels: anyJson, finalizers: anyJson }),
    spec: fc.record(
      { ports: fc.array(anyJson), tags: fc.array(anyJson), free: anyJson, whole: anyJson, size: anyJson },
      { requiredKeys: [] },
    ),
  }),
);

test('hostile configurations and managedFields are taken or refused, nothing else', () => {
  const entry = { manager: 'x', operation: 'Update', fieldsType: 'FieldsV1', time: 'never' };
  fc.assert(
    fc.property(hostile, anyJson, fc.constantFrom(v1, v1beta1, 'zz', ''), (config, fields, apiVersion) => {
      const managedFields = [{ ...entry, apiVersion, fieldsV1: { 'f:spec': fields } }, fields];
      const live = widget({ size: 1 }, { uid: 'u-1', managedFields });
      const attempts = [
        () => apply(live, config, 'kubectl', { force: true }),
        () => apply(withManagedFields(live, []), config, 'me'),
        () => write(live, isJsonObject(config) ? { ...widget({}), ...config } : widget({}), 'me'),
        () => write(widget({ size: 1 }, { uid: 'u-1' }), widget({}, { managedFields: fields }), 'me'),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch (error) {
          if (!(error instanceof PatchError)) throw error;
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.equal(versions.schemaOf('zz'), null);
});
