// canary: readings of its annotations, and decisions by field and cookie, those that ingress-nginx's own tests prove among them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseKey, parseValues } from '../sample-context.fixture.ts';
import { CanaryDecision } from './decision.ts';
import { canary, canaryPolicies, readCanary } from './feature.ts';

function read(texts: Readonly<Record<string, string>>): ReturnType<typeof readCanary> {
  return readCanary(parseValues(canary, texts));
}

/** Which side: by the rule of these annotations, for a request with these lines. */
function side(texts: Readonly<Record<string, string>>, fields: string): 'canary' | 'main' | 'by weight' {
  const { rule } = read({ canary: 'true', ...texts });
  assert.ok(rule !== null);
  const verdict = new CanaryDecision(rule).decide(fields);
  if (verdict === null) return 'by weight';
  return verdict.isCanary ? 'canary' : 'main';
}

const byHeader = { 'canary-by-header': 'CanaryByHeader' };
const byCookie = { 'canary-by-cookie': 'Canary-By-Cookie' };

describe('readCanary', () => {
  it('has defaults for all but the switch', () => {
    const { rule, issues } = read({ canary: 'true' });
    assert.deepEqual(rule, { header: null, cookie: '', weight: 0, total: 100, behavior: 'sticky' });
    assert.deepEqual(issues, []);
  });

  it('reads weights; a total up to 100 is 100, and less than nothing is nothing', () => {
    const weights = (weight: string, total: string) => {
      const { rule } = read({ canary: 'true', 'canary-weight': weight, 'canary-weight-total': total });
      return [rule?.weight, rule?.total];
    };
    assert.deepEqual(weights('100', '200'), [100, 200]);
    assert.deepEqual(weights('1000', '1000'), [1_000, 1_000]);
    assert.deepEqual(weights('5', '50'), [5, 100]);
    assert.deepEqual(weights('-5', '-200'), [0, 100]);
  });

  it('is an ordinary Ingress without the switch, and says that the rest has no effect', () => {
    for (const name of [
      'canary-weight',
      'canary-by-header',
      'canary-by-cookie',
      'canary-by-header-pattern',
    ]) {
      for (const off of [{}, { canary: 'false' }, { canary: 'yes' }]) {
        const { rule, issues } = read({ ...off, [name]: '10' });
        assert.equal(rule, null);
        assert.match(
          issues.map(({ message }) => message).join(),
          new RegExp(`${name}" has no effect without`),
        );
      }
    }
    assert.deepEqual(read({}).issues, []);
  });

  it('tells of a value and a pattern that no field is named for, and of a pattern that cannot be read', () => {
    assert.match(
      read({ canary: 'true', 'canary-by-header-value': 'x' }).issues[0]?.message ?? '',
      /value" has no effect/,
    );
    assert.match(
      read({ canary: 'true', 'canary-by-header-pattern': 'x' }).issues[0]?.message ?? '',
      /pattern" has no effect/,
    );
    const { rule, issues } = read({ canary: 'true', ...byHeader, 'canary-by-header-pattern': '[][**da?$&*' });
    assert.deepEqual(rule?.header, { kind: 'broken', name: 'canarybyheader' });
    assert.equal(issues[0]?.code, 'RegexUnsupported');
  });

  it('refuses what ingress-nginx refuses', () => {
    for (const [name, text] of [
      ['canary', 'on'],
      ['canary-weight', '10%'],
      ['canary-weight-total', 'all'],
      ['canary-by-header', 'a b'],
      ['canary-by-header-value', 'a\r\nb'],
      ['canary-by-header-value', ''],
      ['canary-by-header-pattern', 'a b'],
      ['canary-by-cookie', 'a;b'],
      ['affinity-canary-behavior', 'Sticky'],
    ] as const)
      assert.ok('wanted' in parseKey(canary, name, text), `${name} ${text}`);
  });
});

