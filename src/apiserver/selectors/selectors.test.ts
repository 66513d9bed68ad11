// Field selectors and selections: grammar, texts, meaning against a plain reading, and what hostile texts cost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { gadgets, widget, widgetResource, widgets } from '../rest/rest.fixture.ts';
import {
  isSelected,
  matchesFields,
  parseFieldSelector,
  parseSelection,
  SelectorSyntaxError,
} from './index.ts';

describe('parseFieldSelector', () => {
  it('reads terms, operators and escapes', () => {
    const term = (field: string, value: string, isEqual = true) => ({ field, isEqual, value });
    const cases: Readonly<Record<string, readonly object[]>> = {
      '': [],
      ',,': [],
      'a=b': [term('a', 'b')],
      'a==b': [term('a', 'b')],
      'a!=b': [term('a', 'b', false)],
      'b=2,a=1': [term('a', '1'), term('b', '2')],
      'a=': [term('a', '')],
      '=b': [term('', 'b')],
      'a=b\\,c': [term('a', 'b,c')],
      'a=b\\=\\\\': [term('a', 'b=\\')],
    };
    for (const [text, expected] of Object.entries(cases))
      assert.deepEqual(parseFieldSelector(text), expected, text);
  });

  it('refuses in the words of the API server', () => {
    const cases: Readonly<Record<string, string>> = {
      a: "invalid selector: 'a'; can't understand 'a'",
      'z=1,a': "invalid selector: 'z=1,a'; can't understand 'a'",
      'a=b=c': 'invalid field selector: unescaped character in value: 61',
      'a=b\\c': 'invalid field selector: invalid escape sequence: \\c',
      'a=b\\': 'invalid field selector: invalid escape sequence: \\',
      'a===b': 'invalid field selector: unescaped character in value: 61',
    };
    for (const [text, message] of Object.entries(cases)) {
      assert.throws(() => parseFieldSelector(text), { message }, text);
      assert.throws(() => parseFieldSelector(text), SelectorSyntaxError);
    }
  });

  it('takes back what was escaped', () => {
    const escape = (value: string): string => value.replace(/[\\,=]/g, (char) => `\\${char}`);
    const field = fc.constantFrom('a', 'b.c', 'd');
    const terms = fc.array(fc.tuple(field, fc.constantFrom('=', '==', '!='), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(terms, fc.dictionary(field, fc.string()), (parts, values) => {
        const text = parts.map(([name, operator, value]) => `${name}${operator}${escape(value)}`).join(',');
        const selector = parseFieldSelector(text);
        assert.equal(selector.length, parts.length);
        const read = (name: string): string => values[name] ?? '';
        const expected = parts.every(([name, operator, value]) =>
          operator === '!=' ? read(name) !== value : read(name) === value,
        );
        assert.equal(matchesFields(selector, read), expected);
      }),
    );
  });

  it('is linear in the length of what it reads', () => {
    const started = performance.now();
    for (const piece of ['a=b,', '\\,', '!=', 'a=\\\\', '(', ',']) {
      const text = piece.repeat(300_000);
      try {
        parseFieldSelector(text);
      } catch (error) {
        assert.ok(error instanceof SelectorSyntaxError);
      }
      try {
        parseSelection(text, '', widgets);
      } catch (error) {
        assert.ok(error instanceof SelectorSyntaxError);
      }
    }
    // A quadratic reading takes minutes.
    assert.ok(performance.now() - started < 60_000);
  });
});

describe('parseSelection', () => {
  it('knows which fields a kind has', () => {
    parseSelection('', 'spec.color=red,metadata.name=a,metadata.namespace=b', widgets);
    assert.throws(() => parseSelection('', 'spec.size=1', widgets), {
      message: 'field label not supported: spec.size',
    });
    assert.throws(() => parseSelection('', 'spec.color=red', gadgets), {
      message: '"spec.color" is not a known field selector: only "metadata.name", "metadata.namespace"',
    });
    const custom = widgetResource({ isCustom: true, selectableFields: new Map() });
    assert.throws(() => parseSelection('', 'x=1', custom), { message: 'field label not supported: x' });
    assert.throws(() => parseSelection('', '__proto__=1', widgets), SelectorSyntaxError);
  });

  it('selects by labels and fields together, and knows the one name it can mean', () => {
    const selection = parseSelection('app in (a,b),!old', 'spec.color!=red,metadata.name=x', widgets);
    assert.equal(selection.name, 'x');
    assert.equal(selection.namespace, null);
    assert.ok(!selection.isEverything);
    assert.ok(parseSelection('', '', widgets).isEverything);
    const object = (color: string, labels: object, name = 'x') => widget(name, { color }, { labels });
    assert.ok(isSelected(selection, object('blue', { app: 'a' }), widgets));
    assert.ok(!isSelected(selection, object('red', { app: 'a' }), widgets));
    assert.ok(!isSelected(selection, object('blue', { app: 'c' }), widgets));
    assert.ok(!isSelected(selection, object('blue', { app: 'a', old: '' }), widgets));
    assert.ok(!isSelected(selection, object('blue', { app: 'a' }, 'y'), widgets));
    assert.ok(!isSelected(selection, widget('x', { color: 'blue' }), widgets));
  });

  it('takes a bounded number of terms, and any number of values', () => {
    const terms = (count: number, render: (index: number) => string): string =>
      Array.from({ length: count }, (_, index) => render(index)).join(',');
    const label = (index: number): string => `!k${index}`;
    const field = (index: number): string => `metadata.name!=x${index}`;
    parseSelection(terms(64, label), terms(64, field), widgets);
    parseSelection(`a in (${terms(5000, String)})`, '', widgets);
    const tooMany = { message: 'the selectors have 129 terms, at most 128 are taken' };
    assert.throws(() => parseSelection(terms(65, label), terms(64, field), widgets), tooMany);
    assert.throws(() => parseSelection(terms(129, label), '', widgets), tooMany);
  });
});
