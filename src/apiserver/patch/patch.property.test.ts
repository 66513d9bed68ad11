// Laws of the three kinds of patches: a patch made from two documents leads from one to the other, inputs stay as they are, and
// nothing but a PatchError is ever thrown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '../../../test/deep-freeze.ts';
import { isJsonObject } from '../../kube/index.ts';
import { free, listOf, mapList, setList, structOf, text, textMap } from '../../kube/schema.ts';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMerge,
  equalJson,
  type JsonObject,
  PatchError,
} from './index.ts';

const names = fc.constantFrom('a', 'b', 'c/d', 'e~f', '__proto__', 'constructor', '0', '-', '$patch');
const scalar = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.constantFrom('merge', 'delete', 'replace'),
);

function jsonOf(allowsNull: boolean): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      allowsNull ? fc.oneof(scalar, fc.constant(null)) : scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
}

const documents = fc.dictionary(names, jsonOf(false), { maxKeys: 5, noNullPrototype: true });

function membersOf(value: JsonObject): readonly string[] {
  return Object.keys(value);
}

/** A merge patch from one document to another; neither has nulls. */
function mergeDiff(from: JsonObject, to: JsonObject): JsonObject {
  const entries: [string, unknown][] = membersOf(from)
    .filter((name) => !Object.hasOwn(to, name))
    .map((name) => [name, null]);
  for (const name of membersOf(to)) {
    const [before, after] = [Object.hasOwn(from, name) ? from[name] : undefined, to[name]];
    if (isJsonObject(before) && isJsonObject(after)) entries.push([name, mergeDiff(before, after)]);
    else if (!equalJson(before, after)) entries.push([name, after]);
  }
  return Object.fromEntries(entries);
}

function pointerTo(path: readonly string[]): string {
  return path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A JSON patch from one document to another, member by member. */
function jsonDiff(from: JsonObject, to: JsonObject, path: readonly string[] = []): object[] {
  const removed = membersOf(from).filter((name) => !Object.hasOwn(to, name));
  const operations: object[] = removed.map((name) => ({ op: 'remove', path: pointerTo([...path, name]) }));
  for (const name of membersOf(to)) {
    const [before, after] = [Object.hasOwn(from, name) ? from[name] : undefined, to[name]];
    const place = [...path, name];
    if (isJsonObject(before) && isJsonObject(after)) operations.push(...jsonDiff(before, after, place));
    else if (!equalJson(before, after)) operations.push({ op: 'add', path: pointerTo(place), value: after });
    operations.push({ op: 'test', path: pointerTo(place), value: after });
  }
  return operations;
}

test('a merge patch made of two documents leads from one to the other', () => {
  fc.assert(
    fc.property(documents, documents, (from, to) => {
      const patch = deepFreeze(mergeDiff(from, to));
      const result = applyMergePatch(deepFreeze(from), patch);
      assert.ok(equalJson(result, to));
      assert.ok(equalJson(applyMergePatch(result, patch), to));
    }),
  );
});

test('a JSON patch made of two documents leads from one to the other', () => {
  fc.assert(
    fc.property(documents, documents, (from, to) => {
      assert.ok(equalJson(applyJsonPatch(deepFreeze(from), deepFreeze(jsonDiff(from, to))), to));
    }),
  );
});

const item = structOf('v1.Item', { name: text, labels: textMap, free });
const schema = structOf('v1.Thing', {
  a: mapList(item, ['name'], 'name'),
  b: setList(text, 'merge'),
  c: listOf(item),
});

const elements: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's', 't', 'u'), {
  maxLength: 6,
});

test('a strategic merge puts what it orders in its order and keeps the rest', () => {
  fc.assert(
    fc.property(elements, elements, (live, wanted) => {
      const named = (list: readonly string[]): object[] => list.map((name) => ({ name }));
      const patch = { a: named(wanted), '$setElementOrder/a': named(wanted), b: wanted };
      fc.pre(live.length + wanted.length > 0);
      const result = applyStrategicMerge(deepFreeze({ a: named(live), b: live }), deepFreeze(patch), schema);
      for (const list of [
        (result['a'] as { name: string }[]).map(({ name }) => name),
        result['b'] as string[],
      ]) {
        assert.deepEqual(
          list.filter((name) => wanted.includes(name)),
          wanted,
        );
        const rest = live.filter((name) => !wanted.includes(name));
        assert.deepEqual(
          list.filter((name) => !wanted.includes(name)),
          rest,
        );
      }
      assert.deepEqual(applyStrategicMerge(result, patch, schema), result);
    }),
  );
});

const operation = fc.record(
  {
    op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'zap'), jsonOf(true)),
    path: fc.oneof(
      fc.array(names, { maxLength: 3 }).map((tokens) => tokens.map((token) => `/${token}`).join('')),
      jsonOf(true),
    ),
    from: fc.array(names, { maxLength: 3 }).map((tokens) => tokens.map((token) => `/${token}`).join('')),
    value: jsonOf(true),
  },
  { requiredKeys: ['op', 'path'] },
);
const directives = fc.constantFrom(
  '$patch',
  '$retainKeys',
  '$setElementOrder/a',
  '$setElementOrder/b',
  '$setElementOrder',
  '$deleteFromPrimitiveList/b',
  'a',
  'b',
  'c',
  'name',
);
const strategic = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(directives, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

function expectPatchError(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
  }
}

test('hostile patches are applied or refused, nothing else', () => {
  fc.assert(
    fc.property(
      documents,
      fc.array(operation, { maxLength: 6 }),
      strategic,
      jsonOf(true),
      (raw, operations, tree, any) => {
        const document = deepFreeze(raw);
        expectPatchError(() => applyJsonPatch(document, deepFreeze(operations)));
        for (const patch of [tree, any]) {
          deepFreeze(patch);
          expectPatchError(() => applyJsonPatch(document, patch));
          expectPatchError(() => applyMergePatch(document, patch));
          expectPatchError(() => applyStrategicMerge(document, patch, schema));
        }
        const lists = deepFreeze({ a: [{ name: 'p' }, { name: 'q' }], b: ['p', 'q'], c: [] });
        expectPatchError(() => applyStrategicMerge(lists, tree, schema));
      },
    ),
    { numRuns: 300 },
  );
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});
