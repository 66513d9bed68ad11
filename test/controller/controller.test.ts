// Controller: steps, published patches, logs, counts, and survival of exceptions, with a translator that fails on demand.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Controller, type TableTranslator } from '../../src/controller/index.ts';
import { features } from '../../src/features/index.ts';
import type { KubeObject, Service } from '../../src/kube/index.ts';
import type { RouteTable, TablePatch } from '../../src/model/index.ts';
import type { FileFailure, ObjectChange } from '../../src/sources/index.ts';
import { applyPatch, emptyTable, printTable } from '../../src/table/index.ts';
import { Translator } from '../../src/translate/index.ts';
import { sampleOptions } from '../../src/translate/sample-objects.fixture.ts';

const options = sampleOptions({ features });

const poison = 'poison.example.com';

/** Translates for real, but throws halfway through a step with an Ingress of the poisoned host. */
class FragileTranslator extends Translator implements TableTranslator {
  override apply(changes: readonly ObjectChange[], nowMs: number): ReturnType<Translator['apply']> {
    const step = super.apply(changes, nowMs);
    for (const change of changes) {
      const object = change.kind === 'set' ? change.object : null;
      if (object?.kind === 'Ingress' && object.spec.rules?.[0]?.host === poison) throw new Error('a fault');
    }
    return step;
  }
}

class Bench {
  readonly patches: TablePatch[] = [];
  readonly lines: string[] = [];
  /** What a worker holds. */
  table: RouteTable = emptyTable;
  readonly controller: Controller;

  constructor(createTranslator: () => TableTranslator = () => new FragileTranslator(options)) {
    const log = (level: string) => (_: object, message: string) => this.lines.push(`${level} ${message}`);
    this.controller = new Controller({
      createTranslator,
      publish: (patch) => {
        this.patches.push(patch);
        this.table = applyPatch(this.table, patch);
      },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      locate: ({ name }, field) => ({ file: `${name}.yaml`, line: field === '' ? 1 : 7 }),
      nowMs: () => 1_000,
    });
  }

  hosts(): string[] {
    return [...this.table.hosts.keys()].sort();
  }

  takeLines(): string[] {
    return this.lines.splice(0);
  }
}

const ingress = (name: string, host: string): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default' },
  spec: {
    rules: [
      {
        host,
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
          ],
        },
      },
    ],
  },
});

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
  },
};

const set = (...objects: KubeObject[]): ObjectChange[] => objects.map((object) => ({ kind: 'set', object }));
const removed = (name: string): ObjectChange => ({
  kind: 'removed',
  ref: { kind: 'Ingress', namespace: 'default', name },
});

const failure: FileFailure = {
  file: 'x.yaml',
  line: 3,
  severity: 'error',
  code: 'SyntaxError',
  object: null,
  field: '',
  message: 'a quote is missing',
  lastGoodServes: true,
};

describe('Controller', () => {
  it('publishes the first step even if it is empty, and later only what changes the table', () => {
    const bench = new Bench();
    bench.controller.take([], []);
    assert.deepEqual(
      bench.patches.map(({ version }) => version),
      [1],
    );
    bench.controller.take(set(service, ingress('a', 'a.example.com')), []);
    assert.deepEqual(bench.hosts(), ['a.example.com']);
    bench.controller.refresh();
    bench.controller.take(set(service), [failure]);
    bench.controller.take([removed('a')], []);
    assert.deepEqual(
      bench.patches.map(({ version }) => version),
      [1, 2, 3],
    );
    assert.deepEqual(bench.hosts(), []);
  });

  it('logs each problem once when it appears and once when it goes, with its place', () => {
    const bench = new Bench();
    bench.controller.take(set(ingress('a', 'a.example.com')), [failure]);
    const appeared = bench.takeLines();
    assert.equal(appeared.length, 2);
    assert.match(
      appeared[0] ?? '',
      /^error a\.yaml:7: Ingress default\/a: .*"default\/web" does not exist \[ServiceNotFound\]$/,
    );
    assert.equal(
      appeared[1],
      'error x.yaml:3: a quote is missing [SyntaxError]; the last good version keeps serving',
    );
    bench.controller.take(set(ingress('b', 'b.example.com')), [{ ...failure, line: 4 }]);
    assert.equal(bench.takeLines().filter((line) => !line.includes('default/b')).length, 0);
    bench.controller.take(set(service), []);
    const gone = bench.takeLines().filter((line) => line.startsWith('info no longer: '));
    assert.equal(gone.length, 3);
  });

  it('counts objects and problems, and reports them in order of place', () => {
    const bench = new Bench();
    bench.controller.take(set(ingress('b', 'b.example.com'), ingress('a', 'a.example.com')), [failure]);
    const counts = bench.controller.counts();
    assert.equal(counts.objectsByKind.get('Ingress'), 2);
    assert.deepEqual(counts.problemsBySeverity, { error: 3, warning: 0, info: 0 });
    assert.deepEqual([counts.translations, counts.translationErrors, counts.lastSuccessMs], [1, 0, 1_000]);
    assert.deepEqual(
      bench.controller.reports().map(({ location }) => location?.file),
      ['a.yaml', 'b.yaml', 'x.yaml'],
    );
    bench.controller.take([removed('a')], []);
    assert.equal(bench.controller.counts().objectsByKind.get('Ingress'), 1);
  });

  it('does not drown the log in the problems of one step', () => {
    const bench = new Bench();
    const many = Array.from({ length: 500 }, (_, index) => ingress(`i${index}`, `h${index}.example.com`));
    bench.controller.take(set(...many), []);
    const lines = bench.takeLines();
    assert.equal(lines.length, 51);
    assert.equal(lines.at(-1), 'warn 450 more problems; "sallyport check" lists all');
  });
});

