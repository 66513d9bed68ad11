// The book of problems: by unit in, by object out, and for which objects something changed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectRef, Problem } from '../model/index.ts';
import { ProblemBook, quoteValue } from './problems.ts';

const web: ObjectRef = { kind: 'Ingress', namespace: 'shop', name: 'web' };
const api: ObjectRef = { kind: 'Ingress', namespace: 'shop', name: 'api' };

function problem(object: ObjectRef, field: string, message = 'x'): Problem {
  return { code: 'PathShadowed', severity: 'warning', object, field, message };
}

describe('ProblemBook', () => {
  it('gathers what several units say of one object, sorted, each once', () => {
    const book = new ProblemBook();
    book.put('host b', [problem(web, 'b'), problem(api, 'z')]);
    book.put('host a', [problem(web, 'a'), problem(web, 'b')]);
    assert.deepEqual(
      book.of(web).map(({ field }) => field),
      ['a', 'b'],
    );
    assert.deepEqual(
      book.all().map(({ object, field }) => `${object.name} ${field}`),
      ['api z', 'web a', 'web b'],
    );
    assert.deepEqual(book.of({ kind: 'Service', namespace: 'shop', name: 'web' }), []);
  });

  it('forgets what a unit no longer says', () => {
    const book = new ProblemBook();
    book.put('host a', [problem(web, 'a'), problem(api, 'a')]);
    book.put('host a', [problem(api, 'a')]);
    assert.deepEqual(book.of(web), []);
    book.put('host a', []);
    assert.deepEqual(book.all(), []);
  });

  it('names the objects for which something changed since the last time, and no others', () => {
    const book = new ProblemBook();
    book.put('host a', [problem(web, 'a'), problem(api, 'a')]);
    assert.deepEqual(book.takeChanged(), [api, web]);
    assert.deepEqual(book.takeChanged(), []);
    book.put('host a', [problem(web, 'a'), problem(api, 'b')]);
    assert.deepEqual(book.takeChanged(), [api]);
    book.put('host a', [problem(web, 'a')]);
    book.put('host b', [problem(api, 'b')]);
    assert.deepEqual(book.takeChanged(), []);
    book.put('host a', []);
    assert.deepEqual(book.takeChanged(), [web]);
  });
});

describe('quoteValue', () => {
  it('escapes and cuts', () => {
    assert.equal(quoteValue('a"b\n'), '"a\\"b\\n"');
    assert.equal(quoteValue('x'.repeat(200)).length, 123);
  });
});
