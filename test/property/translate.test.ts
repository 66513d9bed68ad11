// The translator against itself: any sequence of changes gives what the final state gives from scratch (with what is
// remembered of the last good state put in beforehand), patches lead from table to table, order does not matter, and
// neighbours do not reach into a namespace.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Ingress, IngressTls, KubeObject, Secret } from '../../src/kube/index.ts';
import type { ObjectRef, Problem, RouteTable, TablePatch } from '../../src/model/index.ts';
import {
  sampleBackend,
  sampleClass,
  sampleFeature,
  sampleIngress,
  sampleOptions,
  sampleSecret,
  sampleService,
  sampleSlice,
  setAll,
} from '../../src/translate/sample-objects.ts';
import { translate, Translator, type ObjectChange } from '../../src/translate/index.ts';

const prefix = 'nginx.ingress.kubernetes.io';
const rejecting = `${prefix}/strict`;

const options = sampleOptions({
  defaultCertificate: 'a/tls-1',
  defaultBackendService: { namespace: 'a', name: 'app', port: '80' },
  features: [
    sampleFeature('plain'),
    sampleFeature('strict', { onInvalid: 'reject' }),
    sampleFeature('guard', { onInvalid: 'deny' }),
    sampleFeature('wide', { scope: 'host' }),
    sampleFeature('use-regex', { parse: (text) => ({ value: text === 'true' }) }),
  ],
});

const folder = new URL('../fixtures/certs/', import.meta.url);
const fixtures = ['foo', 'foo-renewed', 'wildcard', 'common-name'].map((name) => ({
  crt: readFileSync(new URL(`${name}.crt`, folder), 'utf8'),
  key: readFileSync(new URL(`${name}.key`, folder), 'utf8'),
}));
const brokenPem = { crt: 'broken', key: 'broken' };

const namespace = fc.constantFrom('a', 'b');
const host = fc.constantFrom('x.test', 'foo.example.com', 'w.example.com', '*.example.com', '');
const service = fc.constantFrom('app', 'web');
const secretName = fc.constantFrom('tls-1', 'tls-2');

const backend = fc
  .tuple(service, fc.constantFrom<number | string>(80, 81, 'http'))
  .map(([name, port]) => sampleBackend(name, port));

const path = fc.record({
  path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/x/../a', '/a.*', '/(b)\\1'),
  pathType: fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'),
  backend: fc.oneof(
    { weight: 6, arbitrary: backend },
    { weight: 1, arbitrary: fc.constant({ resource: { kind: 'Bucket', name: 'b' } }) },
  ),
});

const rule = fc.tuple(host, fc.array(path, { maxLength: 3 })).map(([name, paths]) => ({
  ...(name === '' ? {} : { host: name }),
  ...(paths.length === 0 ? {} : { http: { paths } }),
}));

const tlsEntry: fc.Arbitrary<IngressTls> = fc
  .tuple(fc.array(host, { maxLength: 2 }), fc.option(secretName))
  .map(([names, secret]) => ({
    hosts: names.filter((name) => name !== ''),
    ...(secret === null ? {} : { secretName: secret }),
  }));

/** Mostly nothing or good values, so that most Ingresses are served. */
const annotation = fc.constantFrom<[string, string] | null>(
  null,
  null,
  null,
  [`${prefix}/plain`, 'good'],
  [`${prefix}/plain`, 'bad'],
  [rejecting, 'good'],
  [rejecting, 'bad'],
  [`${prefix}/guard`, 'bad'],
  [`${prefix}/wide`, 'good'],
  [`${prefix}/wide`, 'other'],
  [`${prefix}/use-regex`, 'true'],
  [`${prefix}/plian`, 'good'],
  ['kubernetes.io/ingress.class', 'sallyport'],
  ['kubernetes.io/ingress.class', 'other'],
);

const className = fc.constantFrom<(string | undefined)[]>(undefined, undefined, 'one', 'two');

