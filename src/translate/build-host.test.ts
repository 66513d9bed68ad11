// Hosts from several Ingresses: merging, conflicts, precedence, default backends, host-wide annotations, denials.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../kube/index.ts';
import {
  readProblems,
  readRoutes,
  sampleApp,
  sampleBackend,
  sampleFeature,
  sampleIngress,
  samplePath,
  sampleRule,
  translateSample,
} from './sample-objects.fixture.ts';

const nginx = 'nginx.ingress.kubernetes.io';

function routesOf(objects: readonly KubeObject[], host: string): string[] {
  return readRoutes(translateSample([...objects, ...sampleApp]).table, host);
}

function problemsOf(objects: readonly KubeObject[]): string[] {
  return readProblems(translateSample([...objects, ...sampleApp]).problems);
}

describe('the order of routes', () => {
  it('puts exact first, then the longer path, then prefix before regex, then age', () => {
    const annotations = { [`${nginx}/use-regex`]: 'true' };
    const young = sampleIngress(
      { rules: [sampleRule('h', ['/', '/aa', '/a/b/', samplePath('/a', 'app', 'Exact'), '/cc'])] },
      { name: 'a-young', day: 3 },
    );
    const old = sampleIngress(
      { rules: [sampleRule('h', ['/bb', samplePath('/dd', 'app', 'ImplementationSpecific'), '/a/b'])] },
      { name: 'z-old', day: 1 },
    );
    const regexes = sampleIngress(
      { rules: [sampleRule('h', ['/ee', samplePath('/ff', 'app', 'ImplementationSpecific'), '/a.*long'])] },
      { name: 'regex', day: 1, annotations },
    );
    const { table } = translateSample([young, old, regexes, ...sampleApp], { features: [useRegexFeature] });
    assert.deepEqual(
      readRoutes(table, 'h').map((line) => line.split(' →')[0]),
      [
        'exact /a',
        'regex /a.*long',
        'prefix /a/b/',
        'prefix /a/b',
        'prefix /bb',
        'prefix /dd',
        'prefix /aa',
        'prefix /cc',
        'regex /ee',
        'regex /ff',
        'prefix /',
      ],
    );
  });

  const useRegexFeature = sampleFeature('use-regex', { parse: (text) => ({ value: text === 'true' }) });

  it('is by name where the age is the same, then by position', () => {
    const a = sampleIngress({ rules: [sampleRule('h', ['/b', '/a'])] }, { name: 'a' });
    const b = sampleIngress({ rules: [sampleRule('h', ['/c'])] }, { name: 'b', day: 1 });
    assert.deepEqual(
      routesOf([b, a], 'h').map((line) => line.split(' ')[1]),
      ['/b', '/a', '/c'],
    );
  });
});

describe('claims on one path', () => {
  it('goes to the oldest Ingress; one without timestamp is the oldest of all', () => {
    const rules = [sampleRule('h', ['/x'])];
    const ingresses = [
      sampleIngress({ rules }, { name: 'a', day: 2 }),
      sampleIngress({ rules }, { name: 'b', day: 1 }),
      sampleIngress({ rules }, { name: 'z' }),
    ];
    assert.deepEqual(routesOf(ingresses, 'h'), ['prefix /x → shop/app:80 by ingress/shop/z/rule/0/path/0']);
    assert.deepEqual(problemsOf(ingresses), [
      'error HostPathConflict Ingress shop/a spec.rules[0].http.paths[0].path',
      'error HostPathConflict Ingress shop/b spec.rules[0].http.paths[0].path',
    ]);
    const { problems } = translateSample([...ingresses, ...sampleApp]);
    assert.equal(
      problems[0]?.message,
      'path "/x" (prefix) of host "h" already belongs to ingress/shop/z/rule/0/path/0; this one has no effect',
    );
  });

  it('goes to the first in one object, which is only a warning', () => {
    const web = sampleIngress({
      rules: [sampleRule('h', ['/x', samplePath('/x', 'other')]), sampleRule('h', ['/x'])],
    });
    assert.deepEqual(routesOf([web], 'h'), ['prefix /x → shop/app:80 by ingress/shop/web/rule/0/path/0']);
    assert.deepEqual(
      problemsOf([web]).filter((line) => line.includes('Conflict')),
      [
        'warning HostPathConflict Ingress shop/web spec.rules[0].http.paths[1].path',
        'warning HostPathConflict Ingress shop/web spec.rules[1].http.paths[0].path',
      ],
    );
  });

  it('is one claim in another spelling, and several for other kinds, slashes and hosts', () => {
    const old = sampleIngress({ rules: [sampleRule('h', ['/app'])] }, { name: 'old', day: 1 });
    const thief = sampleIngress(
      { rules: [sampleRule('h', [samplePath('/x/../app', 'app', 'ImplementationSpecific')])] },
      { name: 'thief', day: 2 },
    );
    assert.equal(routesOf([old, thief], 'h').length, 1);
    const other = sampleIngress(
      { rules: [sampleRule('h', [samplePath('/app', 'app', 'Exact'), '/app/']), sampleRule('H2', ['/app'])] },
      { name: 'other', day: 2 },
    );
    assert.equal(routesOf([old, other], 'h').length, 3);
    assert.equal(routesOf([old, other], 'h2').length, 1);
  });

  it('tells the owner of a prefix that the same prefix with a slash takes its requests', () => {
    const web = sampleIngress({ rules: [sampleRule('h', ['/foo/', '/foo', '/', '/bar'])] });
    assert.deepEqual(problemsOf([web]), [
      'warning PathShadowed Ingress shop/web spec.rules[0].http.paths[1].path',
    ]);
  });

  it('leaves the upstream of a loser out of the table, and its problems in', () => {
    const winner = sampleIngress({ rules: [sampleRule('h', ['/x'])] }, { name: 'a' });
    const loser = sampleIngress({ rules: [sampleRule('h', ['/x'], 'missing')] }, { name: 'b' });
    const { table, problems } = translateSample([winner, loser, ...sampleApp]);
    assert.deepEqual([...table.upstreams.keys()], ['shop/app:80']);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['ServiceNotFound', 'HostPathConflict'],
    );
  });
});

