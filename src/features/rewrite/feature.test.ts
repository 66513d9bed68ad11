// Rewriting as ingress-nginx does it, and what it does not take over: variables, hosts chosen by requests, two slashes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AnnotationIssue, CompileContext, LocalResponse } from '../contract.ts';
import { parseKey, parseValues, sampleContext, sampleRequest } from '../sample-context.fixture.ts';
import { rewrite } from './feature.ts';
import { hasRegexMeta, wantsRegex } from './regex-paths.ts';

interface Outcome {
  /** Undefined: the path is left as it is. */
  readonly path?: string;
  readonly redirect?: string;
  readonly issues: readonly AnnotationIssue[];
}

function rewriteOnce(
  target: string,
  rule: Pick<CompileContext, 'path' | 'pathKind'>,
  path: string,
  query = '',
): Outcome {
  const { context, issues } = sampleContext(rule);
  const policy = rewrite.compile(parseValues(rewrite, { 'rewrite-target': target }), context);
  if (policy === null) return { issues };
  const hooks = rewrite.prepare?.(structuredClone(policy), rule) ?? {};
  const request = sampleRequest({ path, query });
  const answer: LocalResponse | null = hooks.admit?.(request) ?? null;
  const result = hooks.rewrite?.(request) ?? null;
  if (answer !== null) assert.equal(answer.status, 302);
  return {
    issues,
    ...(typeof result === 'string' && { path: result }),
    ...(answer?.location !== undefined && { redirect: answer.location }),
  };
}

function regex(path: string): Pick<CompileContext, 'path' | 'pathKind'> {
  return { path, pathKind: 'regex' };
}

