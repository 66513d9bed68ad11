// How paths are matched, and which patterns and paths are told to their owners.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { features } from '../features/index.ts';
import type { PathMatch } from '../model/index.ts';
import { canonicalRulePath, readPath } from '../std/uri-path/index.ts';
import { HostIndex } from '../table/index.ts';
import { sampleHost, sampleRoute } from '../table/sample-table.fixture.ts';
import { findForeignCharacter, findUnreachable, refusePattern, resolvePathMatch } from './path-match.ts';
import {
  readProblems,
  readRoutes,
  sampleApp,
  sampleIngress,
  samplePath,
  sampleRule,
  translateSample,
} from './sample-objects.fixture.ts';

const none = new Map<string, unknown>();
const useRegex = new Map<string, unknown>([['use-regex', true]]);
const rewrite = new Map<string, unknown>([['rewrite-target', '/x']]);

describe('resolvePathMatch', () => {
  const rows: [
    string,
    'Exact' | 'Prefix' | 'ImplementationSpecific',
    ReadonlyMap<string, unknown>,
    string,
    string,
  ][] = [
    ['/foo', 'Exact', none, 'exact', '/foo'],
    ['/foo', 'Exact', useRegex, 'exact', '/foo'],
    ['/foo(.*)', 'Exact', rewrite, 'exact', '/foo(.*)'],
    ['/foo/', 'Prefix', none, 'prefix', '/foo/'],
    ['/foo', 'ImplementationSpecific', none, 'prefix', '/foo'],
    ['', 'ImplementationSpecific', none, 'prefix', '/'],
    ['/foo(.*)', 'ImplementationSpecific', none, 'prefix', '/foo(.*)'],
    ['/foo', 'Prefix', useRegex, 'regex', '/foo'],
    ['/foo', 'Prefix', rewrite, 'prefix', '/foo'],
    ['/foo(/|$)(.*)', 'Prefix', rewrite, 'regex', '/foo(/|$)(.*)'],
    ['/a/../b', 'ImplementationSpecific', none, 'prefix', '/b'],
    ['/a/../b', 'ImplementationSpecific', useRegex, 'regex', '/a/../b'],
    ['/%7euser', 'Exact', none, 'exact', '/~user'],
  ];
  for (const [path, pathType, values, kind, wanted] of rows) {
    it(`${pathType} "${path}" with ${[...values.keys()].join() || 'nothing'} is ${kind} "${wanted}"`, () => {
      assert.deepEqual(resolvePathMatch(path, pathType, values), { kind, path: wanted });
    });
  }
});

describe('paths that cannot be as their owners mean', () => {
  it('refuses patterns outside the linear-time subset', () => {
    assert.match(refusePattern({ kind: 'regex', path: '/(a)\\1' }) ?? '', /at offset \d+/);
    assert.equal(refusePattern({ kind: 'regex', path: '/a+' }), null);
    assert.equal(refusePattern({ kind: 'prefix', path: '/(a)\\1' }), null);
  });

  it('finds query and fragment in plain paths', () => {
    assert.equal(findForeignCharacter('/a?b', { kind: 'prefix', path: '/a%3Fb' }), '?');
    assert.equal(findForeignCharacter('/a#b', { kind: 'exact', path: '/a%23b' }), '#');
    assert.equal(findForeignCharacter('/ab', { kind: 'prefix', path: '/ab' }), null);
    assert.equal(findForeignCharacter('/ab?', { kind: 'regex', path: '/ab?' }), null);
  });

  it('leaves a refused pattern out of matching and serves the other paths', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
    const web = sampleIngress({ rules: [sampleRule('h', ['/(a)\\1', '/b.*'])] }, { annotations });
    const { table, problems } = translateSample([web, ...sampleApp], { features });
    assert.deepEqual(readRoutes(table, 'h'), ['regex /b.* → shop/app:80 by ingress/shop/web/rule/0/path/1']);
    assert.deepEqual(readProblems(problems), [
      'error RegexUnsupported Ingress shop/web spec.rules[0].http.paths[0].path',
    ]);
  });

  it("never makes a neighbour's paths regexes", () => {
    const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
    const mine = sampleIngress({ rules: [sampleRule('h', ['/a'])] }, { name: 'mine' });
    const theirs = sampleIngress({ rules: [sampleRule('h', ['/b'])] }, { name: 'theirs', annotations });
    const { table } = translateSample([mine, theirs, ...sampleApp], { features });
    assert.deepEqual(
      readRoutes(table, 'h').map((line) => line.split(' →')[0]),
      ['prefix /a', 'regex /b'],
    );
  });

  it('warns on a path with a query', () => {
    const web = sampleIngress({
      rules: [sampleRule('h', [samplePath('/a?b', 'app', 'ImplementationSpecific')])],
    });
    const { problems } = translateSample([web, ...sampleApp]);
    assert.deepEqual(readProblems(problems), [
      'warning PathUnreachable Ingress shop/web spec.rules[0].http.paths[0].path',
    ]);
  });

  it('warns on a path that is refused whenever it is asked for', () => {
    const warned = (
      path: string,
      pathType: 'Exact' | 'ImplementationSpecific' = 'ImplementationSpecific',
    ) => {
      const web = sampleIngress({ rules: [sampleRule('h', [samplePath(path, 'app', pathType)])] });
      const { problems } = translateSample([web, ...sampleApp]);
      return problems.filter(({ code }) => code === 'PathUnreachable').map(({ message }) => message);
    };
    assert.deepEqual(warned('/a//b'), [
      'path "/a//b" can never be served: a backend may read it as "/a/b", and requests whose readings lead to different rules are refused',
    ]);
    assert.match(warned('/a%2fb')[0] ?? '', /may read it as "\/a\/b"/);
    assert.match(warned('/a\\b')[0] ?? '', /may read it as "\/a\/b"/);
    assert.match(warned('/a/..;x/b')[0] ?? '', /may read it as "\/b"/);
    assert.match(warned('/..;x')[0] ?? '', /above the root/);
    assert.match(warned('/a%00')[0] ?? '', /"%00"/);
    assert.equal(warned('/a/..;x', 'Exact').length, 1);
    for (const served of ['/a', '/a/', '/', '', '/a b', '/a/../b', '/a;x', '/%7Ea', '/100%'])
      assert.deepEqual(warned(served), [], served);
  });

  it('warns of exactly those paths for which the readings of no request meet in the rule', () => {
    const element = fc.constantFrom('', 'a', '..;', '.;x', 'a;b', '%2F', '%5c', '%00', 'b');
    const pathOf = fc
      .array(element, { minLength: 1, maxLength: 4 })
      .map((elements) => `/${elements.join('/')}`);
    fc.assert(
      fc.property(
        pathOf,
        fc.constantFrom<'exact' | 'prefix'>('exact', 'prefix'),
        pathOf,
        (text, kind, more) => {
          const match: PathMatch = { kind, path: canonicalRulePath(text) };
          const takes = (path: string): boolean =>
            new HostIndex(sampleHost('h', [{ ...sampleRoute('r', 'exact', '/'), match }])).match(path) !==
            null;
          const isServed = (raw: string): boolean => {
            const read = readPath(raw);
            return typeof read !== 'string' && takes(read.path) && (read.greedy === '' || takes(read.greedy));
          };
          const asked = [match.path, `${match.path}${more}`, match.path.replace(/\/$/, '')].filter(
            (path) => path !== '',
          );
          if (findUnreachable(match) === null) assert.ok(isServed(match.path));
          else for (const path of asked) assert.ok(!isServed(path), path);
        },
      ),
      { numRuns: 500 },
    );
  });
});