const ingress: fc.Arbitrary<Ingress> = fc
  .record({
    namespace,
    name: fc.constantFrom('i', 'j', 'k'),
    day: fc.constantFrom(0, 1, 2),
    annotations: fc.tuple(annotation, annotation),
    className,
    rules: fc.array(rule, { maxLength: 3 }),
    tls: fc.array(tlsEntry, { maxLength: 2 }),
    defaultBackend: fc.option(backend, { freq: 3 }),
  })
  .map((parts) => {
    const annotations = Object.fromEntries(parts.annotations.filter((entry) => entry !== null));
    const { namespace, name, day, rules, tls, defaultBackend } = parts;
    return sampleIngress(
      {
        rules,
        tls,
        ...(parts.className === undefined ? {} : { ingressClassName: parts.className }),
        ...(defaultBackend === null ? {} : { defaultBackend }),
      },
      { namespace, name, annotations, ...(day === 0 ? {} : { day }) },
    );
  });

const classObject = fc
  .tuple(
    fc.constantFrom('one', 'two'),
    fc.constantFrom(options.controllerName, options.controllerName, 'example.com/other'),
  )
  .map(([name, controller]) => sampleClass(name, controller));

const serviceObject = fc
  .tuple(
    service,
    fc.constantFrom(
      [{ port: 80, targetPort: 8080 }],
      [{ name: 'http', port: 80 }],
      [
        { name: 'http', port: 81 },
        { name: 'u', port: 80, protocol: 'UDP' as const },
      ],
    ),
    namespace,
  )
  .map(([name, ports, space]) => sampleService(name, ports, space));

const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1', '0.0.0.0');
const sliceObject = fc
  .tuple(
    namespace,
    fc.constantFrom('s', 't'),
    service,
    fc.array(address, { maxLength: 3 }),
    fc.constantFrom('', 'http'),
    fc.constantFrom(undefined, true, false),
  )
  .map(([space, name, owner, addresses, port, ready]) =>
    sampleSlice(
      addresses.map((each) => ({
        addresses: [each],
        ...(ready === undefined ? {} : { conditions: { ready, serving: true, terminating: true } }),
      })),
      { namespace: space, name, service: owner, ports: [{ name: port, port: 8080, protocol: 'TCP' }] },
    ),
  );

const secretObject: fc.Arbitrary<Secret> = fc
  .tuple(namespace, secretName, fc.constantFrom(...fixtures, brokenPem))
  .map(([space, name, { crt, key }]) => sampleSecret(name, crt, key, space));

const object: fc.Arbitrary<KubeObject> = fc
  .oneof(
    { weight: 6, arbitrary: ingress },
    { weight: 2, arbitrary: serviceObject },
    { weight: 2, arbitrary: sliceObject },
    { weight: 3, arbitrary: secretObject },
    { weight: 1, arbitrary: classObject },
  )
  .map(freezeDeep);

const change: fc.Arbitrary<ObjectChange> = fc.oneof(
  { weight: 4, arbitrary: object.map((each): ObjectChange => ({ kind: 'set', object: each })) },
  { weight: 1, arbitrary: object.map((each): ObjectChange => ({ kind: 'removed', ref: refOf(each) })) },
);

const beforeExpiryMs = Date.UTC(2027, 0, 1);
const afterExpiryMs = Date.UTC(2200, 0, 1);
const step = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  nowMs: fc.constantFrom(beforeExpiryMs, beforeExpiryMs, afterExpiryMs),
});

function freezeDeep<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freezeDeep(member);
  }
  return value;
}

function refOf(each: KubeObject): ObjectRef {
  const { namespace: space, name } = each.metadata;
  return { kind: each.kind, name, ...(space === undefined ? {} : { namespace: space }) };
}

