import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostIndex } from './host-index.ts';
import { sampleHost, sampleRoute } from './sample-table.fixture.ts';

type Rule = readonly [kind: 'exact' | 'prefix' | 'regex', path: string];

/** Which rule (by index) takes the path; null: none. */
function matched(rules: readonly Rule[], path: string): number | null {
  const routes = rules.map(([kind, rulePath], index) => sampleRoute(String(index), kind, rulePath));
  const route = new HostIndex(sampleHost('a.com', routes)).match(path);
  return route === null ? null : Number(route.id);
}

describe('HostIndex.match', () => {
  const cases: readonly [name: string, rules: readonly Rule[], path: string, want: number | null][] = [
    ['no rules take nothing', [], '/', null],
    ['prefix / takes the root', [['prefix', '/']], '/', 0],
    ['prefix / takes everything', [['prefix', '/']], '/a/b//c', 0],
    ['exact is equal', [['exact', '/foo']], '/foo', 0],
    ['exact wants the same case', [['exact', '/foo']], '/FOO', null],
    ['exact counts the trailing slash of the request', [['exact', '/foo']], '/foo/', null],
    ['exact counts the trailing slash of the rule', [['exact', '/foo/']], '/foo', null],
    ['prefix takes itself', [['prefix', '/foo']], '/foo', 0],
    ['prefix takes a trailing slash', [['prefix', '/foo']], '/foo/', 0],
    ['the trailing slash of a prefix is ignored', [['prefix', '/foo/']], '/foo', 0],
    ['prefix wants the same case', [['prefix', '/foo']], '/FOO', null],
    ['prefix takes whole elements', [['prefix', '/aaa/bb']], '/aaa/bbb', null],
    ['prefix ends at an element', [['prefix', '/aaa']], '/aaaccc', null],
    ['prefix takes what is below', [['prefix', '/aaa/bbb']], '/aaa/bbb/ccc', 0],
    ['prefix is not taken from above', [['prefix', '/aaa/bbb']], '/aaa', null],
    ['an empty element is an element', [['prefix', '/a/b']], '/a//b', null],
    [
      'the longer prefix, listed first, wins',
      [
        ['prefix', '/aaa'],
        ['prefix', '/'],
      ],
      '/aaa/ccc',
      0,
    ],
    [
      'the shorter one takes the rest',
      [
        ['prefix', '/aaa'],
        ['prefix', '/'],
      ],
      '/ccc',
      1,
    ],
    [
      'a miss below a prefix falls back to it',
      [
        ['prefix', '/a/b/c'],
        ['prefix', '/a'],
      ],
      '/a/b/d',
      1,
    ],
    [
      'exact goes before prefix',
      [
        ['exact', '/foo'],
        ['prefix', '/foo'],
      ],
      '/foo',
      0,
    ],
    [
      'of equal rules the first wins',
      [
        ['prefix', '/foo'],
        ['prefix', '/foo/'],
      ],
      '/foo/x',
      0,
    ],
    ['regex is anchored at the start', [['regex', '/foo']], '/a/foo', null],
    ['regex is not anchored at the end', [['regex', '/foo']], '/foobar', 0],
    ['regex ignores case', [['regex', '/foo/[a-z]+']], '/FOO/BAR', 0],
    [
      'a regex before a prefix wins',
      [
        ['regex', '/foo/.*'],
        ['prefix', '/foo'],
      ],
      '/foo/x',
      0,
    ],
    [
      'a regex behind a prefix loses',
      [
        ['prefix', '/foo'],
        ['regex', '/foo/.*'],
      ],
      '/foo/x',
      0,
    ],
    [
      'a regex behind an exact loses',
      [
        ['exact', '/foo'],
        ['regex', '/f.*'],
      ],
      '/foo',
      0,
    ],
    [
      'a regex takes what others leave',
      [
        ['exact', '/foo'],
        ['regex', '/f.*'],
      ],
      '/fob',
      1,
    ],
    [
      'of two regexes the first wins',
      [
        ['regex', '/fo+'],
        ['regex', '/f.*'],
      ],
      '/foo',
      0,
    ],
    [
      'of two regexes the second may match',
      [
        ['regex', '/fo+$'],
        ['regex', '/f.*'],
      ],
      '/foobar',
      1,
    ],
  ];
  for (const [name, rules, path, want] of cases) {
    it(name, () => assert.equal(matched(rules, path), want));
  }

  it('reads rule paths in canonical form', () => {
    assert.equal(matched([['prefix', '/caf%c3%a9']], '/caf%C3%A9/x'), 0);
    assert.equal(matched([['exact', '/sp ace']], '/sp%20ace'), 0);
    assert.equal(matched([['prefix', '/%7euser']], '/~user'), 0);
    assert.equal(matched([['exact', '/a/./b/../c']], '/a/c'), 0);
    assert.equal(matched([['exact', '/.well-known/x..y']], '/.well-known/x..y'), 0);
    assert.equal(matched([['prefix', '']], '/any'), 0);
  });

  it('keeps its host', () => {
    const host = sampleHost('a.com', []);
    assert.equal(new HostIndex(host).virtualHost, host);
  });

  it('is safe with rule elements that are names of object members', () => {
    assert.equal(matched([['prefix', '/a']], '/constructor'), null);
    assert.equal(matched([['prefix', '/__proto__']], '/__proto__/x'), 0);
  });

  it('takes a rule of thousands of elements', () => {
    const deep = '/a'.repeat(4000);
    assert.equal(
      matched(
        [
          ['prefix', deep],
          ['prefix', '/a'],
        ],
        `${deep}/b`,
      ),
      0,
    );
    assert.equal(
      matched(
        [
          ['prefix', deep],
          ['prefix', '/a'],
        ],
        '/a'.repeat(3999),
      ),
      1,
    );
  });

  it('takes hostile paths in time linear in their length', () => {
    const slashes = '/'.repeat(8192);
    const routes = [
      sampleRoute('0', 'exact', '/x'),
      sampleRoute('1', 'prefix', '/a/b'),
      sampleRoute('2', 'prefix', '/'),
    ];
    const index = new HostIndex(sampleHost('a.com', routes));
    const startedMs = performance.now();
    for (let round = 0; round < 1000; round += 1) assert.equal(index.match(slashes)?.id, '2');
    const hostile = '/a'.repeat(4096);
    for (let round = 0; round < 1000; round += 1) assert.equal(index.match(hostile)?.id, '2');
    assert.ok(performance.now() - startedMs < 2000, 'a thousand lookups of 8 KiB take well under a second');
  });
});

