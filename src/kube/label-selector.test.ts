// Label selectors: results and texts are those of apimachinery v0.36 `labels.Parse`, printed by it for these inputs.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchesLabels, parseLabelSelector, renderLabelSelector } from './label-selector.ts';

const keyFormat =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const valueFormat =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const canonical: Readonly<Record<string, string>> = {
  '': '',
  ' \t': '',
  'b = c , a==d': 'a==d,b=c',
  'a in (x,,y)': 'a in (,x,y)',
  'a in ()': 'a in ()',
  'a in (,)': 'a in ()',
  'a in (,b,,c,)': 'a in (,b,c)',
  'a notin(b)': 'a notin (b)',
  'a=in,in=notin, notin in (in,notin)': 'a=in,in=notin,notin in (in,notin)',
  'a=': 'a=',
  'a=,b': 'a=,b',
  '! a ,b': '!a,b',
  'x>1,y<02': 'x>1,y<02',
  'a\0=b': 'a=b',
};

const refused: Readonly<Record<string, string>> = {
  'a b': "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  'a!b': "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt",
  'a=b c': "found 'c', expected: ',' or 'end of string'",
  '!a=b': "found '=', expected: ',' or 'end of string'",
  'a,': "found '', expected: identifier after ','",
  '=a': "found '=', expected: !, identifier, or 'end of string'",
  '!': "unable to parse requirement: found '', expected: identifier",
  'a===b': "unable to parse requirement: found '=', expected: identifier",
  'a=!b': "unable to parse requirement: found '!', expected: identifier",
  'a in b': "unable to parse requirement: found 'b' expected: '('",
  'a in (b': "unable to parse requirement: found '', expected: ',' or ')'",
  'a in (b c)': "unable to parse requirement: found 'c', expected: ',' or ')'",
  'a in (!)': "unable to parse requirement: found '!', expected: ',', ')' or identifier",
  'a-': `unable to parse requirement: <nil>: Invalid value: "a-": name part ${keyFormat}`,
  'a==b/c': `unable to parse requirement: values[0][a]: Invalid value: "b/c": ${valueFormat}`,
  'a in (é)': `unable to parse requirement: values[0][a]: Invalid value: "é": ${valueFormat}`,
  'a>x':
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  'x>1,y<-2': `unable to parse requirement: values[0][y]: Invalid value: "-2": ${valueFormat}`,
};

describe('parseLabelSelector', () => {
  for (const [text, expected] of Object.entries(canonical)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const result = parseLabelSelector(text);
      assert.ok(result.kind === 'selector', JSON.stringify(result));
      assert.equal(renderLabelSelector(result.selector), expected);
    });
  }
  for (const [text, message] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseLabelSelector(text), { kind: 'invalid', message });
    });
  }

  it('reads its own rendering as the same selector, and never throws', () => {
    const piece = fc.constantFrom(
      'a',
      'in',
      'x.y/z',
      '=',
      '!',
      '!=',
      '(',
      ')',
      ',',
      '>',
      ' ',
      '5',
      '\0',
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const first = parseLabelSelector(pieces.join(''));
        if (first.kind === 'invalid') return;
        assert.deepEqual(parseLabelSelector(renderLabelSelector(first.selector)), first);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a megabyte of digits or commas in linear time', () => {
    // In quadratic time this would not end before the runner's limit.
    assert.equal(parseLabelSelector(`a>${'9'.repeat(2 ** 20)}`).kind, 'invalid');
    assert.equal(parseLabelSelector(`a in (${','.repeat(2 ** 20)})`).kind, 'selector');
  });
});

describe('matchesLabels', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>> | undefined, boolean])[] = [
    ['', undefined, true],
    ['a', undefined, false],
    ['a', { a: '' }, true],
    ['!a', undefined, true],
    ['a=b', { a: 'b' }, true],
    ['a=', {}, false],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b,c)', { a: 'c' }, true],
    ['a in (b,c)', {}, false],
    ['a notin (b)', {}, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a<9223372036854775807', { a: '9223372036854775806' }, true],
    ['a<5', { a: 'x' }, false],
    ['a=b,c', { a: 'b' }, false],
    ['constructor', {}, false],
  ];
  for (const [text, labels, expected] of cases) {
    it(`${JSON.stringify(text)} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(labels)}`, () => {
      const result = parseLabelSelector(text);
      assert.ok(result.kind === 'selector');
      assert.equal(matchesLabels(result.selector, labels), expected);
    });
  }
});
