// The grammars of annotation values, by ingress-nginx's rules.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParseResult } from './contract.ts';
import { goBool, goInt, size, textOf } from './values.ts';

function valueOf<T>(result: ParseResult<T>): T | null {
  return 'value' in result ? result.value : null;
}

describe('goBool', () => {
  it('takes exactly the texts of strconv.ParseBool', () => {
    for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True'])
      assert.equal(valueOf(goBool(text)), true, text);
    for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False'])
      assert.equal(valueOf(goBool(text)), false, text);
    for (const text of ['yes', 'on', 'tRuE', '', ' true', 'true\n', '"true"'])
      assert.equal(valueOf(goBool(text)), null, text);
  });
});

describe('goInt', () => {
  it('takes a sign and digits', () => {
    const cases: [string, number | null][] = [
      ['60', 60],
      ['+5', 5],
      ['-1', -1],
      ['007', 7],
      ['-0', 0],
      ['60s', null],
      ['50k', null],
      ['1.5', null],
      ['1e3', null],
      ['0x10', null],
      [' 5', null],
      ['5\n', null],
      ['', null],
      ['99999999999999999999', null],
    ];
    for (const [text, wanted] of cases) assert.equal(valueOf(goInt(text)), wanted, JSON.stringify(text));
  });
});

describe('size', () => {
  it('takes digits and one unit', () => {
    const cases: [string, number | null][] = [
      ['0', 0],
      ['0m', 0],
      ['15', 15],
      ['8k', 8_192],
      ['8K', 8_192],
      ['1m', 1_048_576],
      ['2G', 2_147_483_648],
      ['7b', 7],
      [' 1m ', 1_048_576],
      ['15r', null],
      ['1 m', null],
      ['1mb', null],
      ['-1', null],
      ['1.5m', null],
      ['', null],
      ['m', null],
      ['1m\n', null],
      ['9999999999999999g', null],
    ];
    for (const [text, wanted] of cases)
      assert.equal(valueOf(size(text))?.bytes ?? null, wanted, JSON.stringify(text));
  });
});

describe('textOf', () => {
  it('refuses CR, LF and NUL before anything else', () => {
    for (const text of ['/a\nb', '/a\r', '\0'])
      assert.match(JSON.stringify(textOf('path+capture')(text)), /CR, LF or NUL/);
  });

  it('takes the whole value or nothing', () => {
    assert.equal(valueOf(textOf('basic')('a.B-1_~/:')), 'a.B-1_~/:');
    assert.equal(valueOf(textOf('path+capture')('/$1/x')), '/$1/x');
    assert.equal(valueOf(textOf('extended')(' a, b ')), 'a, b');
    assert.equal(valueOf(textOf('headers')('X-A, X_B')), 'X-A, X_B');
    assert.equal(valueOf(textOf('nginx-var')('${host}')), '${host}');
    assert.equal(valueOf(textOf('url')('https://a:8/x?y=1,2&z')), 'https://a:8/x?y=1,2&z');
    assert.equal(valueOf(textOf('url+var')('https://$host/x y')), 'https://$host/x y');
    assert.equal(valueOf(textOf('regex')('^/a\\.[0-9]{2}(x|y)*?$')), '^/a\\.[0-9]{2}(x|y)*?$');
    for (const text of ['a b', 'a$', 'a;', 'é', '']) assert.equal(valueOf(textOf('basic')(text)), null, text);
    for (const text of ['/$1?from=$2', '/a#', '/%41', ' /a', '/@', '/a+b'])
      assert.equal(valueOf(textOf('path+capture')(text)), null, text);
    for (const text of ['$host', 'a;b', 'a%20', 'a#b', 'a@b', 'a b'])
      assert.equal(valueOf(textOf('url')(text)), null, text);
    assert.equal(valueOf(textOf('basic+space')('   ')), null);
  });
});
