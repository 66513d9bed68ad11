// Looking values up in field lines, cookies and queries.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  lookupArgument,
  lookupCookies,
  lookupField,
  lookupValues,
  mapField,
  removeAliases,
  removeField,
  replaceField,
  selectAliases,
} from './field-value.ts';

const fields =
  'Accept: */*\r\nX-Tenant:  shop \r\nx-tenant: other\r\nCookie: a=1; b="x=y";a=2\r\ncookie: b=3\r\n';

describe('lookupField', () => {
  it('gives the first line of the name in any case, trimmed', () => {
    assert.equal(lookupField(fields, 'x-tenant'), 'shop');
    assert.equal(lookupField(fields, 'accept'), '*/*');
  });

  it('gives nothing for a name that is not there, or only begins or ends one', () => {
    for (const name of ['tenant', 'x', 'x-tenant-id', 'ccept', '__proto__'])
      assert.equal(lookupField(fields, name), '');
    assert.equal(lookupField('', 'accept'), '');
    assert.equal(lookupField('A: b', 'a'), 'b');
  });
});

describe('lookupCookies', () => {
  it('gives all values of the name, over all lines', () => {
    assert.deepEqual(lookupCookies(fields, 'a'), ['1', '2']);
    assert.deepEqual(lookupCookies(fields, 'b'), ['"x=y"', '3']);
  });

  it('compares names byte for byte and whole', () => {
    assert.deepEqual(lookupCookies(fields, 'A'), []);
    assert.deepEqual(lookupCookies('Cookie: ab=1; b\r\n', 'b'), []);
    assert.deepEqual(lookupCookies('Accept: a=1\r\n', 'a'), []);
  });
});

describe('lookupArgument', () => {
  it('gives the first of the name, as it is spelt', () => {
    assert.equal(lookupArgument('?x=1&Id=a%20b&id=2', 'id'), 'a%20b');
    assert.equal(lookupArgument('?id=', 'id'), '');
    assert.equal(lookupArgument('?id=&x=1', 'id'), '');
  });

  it('gives nothing where there is none', () => {
    for (const query of ['', '?', '?idx=1', '?xid=1', '?id', '?id&x=1', '?a=id=1'])
      assert.equal(lookupArgument(query, 'id'), '', query);
  });
});

const lines = 'Vary: a\r\nX-Vary: b\r\nvary: c\r\nVARY:d\r\n';

describe('removeField, replaceField', () => {
  it('take out every line of the name, and of no other', () => {
    assert.equal(removeField(lines, 'vary'), 'X-Vary: b\r\n');
    assert.equal(removeField(lines, 'accept'), lines);
    assert.equal(removeField('', 'vary'), '');
  });

  it('put one line in their place, or none', () => {
    assert.equal(replaceField(lines, 'Vary', 'x'), 'X-Vary: b\r\nVary: x\r\n');
    assert.equal(replaceField(lines, 'Accept', 'x'), `${lines}Accept: x\r\n`);
    assert.equal(replaceField(lines, 'Vary', ''), 'X-Vary: b\r\n');
  });
});

describe('lookupValues, removeAliases, selectAliases', () => {
  const spelt = 'X-User: a\r\nx_user:b\r\nX.USER: c\r\nX-Users: d\r\nx-user:\r\n';

  it('give all values of a name', () => {
    assert.deepEqual(lookupValues(spelt, 'x-user'), ['a', '']);
    assert.deepEqual(lookupValues(lines, 'vary'), ['a', 'c', 'd']);
    assert.deepEqual(lookupValues('', 'vary'), []);
  });

  it('tell lines by their names in any spelling', () => {
    const names = new Set(['x-user']);
    assert.equal(removeAliases(spelt, names), 'X-Users: d\r\n');
    assert.equal(selectAliases(spelt, names), spelt.replace('X-Users: d\r\n', ''));
    assert.equal(removeAliases(spelt, new Set()), spelt);
    assert.equal(removeAliases('', names), '');
  });
});

describe('mapField', () => {
  it('changes values in place and leaves what gives null', () => {
    const seen: string[] = [];
    const changed = mapField(lines, 'vary', (value) => {
      seen.push(value);
      return value === 'c' ? null : `${value}-vary: z`;
    });
    assert.deepEqual(seen, ['a', 'c', 'd']);
    assert.equal(changed, 'Vary: a-vary: z\r\nX-Vary: b\r\nvary: c\r\nVARY: d-vary: z\r\n');
  });
});
