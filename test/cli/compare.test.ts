// `sallyport compare` by its function: what differs with each quirk, between folders and between git revisions.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folder, golden, run, summaryOf, told, type Told } from './run-compare.ts';

interface Rule {
  readonly host?: string;
  readonly path?: string;
  readonly service?: string;
  readonly more?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function ingress({
  host = 'a.test',
  path = '/app',
  service = 'web',
  more = '',
  annotations = {},
}: Rule = {}): string {
  const notes = Object.entries(annotations).map(([key, value]) => [
    `nginx.ingress.kubernetes.io/${key}`,
    value,
  ]);
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: ${JSON.stringify(Object.fromEntries(notes))}}
spec:
  ${more}
  rules:
  - host: "${host}"
    http:
      paths:
      - {path: "${path}", pathType: ImplementationSpecific, backend: {service: {name: ${service}, port: {number: 80}}}}
`;
}

describe('sallyport compare: with quirks and without', () => {
  const cases: [name: string, requests: string, groups: readonly string[]][] = [
    [
      'host-wide-regex-on',
      'http://a.test/foobar\nhttp://a.test/FOO\nhttp://a.test/exactly\nhttp://a.test/exact\nhttp://a.test/id/7',
      ['3 route shop/plain shop/plain host-wide-regex'],
    ],
    [
      'trailing-slash-redirect-on',
      'http://a.test/foo\nPOST http://a.test/foo?q=1\nhttp://a.test/exact\nhttp://a.test/foo/x\nhttp://a.test/both',
      [
        '2 redirect shop/web shop/web trailing-slash-redirect',
        '1 redirect shop/web null trailing-slash-redirect',
      ],
    ],
    [
      'inherit-oldest-settings-on',
      'http://a.test/other\nhttp://a.test/something\nhttp://d.test/other\nhttp://nobody.test/',
      ['1 redirect shop/old null inherit-oldest-settings', '1 answer shop/bad null inherit-oldest-settings'],
    ],
    ['newest-name-first-on', 'http://a.test/\nhttp://b.test/', ['1 route shop/b shop/a newest-name-first']],
  ];
  for (const [name, requests, groups] of cases) {
    it(name, async () => {
      const words = ['-f', join(golden, name, 'input.yaml')];
      const { groups: found, compared, differ } = await told(words, requests);
      assert.deepEqual(found.map(summaryOf), groups);
      assert.equal(compared, requests.split('\n').length);
      assert.equal(
        differ,
        found.reduce((sum, { count }) => sum + count, 0),
      );
    });
  }

  it('leaves the quirks off that an Ingress turns off', async (test) => {
    const off = ingress({ path: '/foo/' }).replace(
      'annotations: {',
      'annotations: {"sallyport.dev/quirks": "-trailing-slash-redirect"',
    );
    const root = folder(test, { 'on.yaml': ingress({ path: '/foo/' }), 'off.yaml': off });
    const asked = 'http://a.test/foo';
    assert.equal((await told(['-f', join(root, 'on.yaml')], asked)).differ, 1);
    assert.equal((await told(['-f', join(root, 'off.yaml')], asked)).differ, 0);
  });

  it('prints both ends of samples for people', async () => {
    const words = ['-r', '-', '-f', join(golden, 'host-wide-regex-on/input.yaml')];
    const { code, out } = await run(words, 'http://a.test/FOO\nnonsense here\n');
    assert.equal(code, 0);
    assert.equal(
      out,
      [
        'with quirks and without: 1 request compared, 1 differ (100 %)',
        'lines left out: 1 not understood; the first is line 2',
        '',
        '         1  route  shop/plain  by host-wide-regex',
        '            line 1: GET http://a.test/FOO',
        '              with quirks: shop/b:80 gets /FOO, by ingress/shop/plain/rule/0/path/0',
        '              without:     shop/d:80 gets /FOO, by ingress/shop/plain/rule/0/path/2',
        '',
      ].join('\n'),
    );
  });
});

describe('sallyport compare: two folders', () => {
  const cases: [what: string, old: Rule, next: Rule, asked: string, differences: string][] = [
    ['another Service', {}, { service: 'api' }, 'http://a.test/app', 'route'],
    ['a path that is gone', {}, { path: '/other' }, 'http://a.test/app', 'route'],
    ['nothing', {}, {}, 'http://a.test/app', ''],
    [
      'what depends on fields',
      { annotations: { 'enable-cors': 'true', 'cors-allow-origin': 'https://o.test' } },
      { annotations: { 'enable-cors': 'true', 'cors-allow-origin': 'https://p.test' } },
      'OPTIONS http://a.test/app',
      'response+conditions',
    ],
    [
      'the rule of what depends on fields',
      { path: '/app', annotations: { 'enable-cors': 'true', 'cors-allow-origin': 'https://o.test' } },
      { path: '/app/x', annotations: { 'enable-cors': 'true', 'cors-allow-origin': 'https://o.test' } },
      'OPTIONS http://a.test/app/x',
      '',
    ],
    ['a path beside', {}, { path: '/app/' }, 'http://a.test/app/x', ''],
    [
      'a rewrite',
      { path: '/app(/|$)(.*)', annotations: { 'rewrite-target': '/$2' } },
      { path: '/app(/|$)(.*)', annotations: { 'rewrite-target': '/x/$2' } },
      'http://a.test/app/y',
      'rewrite',
    ],
    [
      'a redirect',
      {},
      { annotations: { 'permanent-redirect': 'http://r.test/' } },
      'http://a.test/app',
      'redirect',
    ],
    ['TLS', {}, { more: 'tls: [{hosts: [a.test]}]' }, 'http://a.test/app', 'redirect'],
    [
      'who may come',
      {},
      { annotations: { 'whitelist-source-range': '10.0.0.0/8' } },
      'http://a.test/app',
      'authentication',
    ],
    [
      'passwords',
      {},
      { annotations: { 'auth-type': 'basic', 'auth-secret': 'users' } },
      'http://a.test/app',
      'authentication',
    ],
    [
      'a limit',
      { annotations: { 'limit-rps': '5' } },
      { annotations: { 'limit-rps': '6' } },
      'http://a.test/app',
      'limits',
    ],
    ['a body size', {}, { annotations: { 'proxy-body-size': '8m' } }, 'http://a.test/app', 'limits'],
    ['a time-out', {}, { annotations: { 'proxy-read-timeout': '7' } }, 'http://a.test/app', 'settings'],
    [
      'a default that is written',
      {},
      { annotations: { 'proxy-read-timeout': '60' } },
      'http://a.test/app',
      '',
    ],
    ['CORS', {}, { annotations: { 'enable-cors': 'true' } }, 'http://a.test/app', 'response'],
  ];
  for (const [what, old, next, asked, differences] of cases) {
    it(`differ in ${what}`, async (test) => {
      const root = folder(test, { 'old.yaml': ingress(old), 'new.yaml': ingress(next) });
      const words = ['--old', join(root, 'old.yaml'), '--new', join(root, 'new.yaml')];
      const { groups } = await told(words, asked);
      assert.equal(groups.map((group) => group.differences.join('+')).join(' '), differences);
    });
  }

  it('differ in what goes by without being read', async (test) => {
    const pass = { 'ssl-passthrough': 'true' };
    const root = folder(test, {
      'old.yaml': ingress({ path: '/' }),
      'new.yaml': ingress({ path: '/', annotations: pass }),
    });
    const words = [
      '--old',
      join(root, 'old.yaml'),
      '--new',
      join(root, 'new.yaml'),
      '--enable-ssl-passthrough',
    ];
    const { groups } = await told(words, 'https://a.test/\nhttp://a.test/');
    assert.deepEqual(
      groups.map(({ differences, samples }) => [
        differences.includes('route'),
        samples.map(({ line }) => line),
      ]),
      [[true, [1]]],
    );
  });

  it('say when nothing is served, and when objects cannot be read', async (test) => {
    const other = ingress({ more: 'ingressClassName: somebody' });
    const root = folder(test, { 'old.yaml': ingress(), 'new.yaml': `${other}---\nkind: [` });
    const { notes, groups } = await told(
      ['--old', join(root, 'old.yaml'), '--new', join(root, 'new.yaml')],
      'http://a.test/app',
    );
    assert.match(notes.join('\n'), /could not be read.*\n.*nothing is served by the side "new"/);
    assert.deepEqual(groups.map(summaryOf), ['1 route shop/web null']);
  });
});

describe('sallyport compare: git revisions', () => {
  it('are compared with each other and with the folder as it lies there', async (test) => {
    const root = folder(test, {});
    const git = (...words: string[]): void => {
      const identity = ['-c', 'user.name=a', '-c', 'user.email=a@a.test', '-c', 'commit.gpgsign=false'];
      execFileSync('git', ['-C', root, ...identity, ...words], { stdio: 'pipe' });
    };
    const manifests = join(root, 'deploy');
    mkdirSync(manifests);
    const commit = (service: string, tag: string): void => {
      writeFileSync(join(manifests, 'web.yaml'), ingress({ service }));
      git('add', '.');
      git('commit', '-q', '-m', tag);
      git('tag', tag);
    };
    git('init', '-q');
    writeFileSync(join(root, 'above.yaml'), ingress({ host: 'above.test' }));
    commit('web', 'one');
    commit('api', 'two');
    writeFileSync(join(manifests, 'web.yaml'), ingress({ service: 'third' }));
    const compare = (...words: string[]): Promise<Told> =>
      told(['-f', manifests, ...words], 'http://a.test/app\nhttp://above.test/app');
    const ends = ({ groups }: Told): string =>
      groups.map(({ samples }) => samples[0]?.old.split(' ')[0]).join();
    assert.equal(ends(await compare('--old-revision', 'one', '--new-revision', 'two')), 'shop/web:80');
    assert.equal(ends(await compare('--old-revision', 'two')), 'shop/api:80');
    assert.equal((await compare('--old-revision', 'one', '--new-revision', 'one')).differ, 0);
    const missing = await run(['-r', '-', '-f', manifests, '--old-revision', 'three'], 'http://a.test/');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /"three": no such revision|three/);
    // A revision is never read as a flag of git.
    const flag = await run(['-r', '-', '-f', manifests, '--old-revision=--all'], 'http://a.test/');
    assert.equal(flag.code, 1);
  });
});