function refText(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace ?? ''}/${ref.name}`;
}

/** A table as plain data, without its version. */
function plain(table: RouteTable): unknown {
  const sorted = <Unit>(units: ReadonlyMap<string, Unit>) => [...units].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    hosts: sorted(table.hosts),
    upstreams: sorted(table.upstreams),
    certificates: sorted(table.certificates),
    fallback: table.fallback,
    defaultCertificate: table.defaultCertificate,
  };
}

/** What the last good state is by the rules: a second, simple bookkeeping beside the translator's own. */
class LastGood {
  readonly objects = new Map<string, KubeObject>();
  readonly #ingresses = new Map<string, Ingress>();
  readonly #secrets = new Map<string, Secret>();

  apply(changes: readonly ObjectChange[]): void {
    for (const each of changes) {
      if (each.kind === 'set') this.objects.set(refText(refOf(each.object)), each.object);
      else this.objects.delete(refText(each.ref));
    }
    this.#rememberIngresses();
    this.#rememberSecrets();
  }

  #rememberIngresses(): void {
    const fresh = new Translator(options);
    fresh.apply(setAll([...this.objects.values()]), beforeExpiryMs);
    for (const key of this.#ingresses.keys()) if (!this.objects.has(key)) this.#ingresses.delete(key);
    for (const [key, each] of this.objects) {
      if (each.kind !== 'Ingress') continue;
      const isOurs =
        fresh.ingressStatus(`${each.metadata.namespace ?? ''}/${each.metadata.name}`)?.owned === true;
      if (!isOurs) this.#ingresses.delete(key);
      else if (each.metadata.annotations?.[rejecting] !== 'bad') this.#ingresses.set(key, each);
    }
  }

  /** A Secret is remembered while an Ingress in force, or the controller, names it. */
  #rememberSecrets(): void {
    const named = new Set(['Secret a/tls-1']);
    for (const { metadata, spec } of this.#ingresses.values()) {
      for (const { secretName: name } of spec.tls ?? []) named.add(`Secret ${metadata.namespace}/${name}`);
    }
    for (const key of this.#secrets.keys()) if (!named.has(key)) this.#secrets.delete(key);
    for (const key of named) {
      const secret = this.objects.get(key);
      if (secret?.kind === 'Secret' && secret.data?.['tls.crt'] !== btoa('broken'))
        this.#secrets.set(key, secret);
    }
  }

  /** From scratch: the last good state as one step, then the objects as they are. */
  translate(nowMs: number): Translator {
    const good = new Map(this.objects);
    for (const [key, each] of this.objects)
      if (each.kind === 'Ingress' && !this.#ingresses.has(key)) good.delete(key);
    // Ownership goes by the object as it is now: whatever class the last good version named, it is ours in this step.
    const ours = sampleClass('always-ours');
    good.set(refText(refOf(ours)), ours);
    for (const [key, each] of this.#ingresses) {
      good.set(key, { ...each, spec: { ...each.spec, ingressClassName: ours.metadata.name } });
    }
    for (const [key, each] of this.#secrets) good.set(key, each);
    const translator = new Translator(options);
    translator.apply(setAll([...good.values()]), nowMs);
    const removed = [...good].filter(([key]) => !this.objects.has(key));
    translator.apply(
      [
        ...setAll([...this.objects.values()]),
        ...removed.map(([, each]): ObjectChange => ({ kind: 'removed', ref: refOf(each) })),
      ],
      nowMs,
    );
    return translator;
  }
}

function applyNaively(table: RouteTable, patch: TablePatch | null): RouteTable {
  if (patch === null) return table;
  const derive = <Unit>(
    units: ReadonlyMap<string, Unit>,
    set: readonly (readonly [string, Unit])[],
    removed: readonly string[],
  ) => {
    const next = new Map(units);
    for (const key of removed) assert.ok(next.delete(key), `removes "${key}", which is not there`);
    for (const [key, unit] of set) {
      assert.ok(!isDeepStrictEqual(next.get(key), unit), `sets "${key}" to what it is`);
      next.set(key, unit);
    }
    return next;
  };
  assert.equal(patch.version, table.version + 1);
  return {
    version: patch.version,
    hosts: derive(
      table.hosts,
      patch.hosts.set.map((unit) => [unit.host, unit]),
      patch.hosts.removed,
    ),
    upstreams: derive(
      table.upstreams,
      patch.upstreams.set.map((unit) => [unit.id, unit]),
      patch.upstreams.removed,
    ),
    certificates: derive(
      table.certificates,
      patch.certificates.set.map((unit) => [unit.id, unit]),
      patch.certificates.removed,
    ) as RouteTable['certificates'],
    fallback: patch.fallback ?? table.fallback,
    defaultCertificate:
      patch.defaultCertificate === undefined ? table.defaultCertificate : patch.defaultCertificate,
  };
}

/** Texts of the objects whose problems differ. */
function differing(before: readonly Problem[], after: readonly Problem[]): string[] {
  const group = (problems: readonly Problem[]) => Map.groupBy(problems, (problem) => refText(problem.object));
  const [a, b] = [group(before), group(after)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => !isDeepStrictEqual(a.get(key), b.get(key)))
    .sort();
}

describe('translate', () => {
  it('gives after any sequence of changes what the final state gives, by patches that hold only what differs', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const translator = new Translator(options);
        const model = new LastGood();
        let patched = translator.table;
        for (const { changes, nowMs } of steps) {
          const before = translator.allProblems();
          const { patch, problemsChanged } = translator.apply(changes, nowMs);
          model.apply(changes);
          patched = applyNaively(patched, patch);
          assert.deepEqual(plain(patched), plain(translator.table));
          assert.deepEqual(problemsChanged.map(refText), differing(before, translator.allProblems()));
          const wanted = model.translate(nowMs);
          assert.deepEqual(plain(translator.table), plain(wanted.table));
          assert.deepEqual(translator.allProblems(), wanted.allProblems());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('does not care about the order of objects', () => {
    const objects = fc.uniqueArray(object, { maxLength: 25, selector: (each) => refText(refOf(each)) });
    const shuffled = objects.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const [a, b] = [translate(list, options, beforeExpiryMs), translate(other, options, beforeExpiryMs)];
        assert.deepEqual(plain(a.table), plain(b.table));
        assert.deepEqual(a.problems, b.problems);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps other namespaces out of hosts that they do not claim', () => {
    const objects = fc.uniqueArray(object, { maxLength: 25, selector: (each) => refText(refOf(each)) });
    fc.assert(
      fc.property(objects, (list) => {
        const alone = list.filter((each) => each.metadata.namespace !== 'b');
        const together = list.map((each) =>
          each.kind === 'Ingress' && each.metadata.namespace === 'b' ? elsewhere(each) : each,
        );
        const mine = translate(alone, options, beforeExpiryMs);
        const all = translate(together, options, beforeExpiryMs);
        for (const [name, unit] of mine.table.hosts) assert.deepEqual(all.table.hosts.get(name), unit);
        for (const [id, unit] of mine.table.upstreams) assert.deepEqual(all.table.upstreams.get(id), unit);
        const ofA = (problems: readonly Problem[]) =>
          problems.filter((problem) => problem.object.namespace !== 'b');
        assert.deepEqual(ofA(all.problems), ofA(mine.problems));
      }),
      { numRuns: 100 },
    );
  });
});

/** The Ingress with all its hosts moved to names that no other one has. */
function elsewhere(each: Ingress): Ingress {
  const moved = (name: string | undefined) => `${(name ?? 'any').replace('*', 'star')}.elsewhere`;
  const { defaultBackend: _, ...spec } = each.spec;
  return {
    ...each,
    spec: {
      ...spec,
      rules: (spec.rules ?? []).map((rule) => ({ ...rule, host: moved(rule.host) })),
      tls: (spec.tls ?? []).map((entry) => ({ ...entry, hosts: (entry.hosts ?? []).map(moved) })),
    },
  };
}
