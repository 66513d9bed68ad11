// Fields taken out of documents by the paths of server-side apply. The texts of paths are those that kube-apiserver 1.36 answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dropField, readConflicts } from './field-conflicts.ts';

describe('readConflicts', () => {
  it('reads who changed which field, and nothing of other refusals', () => {
    const message = 'conflict with "kubectl-patch" using v1';
    const causes = [
      { reason: 'FieldManagerConflict', message, field: '.data.k' },
      { reason: 'FieldValueInvalid', message: 'x', field: 'data' },
    ];
    assert.deepEqual(readConflicts({ details: { causes } }), [{ path: '.data.k', manager: 'kubectl-patch' }]);
    for (const value of [null, 7, {}, { details: null }, { details: { causes: 'x' } }]) {
      assert.deepEqual(readConflicts(value), []);
    }
  });
});

describe('dropField', () => {
  const cases: readonly (readonly [document: object, path: string, rest: object, field: string])[] = [
    [{ data: { k: 1, l: 2 } }, '.data.k', { data: { l: 2 } }, 'data.k'],
    [{ a: { 'x.y/z': 1, x: { 'y/z': 2 } } }, '.a.x.y/z', { a: { x: { 'y/z': 2 } } }, 'a[x.y/z]'],
    [{ a: { x: { 'y/w': 2 } } }, '.a.x.y/w', { a: { x: {} } }, 'a.x[y/w]'],
    [
      {
        spec: {
          ports: [
            { port: 80, name: 'a' },
            { port: 81, protocol: 'TCP', name: 'b' },
          ],
        },
      },
      '.spec.ports[port=81,protocol="TCP"].name',
      {
        spec: {
          ports: [
            { port: 80, name: 'a' },
            { port: 81, protocol: 'TCP' },
          ],
        },
      },
      'spec.ports[1].name',
    ],
    // A key that has its default is not written in the document.
    [
      { spec: { ports: [{ port: 80, name: 'a' }] } },
      '.spec.ports[port=80,protocol="TCP"].name',
      { spec: { ports: [{ port: 80 }] } },
      'spec.ports[0].name',
    ],
    [{ l: [{ name: 'a]"b', v: 1 }] }, '.l[name="a]\\"b"].v', { l: [{ name: 'a]"b' }] }, 'l[0].v'],
    [{ finalizers: ['a', 'b'] }, '.finalizers[="b"]', { finalizers: ['a'] }, 'finalizers[1]'],
    [{ l: [1, 2] }, '.l[1]', { l: [1] }, 'l[1]'],
    [{ l: [{ name: 'a' }, { name: 'b' }] }, '.l[name="a"]', { l: [{ name: 'b' }] }, 'l[0]'],
  ];
  for (const [document, path, rest, field] of cases) {
    it(`takes out ${path}`, () => {
      const before = structuredClone(document);
      assert.deepEqual(dropField({ ...document }, path), { body: rest, field });
      assert.deepEqual(document, before);
    });
  }

  it('finds nothing where the path leads elsewhere', () => {
    const document = { data: { k: 1 }, l: [{ name: 'a' }], text: 'x' };
    for (const path of [
      '',
      '.',
      '.dat',
      '.data.kk',
      '.data.k.l',
      '.l[name="b"]',
      '.l[',
      '.l[=1]',
      '.text.x',
      'data',
    ]) {
      assert.equal(dropField(document, path), null, path);
    }
  });

  it('takes any text for a path, and keeps dangerous names as data', () => {
    const document: unknown = JSON.parse('{"a":{"__proto__":{"b":1},"constructor":2},"l":[{"k":"v"},[]]}');
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            '.',
            '[',
            ']',
            '=',
            '"',
            '\\',
            ',',
            'a',
            'l',
            'k',
            '1',
            '__proto__',
            'constructor',
          ),
        }),
        (path) => {
          dropField(document as Record<string, unknown>, path);
        },
      ),
    );
    const dropped = dropField(document as Record<string, unknown>, '.a.__proto__.b');
    assert.equal(JSON.stringify(dropped?.body), '{"a":{"__proto__":{},"constructor":2},"l":[{"k":"v"},[]]}');
  });
});