describe('default backends', () => {
  const rules = [sampleRule('h', ['/x'])];

  it('without rules serves the catch-all host', () => {
    const web = sampleIngress({ defaultBackend: sampleBackend('app') });
    assert.deepEqual(routesOf([web], ''), ['fallback by ingress/shop/web/default-backend']);
  });

  it('with rules serves what no path of its own hosts takes, and no other host', () => {
    const web = sampleIngress({ rules, defaultBackend: sampleBackend('app') });
    assert.equal(routesOf([web], 'h').at(-1), 'fallback by ingress/shop/web/default-backend');
    assert.deepEqual(routesOf([web], ''), []);
  });

  it('goes to the oldest that has one; the others are told', () => {
    const ingresses = [
      sampleIngress({ rules }, { name: 'oldest', day: 1 }),
      sampleIngress(
        { rules: [sampleRule('h', ['/y'])], defaultBackend: sampleBackend('app') },
        { name: 'middle', day: 2 },
      ),
      sampleIngress(
        { rules: [sampleRule('h', ['/z'])], defaultBackend: sampleBackend('app') },
        { name: 'young', day: 3 },
      ),
    ];
    assert.equal(routesOf(ingresses, 'h').at(-1), 'fallback by ingress/shop/middle/default-backend');
    assert.deepEqual(problemsOf(ingresses), [
      'warning DefaultBackendConflict Ingress shop/young spec.defaultBackend',
    ]);
  });

  it('without any effect is an error', () => {
    const both = ['a', 'b'].map((name) => sampleIngress({ defaultBackend: sampleBackend('app') }, { name }));
    assert.deepEqual(problemsOf(both), ['error DefaultBackendConflict Ingress shop/b spec.defaultBackend']);
  });

  it('makes a host of a rule without paths', () => {
    const { table } = translateSample([sampleIngress({ rules: [{ host: 'h' }] })]);
    assert.deepEqual(table.hosts.get('h'), { host: 'h', routes: [], fallback: null, tls: null });
  });
});

describe('backends that are no Service', () => {
  it('answer 503 for their path alone', () => {
    const bucket = { resource: { apiGroup: 'k8s.example.com', kind: 'StorageBucket', name: 'assets' } };
    const web = sampleIngress({
      rules: [
        sampleRule('h', ['/', { path: '/icons', pathType: 'ImplementationSpecific', backend: bucket }]),
      ],
    });
    assert.deepEqual(routesOf([web], 'h'), [
      'prefix /icons → 503 unsupported-backend by ingress/shop/web/rule/0/path/1',
      'prefix / → shop/app:80 by ingress/shop/web/rule/0/path/0',
    ]);
    assert.deepEqual(problemsOf([web]), [
      'error UnsupportedBackend Ingress shop/web spec.rules[0].http.paths[1].backend',
    ]);
  });
});

