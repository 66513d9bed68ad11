// The translator against itself: any sequence of changes gives what the final state gives from scratch (with what is
// remembered of the last good state put in beforehand), patches lead from table to table, order does not matter, and
// neighbours do not reach into a namespace.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Ingress, KubeObject, Secret } from '../../src/kube/index.ts';
import type { Problem, RouteTable, TablePatch } from '../../src/model/index.ts';
import { refOf } from '../../src/sources/index.ts';
import { translate, Translator, type ObjectChange } from '../../src/translate/index.ts';
import { sampleClass, setAll } from '../../src/translate/sample-objects.fixture.ts';
import {
  beforeExpiryMs,
  brokenPem,
  object,
  options,
  prefix,
  refText,
  rejecting,
  step,
} from './translate-objects.ts';

/** A table as plain data, without its version. */
function plain(table: RouteTable): unknown {
  const sorted = <Unit>(units: ReadonlyMap<string, Unit>) => [...units].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    hosts: sorted(table.hosts),
    upstreams: sorted(table.upstreams),
    certificates: sorted(table.certificates),
    streams: sorted(table.streams),
    challenges: sorted(table.challenges),
    fallback: table.fallback,
    authorities: sorted(table.authorities),
    defaultCertificate: table.defaultCertificate,
    tls: table.tls,
    arrivals: table.arrivals,
    traffic: table.traffic,
  };
}