describe('HostIndex.match with costly patterns', () => {
  const path = `/${'a'.repeat(8_190)}`;
  const costly = `/${'.*a'.repeat(240)}!`;
  const match = (rules: readonly Rule[], asked: string) => {
    const routes = rules.map(([kind, rulePath], index) => sampleRoute(String(index), kind, rulePath));
    return new HostIndex(sampleHost('a.com', routes)).match(asked)?.backend;
  };
  const refused = { kind: 'status', status: 503, reason: 'path-too-costly' };

  it('answers 503 instead of going on to a rule that may be less protected', () => {
    assert.deepEqual(
      match(
        [
          ['regex', costly],
          ['prefix', '/'],
        ],
        path,
      ),
      refused,
    );
  });

  it('bounds all patterns of the host together', () => {
    const many = Array.from({ length: 3_000 }, (): Rule => ['regex', '/.*b.*c']);
    assert.deepEqual(match([...many, ['prefix', '/']], path), refused);
    const literal = Array.from({ length: 3_000 }, (_, index): Rule => ['regex', `/p${index}(/|$)(.*)`]);
    assert.notDeepEqual(match([...literal, ['prefix', '/']], path), refused);
  });

  it('leaves short paths alone', () => {
    assert.notDeepEqual(
      match(
        [
          ['regex', costly],
          ['prefix', '/'],
        ],
        '/app',
      ),
      refused,
    );
  });
});
