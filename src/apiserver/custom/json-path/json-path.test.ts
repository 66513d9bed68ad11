// JSONPath of columns: what client-go's util/jsonpath finds for the same path.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSchema } from '../schema/json-schema.ts';
import { evaluateJsonPath } from './evaluate-json-path.ts';
import { findFieldSchema } from './field-path.ts';
import { parseJsonPath } from './parse-json-path.ts';

const object = {
  metadata: { labels: { 'a.b/c': 'dotted' } },
  spec: { ports: [80, 443, 8080], list: [{ k: '1' }, { k: '2', n: 5 }], none: null },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Live', status: 'False' },
    ],
  },
};

function find(path: string): readonly unknown[] | null | string {
  const parsed = parseJsonPath(path);
  return 'problem' in parsed ? parsed.problem : evaluateJsonPath(parsed.path, object);
}

test('members, indexes, slices, filters, unions', () => {
  assert.deepEqual(find('.spec.ports'), [[80, 443, 8080]]);
  assert.deepEqual(find('.spec.ports[0]'), [80]);
  assert.deepEqual(find('.spec.ports[-1:]'), [8080]);
  assert.deepEqual(find('.spec.ports[0:3:2]'), [80, 8080]);
  assert.deepEqual(find('.spec.ports[0,2]'), [80, 8080]);
  assert.deepEqual(find('.spec.list[*].k'), ['1', '2']);
  assert.deepEqual(find('.status.conditions[?(@.type=="Ready")].status'), ['True']);
  assert.deepEqual(find(".status.conditions[?(@.type!='Ready')].type"), ['Live']);
  assert.deepEqual(find('.spec.list[?(@.n)].k'), ['2']);
  assert.deepEqual(find('.spec.list[?(@.n > 4)].k'), ['2']);
  assert.deepEqual(find('.metadata.labels.a\\.b/c'), ['dotted']);
  assert.deepEqual(find(".metadata.labels['a\\.b/c']"), ['dotted']);
  assert.deepEqual(find('..status'), [object.status, 'True', 'False']);
});

test('what is not there is nothing, and what does not fit ends the search', () => {
  assert.deepEqual(find('.spec.absent.deep'), []);
  assert.deepEqual(find('.spec.none.deep'), []);
  assert.deepEqual(find('.__proto__'), []);
  assert.equal(find('.spec.ports[9]'), null);
  assert.equal(find('.spec[0]'), null);
});

test('paths that cannot be read say why', () => {
  assert.equal(find('.a[x]'), 'invalid array index x');
  assert.equal(find('.a[?(@.b'), 'unterminated filter');
  assert.equal(find('.a[0'), 'unterminated array');
  assert.equal(find('.a[?(@.b=~"c")]'), 'unrecognized filter operator =');
});

test('no text makes parsing or evaluation throw', () => {
  const part = fc.constantFrom(
    '.',
    '..',
    '[',
    ']',
    '[?(',
    ')]',
    '@',
    '"',
    "'",
    '*',
    '-1',
    ':',
    ',',
    'a',
    '==',
    '\\',
    '$',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const parsed = parseJsonPath(parts.join(''));
      if ('path' in parsed) evaluateJsonPath(parsed.path, object);
    }),
  );
});

test('results are bounded', () => {
  const wide = { a: Array.from({ length: 1_000 }, () => Array.from({ length: 100 }, () => [1])) };
  const parsed = parseJsonPath('..[*][*]');
  assert.ok('path' in parsed);
  assert.ok((evaluateJsonPath(parsed.path, wide)?.length ?? 0) <= 10_000);
});

test('field paths lead through properties and maps', () => {
  const schema = readSchema({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { m: { type: 'object', additionalProperties: { type: 'string' } } },
      },
    },
  });
  const found = findFieldSchema(".spec.m['a.b']", schema, { allowsBrackets: true });
  assert.ok('names' in found);
  assert.deepEqual(found.names, ['spec', 'm', 'a.b']);
  assert.deepEqual(findFieldSchema('spec.m', schema, { allowsBrackets: true }), {
    problem: 'expected [ or . but got: spec',
  });
  assert.deepEqual(findFieldSchema('.spec.zz', schema, { allowsBrackets: true }), {
    problem: 'does not refer to a valid field',
  });
  assert.deepEqual(findFieldSchema('.spec.', schema, { allowsBrackets: true }), {
    problem: 'unexpected end of JSON path',
  });
});