describe('Controller: a fault in translation', () => {
  it('costs only the object that causes it, whose last good version stays', () => {
    const bench = new Bench();
    bench.controller.take(set(service, ingress('a', 'a.example.com'), ingress('b', 'b.example.com')), []);
    bench.controller.take([...set(ingress('a', poison), ingress('c', 'c.example.com')), removed('b')], []);
    assert.deepEqual(bench.hosts(), ['a.example.com', 'c.example.com']);
    assert.equal(bench.controller.counts().translationErrors, 1);
    const [problem] = bench.controller.problems();
    assert.deepEqual([problem?.object.name, problem?.severity], ['a', 'error']);
    assert.match(
      problem?.message ?? '',
      /a fault of this program: a fault; the last good version stays in force$/,
    );
    bench.controller.take(set(ingress('a', 'fixed.example.com')), []);
    assert.deepEqual(bench.hosts(), ['c.example.com', 'fixed.example.com']);
    assert.deepEqual(
      bench.controller.problems().filter(({ code }) => code === 'InvalidObject'),
      [],
    );
  });

  it('forgets the fault of an object that is gone at the end of the step', () => {
    const bench = new Bench();
    bench.controller.take([...set(ingress('a', poison)), removed('a')], []);
    assert.deepEqual(bench.controller.problems(), []);
  });

  it('publishes nothing when a step fails as a whole, and makes up for it with the next', () => {
    let works = false;
    const bench = new Bench(() => {
      const translator = new Translator(options);
      const apply = translator.apply.bind(translator);
      translator.apply = (changes, nowMs) => {
        if (!works) throw new Error('nothing works');
        return apply(changes, nowMs);
      };
      return translator;
    });
    bench.controller.take(set(ingress('a', 'a.example.com')), []);
    assert.deepEqual(bench.patches, []);
    assert.match(bench.takeLines().at(-1) ?? '', /the last good table keeps serving: nothing works$/);
    works = true;
    bench.controller.take(set(ingress('b', 'b.example.com')), []);
    assert.deepEqual(bench.hosts(), ['a.example.com', 'b.example.com']);
  });

  it('leaves workers with the table that the good objects give, whatever the order of steps', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      host: fc.constantFrom('one.example.com', 'two.example.com', poison, null),
    });
    const property = fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 8 }), (steps) => {
      const bench = new Bench();
      const good = new Map<string, KubeObject>([['web', service]]);
      bench.controller.take(set(service), []);
      for (const changes of steps) {
        bench.controller.take(
          changes.flatMap(({ name, host }) => (host === null ? [removed(name)] : set(ingress(name, host)))),
          [],
        );
        for (const { name, host } of changes) {
          if (host === null) good.delete(name);
          else if (host !== poison) good.set(name, ingress(name, host));
        }
      }
      const fresh = new Translator(options);
      fresh.apply(set(...good.values()), 1_000);
      assert.equal(printTable(bench.table), printTable(fresh.table));
    });
    fc.assert(property, { numRuns: 150, seed: 11 });
  });
});