describe('features and hosts', () => {
  it('compiles policies of a route from its own Ingress', () => {
    const feature = sampleFeature('plain');
    const a = sampleIngress(
      { rules: [sampleRule('h', ['/a'])] },
      { name: 'a', annotations: { [`${nginx}/plain`]: 'good' } },
    );
    const b = sampleIngress({ rules: [sampleRule('h', ['/b'])] }, { name: 'b' });
    const { table } = translateSample([a, b, ...sampleApp], { features: [feature] });
    assert.deepEqual(
      table.hosts.get('h')?.routes.map(({ policies }) => policies),
      [{ plain: 'good' }, {}],
    );
  });

  it('lets the oldest Ingress decide a host-wide key, and tells who says otherwise', () => {
    const wide = sampleFeature('wide', { scope: 'host' });
    const named = (name: string, day: number, value: string) =>
      sampleIngress(
        { rules: [sampleRule('h', [`/${name}`])] },
        { name, day, annotations: { [`${nginx}/wide`]: value } },
      );
    const silent = sampleIngress({ rules: [sampleRule('h', ['/silent'])] }, { name: 'silent', day: 1 });
    const objects = [named('same', 4, 'good'), named('other', 3, 'other'), named('first', 2, 'good'), silent];
    const { table, problems } = translateSample([...objects, ...sampleApp], { features: [wide] });
    for (const route of table.hosts.get('h')?.routes ?? [])
      assert.deepEqual(route.policies, { wide: 'good' }, route.id);
    assert.deepEqual(readProblems(problems), [
      `warning AnnotationUnsupported Ingress shop/other metadata.annotations[${nginx}/wide]`,
    ]);
  });

  it('answers 503 on all routes of a denied Ingress, without policies, and on none of its neighbours', () => {
    const features = [sampleFeature('guard', { onInvalid: 'deny' }), sampleFeature('plain')];
    const annotations = { [`${nginx}/guard`]: 'bad', [`${nginx}/plain`]: 'good' };
    const denied = sampleIngress(
      { rules: [sampleRule('h', ['/a'])], defaultBackend: sampleBackend('app') },
      { name: 'a', annotations },
    );
    const other = sampleIngress({ rules: [sampleRule('h', ['/b'])] }, { name: 'b' });
    const { table, problems } = translateSample([denied, other, ...sampleApp], { features });
    assert.deepEqual(readRoutes(table, 'h'), [
      'prefix /a → 503 annotation-denied by ingress/shop/a/rule/0/path/0',
      'prefix /b → shop/app:80 by ingress/shop/b/rule/0/path/0',
      'fallback by ingress/shop/a/default-backend',
    ]);
    const host = table.hosts.get('h');
    assert.deepEqual(host?.routes[0]?.policies, {});
    assert.deepEqual(host?.fallback?.backend, { kind: 'status', status: 503, reason: 'annotation-denied' });
    assert.equal(problems[0]?.severity, 'error');
  });

  it('tells what a feature reports once per object, with the path for issues of the path', () => {
    const reporter = {
      ...sampleFeature('plain'),
      compile: (
        _: unknown,
        context: {
          report: (issue: {
            severity: 'warning';
            code: 'AnnotationInvalid';
            key: string;
            message: string;
          }) => void;
        },
      ) => {
        context.report({
          severity: 'warning',
          code: 'AnnotationInvalid',
          key: `${nginx}/plain`,
          message: 'of the key',
        });
        context.report({ severity: 'warning', code: 'AnnotationInvalid', key: '', message: 'of the path' });
        return null;
      },
    };
    const web = sampleIngress({ rules: [sampleRule('h', ['/a', '/b'])] });
    const { problems } = translateSample([web, ...sampleApp], { features: [reporter] });
    assert.deepEqual(readProblems(problems), [
      `warning AnnotationInvalid Ingress shop/web metadata.annotations[${nginx}/plain]`,
      'warning AnnotationInvalid Ingress shop/web spec.rules[0].http.paths[0].path',
      'warning AnnotationInvalid Ingress shop/web spec.rules[0].http.paths[1].path',
    ]);
  });

  it('keeps a feature that throws from harming anyone else', () => {
    const broken = {
      ...sampleFeature('plain'),
      compile: (values: ReadonlyMap<string, unknown>) => {
        if (values.has('plain')) throw new Error('a defect');
        return null;
      },
    };
    const bad = sampleIngress(
      { rules: [sampleRule('h', ['/a'])] },
      { name: 'bad', annotations: { [`${nginx}/plain`]: 'good' } },
    );
    const good = sampleIngress({ rules: [sampleRule('h', ['/b'])] }, { name: 'good' });
    const { table, problems } = translateSample([bad, good, ...sampleApp], { features: [broken] });
    assert.equal(table.hosts.get('h')?.routes.length, 1);
    assert.deepEqual(readProblems(problems), ['error InvalidObject Ingress shop/bad ']);
  });
});