describe('CanaryDecision', () => {
  it('field without value: always and never, any other says nothing', () => {
    assert.equal(side(byHeader, 'CanaryByHeader: always\r\n'), 'canary');
    assert.equal(side(byHeader, 'canarybyheader: never\r\n'), 'main');
    assert.equal(side(byHeader, 'CanaryByHeader: badheadervalue\r\n'), 'by weight');
    assert.equal(side(byHeader, 'CanaryByHeader: Always\r\n'), 'by weight');
    assert.equal(side(byHeader, 'Other: always\r\n'), 'by weight');
    assert.equal(side({ 'canary-by-header': 'x_canary' }, 'X-Canary: always\r\n'), 'canary');
  });

  it('field with a value: equal, and nothing else says anything', () => {
    const texts = { ...byHeader, 'canary-by-header-value': 'DoCanary' };
    assert.equal(side(texts, 'CanaryByHeader: DoCanary\r\n'), 'canary');
    for (const value of ['always', 'never', 'docanary', 'otherheadervalue'])
      assert.equal(side(texts, `CanaryByHeader: ${value}\r\n`), 'by weight');
  });

  it('field with a pattern: found anywhere, case counts; a value goes before it', () => {
    const texts = { ...byHeader, 'canary-by-header-pattern': '^Do[A-Z][a-z]+y$' };
    assert.equal(side(texts, 'CanaryByHeader: DoCanary\r\n'), 'canary');
    assert.equal(side(texts, 'CanaryByHeader: Docanary\r\n'), 'by weight');
    assert.equal(side(texts, ''), 'by weight');
    assert.equal(
      side({ ...byHeader, 'canary-by-header-pattern': 'eta' }, 'CanaryByHeader: beta-3\r\n'),
      'canary',
    );
    const both = { ...texts, 'canary-by-header-value': 'DoCanary' };
    assert.equal(side(both, 'CanaryByHeader: DoCanaryy\r\n'), 'by weight');
    // Everything matches, and still a request without the field has said nothing.
    assert.equal(side({ ...byHeader, 'canary-by-header-pattern': '.*' }, ''), 'by weight');
  });

  it('a pattern that cannot be asked keeps requests with the field at the main Service, whatever the cookie says', () => {
    const texts = { ...byHeader, ...byCookie, 'canary-by-header-pattern': '[][**da?$&*' };
    assert.equal(side(texts, 'CanaryByHeader: DoCanary\r\nCookie: Canary-By-Cookie=always\r\n'), 'main');
    assert.equal(side(texts, 'Cookie: Canary-By-Cookie=always\r\n'), 'canary');
    const costly = { ...byHeader, 'canary-by-header-pattern': '(a?){400}b' };
    assert.equal(side(costly, `CanaryByHeader: ${'a'.repeat(8_000)}\r\n`), 'main');
  });

  it('cookie: after the field, any case of its name, the first of several', () => {
    assert.equal(side(byCookie, 'Cookie: a=1; Canary-By-Cookie=always\r\n'), 'canary');
    assert.equal(side(byCookie, 'Cookie: canary-by-cookie=never; x=always\r\n'), 'main');
    assert.equal(side(byCookie, 'Cookie: Canary-By-Cookie=badcookievalue\r\n'), 'by weight');
    assert.equal(side(byCookie, 'Cookie: Canary-By-Cookie=never; Canary-By-Cookie=always\r\n'), 'main');
    const both = { ...byHeader, ...byCookie };
    assert.equal(side(both, 'CanaryByHeader: always\r\nCookie: Canary-By-Cookie=never\r\n'), 'canary');
    assert.equal(side(both, 'CanaryByHeader: other\r\nCookie: Canary-By-Cookie=never\r\n'), 'main');
    const valued = { ...both, 'canary-by-header-value': 'DoCanary' };
    assert.equal(
      side(valued, 'CanaryByHeader: otherheadervalue\r\nCookie: Canary-By-Cookie=always\r\n'),
      'canary',
    );
  });
});

describe('canaryPolicies', () => {
  const main = { affinity: { name: 'main' }, 'load-balance': 'ewma' };

  it('sticky: the sessions of the main Ingress, or none', () => {
    const own = { affinity: { name: 'own' }, 'load-balance': 'least-request' };
    assert.deepEqual(canaryPolicies(main, own, 'sticky'), {
      affinity: { name: 'main' },
      'load-balance': 'least-request',
    });
    assert.deepEqual(canaryPolicies({}, own, 'sticky'), { 'load-balance': 'least-request' });
  });

  it('legacy: what the canary says, and nothing of the main Ingress', () => {
    assert.deepEqual(canaryPolicies(main, {}, 'legacy'), {});
    assert.deepEqual(canaryPolicies(main, { affinity: 1 }, 'legacy'), { affinity: 1 });
  });
});