describe('rewrite-target', () => {
  it('puts captures into the target', () => {
    const cases: [target: string, rule: string, path: string, wanted: string][] = [
      ['/$2', '/something(/|$)(.*)', '/something', '/'],
      ['/$2', '/something(/|$)(.*)', '/something/', '/'],
      ['/$2', '/something(/|$)(.*)', '/something/new', '/new'],
      ['/new/backend/$1', '/foo/bar/(.+)', '/foo/bar/bar', '/new/backend/bar'],
      ['/new/backend', '/foo.+', '/foo/bar', '/new/backend'],
      ['/$1/$1$2', '/(a)(b)?', '/a', '/a/a'],
      ['/$10', '/(x+)', '/xx', '/xx0'],
      ['/$1', '/API/(.*)', '/api/CaseKept', '/CaseKept'],
      ['/$1', '/(.*)', '/a%20b%2Fc', '/a%20b%2Fc'],
      ['/$1', '/(.*)', '/$2$&', '/$2$&'],
      ['/$3', '/(a)', '/a', '/'],
    ];
    for (const [target, rule, path, wanted] of cases) {
      assert.equal(rewriteOnce(target, regex(rule), path).path, wanted, `${rule} → ${target} on ${path}`);
    }
  });

  it('replaces the whole path of a plain rule', () => {
    for (const pathKind of ['prefix', 'exact', 'regex'] as const) {
      assert.equal(rewriteOnce('/x', { path: '/simple', pathKind }, '/simple/more', '?q=1').path, '/x');
    }
    assert.equal(rewriteOnce('/', { path: '/something', pathKind: 'prefix' }, '/something/a').path, '/');
  });

  it('reads a plain rule literally', () => {
    assert.equal(rewriteOnce('/x$1', { path: '/a(b)', pathKind: 'prefix' }, '/a(b)').path, '/x');
  });

  it('does nothing when the target equals the path', () => {
    assert.deepEqual(rewriteOnce('/a/(.*)', regex('/a/(.*)'), '/a/b'), { issues: [] });
    assert.deepEqual(rewriteOnce('/a', { path: '/a', pathKind: 'prefix' }, '/a/b'), { issues: [] });
  });

  it('begins with exactly one slash', () => {
    assert.equal(rewriteOnce('/$1', regex('/a(/.*)'), '/a/b').path, '/b');
    assert.equal(rewriteOnce('/$1', regex('/a(/.*)'), '/a//evil.example/b').path, '/evil.example/b');
    assert.equal(rewriteOnce('$1', regex('/a/(.*)'), '/a/b').path, '/b');
    assert.equal(rewriteOnce('//x', { path: '/', pathKind: 'prefix' }, '/').path, '/x');
    assert.equal(rewriteOnce('x', { path: '/', pathKind: 'prefix' }, '/').path, '/x');
  });

  it('sends no path at all, so that the request is refused, where the captures take too long to find', () => {
    const costly = `/${'(.*)a'.repeat(16)}${'.*a'.repeat(150)}!`;
    const path = `/${'a'.repeat(8_190)}`;
    assert.equal(rewriteOnce('/$1', regex(costly), path).path, '');
    const { context } = sampleContext(regex(costly));
    const policy = rewrite.compile(parseValues(rewrite, { 'rewrite-target': 'https://x.test/$1' }), context);
    const hooks = rewrite.prepare?.(policy, regex(costly));
    assert.deepEqual(hooks?.admit?.(sampleRequest({ path })), { status: 503, reason: 'path-too-costly' });
  });

  it('redirects to an absolute target, with captures and query', () => {
    const rule = regex('/old/(.*)');
    const outcome = rewriteOnce('https://new.example.com:8443/$1', rule, '/old/a', '?b=1');
    assert.deepEqual(outcome, { redirect: 'https://new.example.com:8443/a?b=1', issues: [] });
    assert.equal(rewriteOnce('http://new.example.com', rule, '/old/a').redirect, 'http://new.example.com');
  });

  it('warns of captures that the path does not have', () => {
    const [issue, ...more] = rewriteOnce('/$2', regex('/a(.*)'), '/a').issues;
    assert.equal(more.length, 0);
    assert.equal(issue?.key, 'nginx.ingress.kubernetes.io/rewrite-target');
    assert.match(issue?.message ?? '', /names the capture "\$2", but the path "\/a\(\.\*\)" has 1/);
    assert.equal(rewriteOnce('/$1', { path: '/a', pathKind: 'prefix' }, '/a').issues.length, 1);
    assert.equal(rewriteOnce('/$1', regex('/a(?=b)(.*)'), '/a').issues.length, 0);
  });

  it('refuses values that nginx drops or would expand, and hosts from captures', () => {
    const refused = [
      '/$1?from=$2',
      '/a b',
      ' /a',
      '/a#b',
      '/%2e%2e',
      '/$host',
      '/$0',
      '/a$',
      'https://$1/x',
      'https://example.com$1',
      'https://a.example$1/x',
      'https://',
      'http:///x',
      '/a\nb',
      '',
    ];
    for (const text of refused) assert.ok('wanted' in parseKey(rewrite, 'rewrite-target', text), text);
    for (const text of ['/', '/$1', '$2', '/a.b-c_~:/$9', 'https://example.com/$1'])
      assert.deepEqual(parseKey(rewrite, 'rewrite-target', text), { value: text });
  });

  it('describes itself', () => {
    assert.equal(rewrite.describe({ target: '/$1' }), 'rewrite the path to "/$1"');
    assert.equal(rewrite.describe({ target: 'https://a/$1' }), 'redirect to "https://a/$1"');
  });
});

describe('regex paths', () => {
  it('are wanted by use-regex, and by a target that differs from a path that looks like one', () => {
    const wants = (texts: Readonly<Record<string, string>>, path: string): boolean =>
      wantsRegex(parseValues(rewrite, texts), path);
    assert.equal(wants({}, '/a'), false);
    assert.equal(wants({ 'use-regex': 'true' }, '/a'), true);
    assert.equal(wants({ 'use-regex': 'on' }, '/a'), false);
    assert.equal(wants({ 'rewrite-target': '/b' }, '/a'), false);
    assert.equal(wants({ 'rewrite-target': '/$1' }, '/a/(.*)'), true);
    assert.equal(wants({ 'use-regex': 'false', 'rewrite-target': '/$1' }, '/a/(.*)'), true);
    assert.equal(wants({ 'rewrite-target': '/a$1' }, '/a$1'), false);
    assert.equal(wants({ 'rewrite-target': '/a?b' }, '/a/(.*)'), false);
  });

  it('are told from plain ones by their characters', () => {
    for (const path of ['/a(b)', '/a*', '/a+', '/a?', '/[a]', '/a{2}', '/a|b', '^/a', '/a$', '/a\\d'])
      assert.ok(hasRegexMeta(path), path);
    for (const path of ['/', '/.well-known/x', '/v1.0/a-b_c~', '/a%20b', '/a:b@c,d;e=f&g'])
      assert.ok(!hasRegexMeta(path), path);
  });
});
