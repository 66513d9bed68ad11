// Snippets: what of nginx's language is read, which text protects, and that the advice is what the guide says and what the annotations take.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnnotationKey, RefusedValue } from '../contract.ts';
import { features, renderKey } from '../index.ts';
import { type Directive, readSnippet } from './directives.ts';
import { snippets } from './feature.ts';

const keys = new Map<string, AnnotationKey>(
  features.flatMap((each) => each.keys).map((key) => [renderKey(key), key]),
);

function refuse(text: string, name = 'configuration-snippet'): RefusedValue | null {
  const key = snippets.keys.find((each) => each.name === name);
  assert.ok(key?.refuse !== undefined, name);
  return key.refuse(text);
}

const isProtective = (text: string): boolean | undefined => refuse(text)?.isProtective;

function named(directives: readonly Directive[]): unknown[] {
  return directives.map(({ name, args, block }) =>
    block === null ? [name, ...args] : [name, ...args, named(block)],
  );
}

describe('the directives of a snippet', () => {
  it('are read with quotes, escapes, comments, variables and blocks', () => {
    const text = `# first
      add_header X-A "a \\"b\\"; c" always; proxy_set_header Y '$\{host}x';
      if ($http_a ~* (x|y)) { return 403; } ; return 200 \${scheme}\\;z;`;
    const { directives, isWhole } = readSnippet(text);
    assert.equal(isWhole, true);
    assert.deepEqual(named(directives), [
      ['add_header', 'X-A', 'a "b"; c', 'always'],
      ['proxy_set_header', 'Y', '${host}x'],
      ['if', '$http_a', '~*', '(x|y)', [['return', '403']]],
      ['return', '200', '${scheme}\\;z'],
    ]);
  });

  it('are known to be broken where they are', () => {
    for (const text of [
      'a "b',
      'a { b;',
      'a; }',
      'a',
      '{',
      `${'a {'.repeat(20)}${'}'.repeat(20)}`,
      'a;'.repeat(300),
    ]) {
      assert.equal(readSnippet(text).isWhole, false, text.slice(0, 30));
    }
  });

  it('come out of any text', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      ';',
      '"',
      "'",
      '\\',
      '$',
      '${',
      '#',
      '\n',
      ' ',
      '(',
      ')',
      'if',
      'return',
      '403',
      'deny',
      '=',
      '~',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const refused = refuse(parts.join(''));
        assert.ok((refused?.advice ?? []).every((each) => each !== '' && !/[\r\n]/.test(each)));
      }),
    );
    assert.equal(isProtective(`${'add_header A b; '.repeat(4_000)}deny all;`), true);
  });
});

describe('a snippet', () => {
  it('protects when it refuses somebody, is not known, or cannot be read', () => {
    for (const text of [
      'return 403;',
      'if ($http_x = "") { return 401; }',
      'location /x { deny all; }',
      'allow 10.0.0.0/8; deny all;',
      'auth_basic "x";',
      'limit_req zone=a;',
      'access_by_lua_block { ngx.exit(403) }',
      'no_such_directive on;',
      'add_header A b; return 4',
      'add_header A "b;',
      '__proto__ x;',
      'constructor x;',
    ]) {
      assert.equal(isProtective(text), true, text);
    }
  });

  it('does not when it changes fields, redirects, time-outs and logs', () => {
    for (const text of [
      'add_header A b;',
      'proxy_set_header A b; proxy_read_timeout 60s;',
      'rewrite ^/a$ /b permanent;',
      'if ($scheme = http) { return 301 https://$host$request_uri; }',
      'gzip on; gzip_types text/css;',
      'location /a { add_header A b; }',
    ]) {
      assert.equal(isProtective(text), false, text);
    }
    assert.equal(refuse(' \n'), null);
  });

  it('has advice only with annotations that are there', () => {
    const texts = [
      'allow all; deny all; satisfy any; auth_basic_user_file x; auth_request /a; ssl_verify_client on; valid_referers none;',
      'limit_conn a 1; limit_rate 1k; ssl_ciphers X; proxy_ssl_verify on; proxy_redirect off; expires 1d; default_type a/b;',
      'proxy_next_upstream error; proxy_next_upstream_tries 2; proxy_next_upstream_timeout 1s; proxy_cookie_path /a /b;',
      'proxy_cookie_domain a b; proxy_send_timeout 1h; limit_req a; rewrite ^/a/(.*)/b /x/$1 last; error_page 500 /x;',
      'if ($host = a.test) { return 301 https://b.test$request_uri; } if ($request_uri = /a) { return 302 /b; }',
      'if ($remote_addr = 192.0.2.1) { return 403; } if ($http_x) { add_header A b; } if ($invalid_referer) { return 403; }',
    ];
    for (const text of texts) {
      const { directives, isWhole } = readSnippet(text);
      assert.equal(isWhole, true, text);
      const { advice = [] } = refuse(text) ?? {};
      assert.equal(advice.length, directives.length);
      for (const [, name = ''] of advice
        .join('\n')
        .matchAll(/"((?:nginx\.ingress|sallyport)[^"/]*\/[^"]+)"/g))
        assert.ok(keys.has(name), name);
    }
  });

  it('tells no more than a bounded number of directives', () => {
    const { advice = [] } =
      refuse(`add_header A ${'b'.repeat(9_000)};`.concat('add_header A b;'.repeat(100))) ?? {};
    assert.equal(advice.length, 21);
    assert.ok(advice.every((each) => each.length < 1_000));
  });
});

describe('the guide', () => {
  const text = readFileSync(new URL('../../../docs/guides/snippets.md', import.meta.url), 'utf8');
  const cells = /^\| `(?<snippet>.+)` \| `(?<name>[^`|]+)` \| `(?<value>.+)` \|$/gm;
  const rows = [...text.matchAll(cells)].map(({ groups = {} }) => {
    const { snippet = '', name = '', value = '' } = groups;
    return {
      snippet: snippet.replaceAll('\\|', '|'),
      key: name.includes('/') ? name : `nginx.ingress.kubernetes.io/${name}`,
      value: value.replaceAll('\\|', '|'),
    };
  });

  it('has a row for at least 25 uses', () => {
    assert.ok(rows.length >= 25);
  });

  for (const { snippet, key, value } of rows) {
    it(`says of ${snippet} what the advice says and the annotation takes`, () => {
      const { advice = [] } = refuse(snippet) ?? {};
      const wanted = `annotation "${key}" with ${JSON.stringify(value)}`;
      assert.ok(
        advice.some((each) => each.includes(wanted)),
        advice.join('\n'),
      );
      const parsed = keys.get(key)?.parse(value) ?? { wanted: 'an annotation that is there' };
      assert.ok('value' in parsed, JSON.stringify(parsed));
    });
  }
});

describe('ModSecurity', () => {
  it('is not taken for granted', () => {
    for (const text of ['true', '1', 'yes', ''])
      assert.equal(refuse(text, 'enable-modsecurity')?.isProtective, true);
    assert.equal(refuse('false', 'enable-modsecurity'), null);
    assert.equal(refuse('F', 'enable-owasp-core-rules'), null);
    assert.equal(refuse('SecRuleEngine On', 'modsecurity-snippet')?.isProtective, true);
    assert.equal(refuse('$request_id', 'modsecurity-transaction-id')?.isProtective, false);
    assert.equal(refuse('x', 'auth-snippet')?.isProtective, true);
    assert.equal(refuse('x', 'stream-snippet')?.isProtective, false);
  });
});
