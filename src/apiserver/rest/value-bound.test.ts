import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countValues, expectFewValues, maxStoredValues } from './value-bound.ts';
import { TestApi, widget, widgets, widgetsPath } from './rest.fixture.ts';

describe('the number of values', () => {
  it('counts members and elements, what stands behind two references twice, and stops when it is enough', () => {
    const shared = [1, 2];
    assert.equal(countValues({ a: shared, b: shared, c: { d: null } }, 100, 0), 8);
    assert.equal(countValues('text', 100, 0), 0);
    const wide: unknown[] = [];
    for (let at = 0; at < 40; at += 1) wide.push(wide.slice());
    assert.ok(countValues(wide, 1000, 0) > 1000);
    expectFewValues([1, 2], 2);
    assert.throws(() => expectFewValues([1, 2], 1), { message: /limit is 1 values/ });
  });

  it('is infinite for what is nested too deeply', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) value = [value];
    assert.equal(countValues(value, 1_000_000, 0), Number.POSITIVE_INFINITY);
  });

  it('bounds an object that grows by small patches', () => {
    const api = new TestApi();
    const notes = (letter: string, count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${letter}${index}`, '']));
    const object = widget('a', {}, { namespace: 'shop', annotations: notes('a', 70_000) });
    const key = { resource: widgets.storage, namespace: 'shop', name: 'a' };
    api.store.write([{ kind: 'put', key, object }]);
    const answer = api.expect(413, 'PATCH', `${widgetsPath}/a`, {
      bytes: JSON.stringify({ metadata: { annotations: notes('b', 40_000) } }),
      contentType: 'application/merge-patch+json',
    });
    assert.equal(answer['message'], `Request entity too large: limit is ${maxStoredValues} values`);
  });
});