/** What the last good state is by the rules: a second, simple bookkeeping beside the translator's own. */
class LastGood {
  readonly objects = new Map<string, KubeObject>();
  readonly #ingresses = new Map<string, Ingress>();
  /** Rejected from the first on: denied, and in force as that. */
  readonly #neverGood = new Map<string, Ingress>();
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
    this.#neverGood.clear();
    for (const key of this.#ingresses.keys()) if (!this.objects.has(key)) this.#ingresses.delete(key);
    for (const [key, each] of this.objects) {
      if (each.kind !== 'Ingress') continue;
      const isOurs =
        fresh.ingressStatus(`${each.metadata.namespace ?? ''}/${each.metadata.name}`)?.owned === true;
      if (!isOurs) this.#ingresses.delete(key);
      else if (each.metadata.annotations?.[rejecting] !== 'bad') this.#ingresses.set(key, each);
      else if (!this.#ingresses.has(key)) this.#neverGood.set(key, each);
    }
  }

  #inForce(): ReadonlyMap<string, Ingress> {
    return new Map([...this.#ingresses, ...this.#neverGood]);
  }

  /** A Secret is remembered while an Ingress in force, or the controller, names it. */
  #rememberSecrets(): void {
    const named = new Set(['Secret a/tls-1']);
    for (const { metadata, spec } of this.#inForce().values()) {
      for (const { secretName: name } of spec.tls ?? []) named.add(`Secret ${metadata.namespace}/${name}`);
    }
    for (const key of this.#secrets.keys()) if (!named.has(key)) this.#secrets.delete(key);
    for (const key of named) {
      const secret = this.objects.get(key);
      if (secret?.kind === 'Secret' && secret.data?.['tls.crt'] !== btoa(brokenPem.crt))
        this.#secrets.set(key, secret);
    }
  }

  /** From scratch: the last good state as one step, then the objects as they are. */
  translate(nowMs: number): Translator {
    const good = new Map(this.objects);
    const inForce = this.#inForce();
    for (const [key, each] of this.objects)
      if (each.kind === 'Ingress' && !inForce.has(key)) good.delete(key);
    // Ownership goes by the object as it is now: whatever class the last good version named, it is ours in this step.
    const ours = sampleClass('always-ours');
    good.set(refText(refOf(ours)), ours);
    for (const [key, each] of inForce) {
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
    clientTls: derive(
      table.clientTls,
      (patch.clientTls?.set ?? []).map((unit) => [unit.id, unit]),
      patch.clientTls?.removed ?? [],
    ) as RouteTable['clientTls'],
    credentials: derive(
      table.credentials,
      (patch.credentials?.set ?? []).map((unit) => [unit.id, unit]),
      patch.credentials?.removed ?? [],
    ) as RouteTable['credentials'],
    challenges: derive(
      table.challenges,
      (patch.challenges?.set ?? []).map((unit) => [unit.id, unit]),
      patch.challenges?.removed ?? [],
    ) as RouteTable['challenges'],
    streams:
      patch.streams === undefined
        ? table.streams
        : (derive(
            table.streams,
            patch.streams.set.map((unit) => [unit.id, unit]),
            patch.streams.removed,
          ) as RouteTable['streams']),
    fallback: patch.fallback ?? table.fallback,
    defaultCertificate:
      patch.defaultCertificate === undefined ? table.defaultCertificate : patch.defaultCertificate,
    authorities: derive(
      table.authorities,
      patch.authorities?.set.map((unit) => [unit.id, unit]) ?? [],
      patch.authorities?.removed ?? [],
    ) as RouteTable['authorities'],
    tls: patch.tls ?? table.tls,
    arrivals: patch.arrivals ?? table.arrivals,
    traffic: patch.traffic ?? table.traffic,
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

  it('takes objects of any shape without throwing', () => {
    const junk = fc.constantFrom<unknown[]>(
      undefined,
      null,
      0,
      -1,
      1e9,
      '',
      'x',
      true,
      [],
      [null],
      {},
      [[]],
      { a: 1 },
    );
    const spoilt = fc
      .tuple(object, fc.array(fc.nat(9), { minLength: 1, maxLength: 7 }), junk)
      .map(([each, choices, value]) => spoil(each, choices, value) as KubeObject);
    fc.assert(
      fc.property(fc.array(fc.oneof(object, spoilt), { maxLength: 20 }), (list) => {
        const { table, problems } = translate(list, options, beforeExpiryMs);
        assert.ok(table.version === 1 && Array.isArray(problems));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps other namespaces out of hosts that they do not claim', () => {
    const objects = fc.uniqueArray(object, { maxLength: 25, selector: (each) => refText(refOf(each)) });
    fc.assert(
      fc.property(objects, (all) => {
        // The ConfigMap of the streams is the operator's, and reaches every namespace.
        const list = all.filter(({ kind }) => kind !== 'ConfigMap');
        const alone = list.filter((each) => each.metadata.namespace !== 'b');
        const together = list.map((each) =>
          each.kind === 'Ingress' && each.metadata.namespace === 'b' ? elsewhere(each) : each,
        );
        const mine = translate(alone, options, beforeExpiryMs);
        const both = translate(together, options, beforeExpiryMs);
        for (const [name, unit] of mine.table.hosts) assert.deepEqual(both.table.hosts.get(name), unit);
        for (const [id, unit] of mine.table.upstreams) assert.deepEqual(both.table.upstreams.get(id), unit);
        const ofA = (problems: readonly Problem[]) =>
          problems.filter((problem) => problem.object.namespace !== 'b');
        assert.deepEqual(ofA(both.problems), ofA(mine.problems));
      }),
      { numRuns: 100 },
    );
  });
});

/** The object with the part at some depth replaced by junk; `choices` lead the way down. `kind` and `metadata` stay what they are. */
function spoil(each: unknown, choices: readonly number[], junk: unknown): unknown {
  const [choice, ...rest] = choices;
  if (choice === undefined || typeof each !== 'object' || each === null) return junk;
  const keys = Object.keys(each).filter((key) => key !== 'kind' && key !== 'metadata');
  const key = keys[choice % Math.max(keys.length, 1)];
  if (key === undefined) return junk;
  const part = spoil((each as Record<string, unknown>)[key], rest, junk);
  return Array.isArray(each)
    ? each.map((member: unknown, index) => (String(index) === key ? part : member))
    : { ...each, [key]: part };
}

/** The Ingress with all its hosts moved to names that no other one has, and without aliases. */
function elsewhere(each: Ingress): Ingress {
  const moved = (name: string | undefined) => `${(name ?? 'any').replace('*', 'star')}.elsewhere`;
  const { defaultBackend: _, ...spec } = each.spec;
  const { [`${prefix}/server-alias`]: _aliases, ...annotations } = each.metadata.annotations ?? {};
  return {
    ...each,
    metadata: { ...each.metadata, annotations },
    spec: {
      ...spec,
      rules: (spec.rules ?? []).map((rule) => ({ ...rule, host: moved(rule.host) })),
      tls: (spec.tls ?? []).map((entry) => ({ ...entry, hosts: (entry.hosts ?? []).map(moved) })),
    },
  };
}
