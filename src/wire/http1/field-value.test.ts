// Looking values up in field lines, cookies and queries.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lookupArgument, lookupCookies, lookupField } from './field-value.ts';

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
