// Try-outs against the translator itself: they foretell exactly what applying the change then says, and a translator that tried
// anything out goes on as one that never did.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Ingress, KubeObject } from '../../src/kube/index.ts';
import { refKey, type Problem } from '../../src/model/index.ts';
import { refOf } from '../../src/sources/index.ts';
import { type Judgement, type ObjectChange, Translator } from '../../src/translate/index.ts';
import { object, options, step } from './translate-objects.ts';

type Step = { readonly changes: readonly ObjectChange[]; readonly nowMs: number };

const ingress = object.filter((each): each is Ingress => each.kind === 'Ingress');

/** A translator that went these steps, and the objects that it holds. */
function replay(steps: readonly Step[]): { translator: Translator; objects: Map<string, KubeObject> } {
  const translator = new Translator(options);
  const objects = new Map<string, KubeObject>();
  for (const { changes, nowMs } of steps) {
    translator.apply(changes, nowMs);
    for (const change of changes) {
      if (change.kind === 'set') objects.set(refKey(refOf(change.object)), change.object);
      else objects.delete(refKey(change.ref));
    }
  }
  return { translator, objects };
}

function presentOf(objects: ReadonlyMap<string, KubeObject>, like: Ingress): Ingress | null {
  const present = objects.get(refKey(refOf(like)));
  return present?.kind === 'Ingress' ? present : null;
}

/** Sorted, so that lists compare as sets with repetitions. */
function texts(problems: readonly Problem[]): string[] {
  return problems.map((problem) => JSON.stringify(problem)).sort();
}

function minus(some: readonly string[], others: readonly string[]): string[] {
  const left = [...some];
  for (const each of others) {
    const place = left.indexOf(each);
    if (place >= 0) left.splice(place, 1);
  }
  return left;
}

function all({ own, references }: Judgement): string[] {
  return [...new Set(texts([...own, ...references]))];
}

/** Errors of the other Ingresses, but for conflicts of paths, and canaries that have no effect. */
function neighbourErrors(translator: Translator, self: Ingress): string[] {
  const key = refKey(refOf(self));
  const others = translator
    .allProblems()
    .filter(
      ({ object: { kind }, severity, code }) =>
        kind === 'Ingress' && severity === 'error' && code !== 'HostPathConflict' && code !== 'CanaryIgnored',
    );
  return texts(others.filter((problem) => refKey(problem.object) !== key));
}

describe('a try-out', () => {
  it('foretells the problems of the object, its conflicts, and the errors of its neighbours', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), ingress, (steps, after) => {
        const { translator, objects } = replay(steps);
        const nowMs = steps.at(-1)?.nowMs ?? 0;
        const before = presentOf(objects, after);
        const tried = translator.tryOut({ before, after }, nowMs);
        assert.deepEqual(all(tried.before), texts(translator.problemsOf(refOf(after))));
        const neighboursBefore = neighbourErrors(translator, after);

        translator.apply([{ kind: 'set', object: after }], nowMs);
        const problems = translator.problemsOf(refOf(after));
        assert.deepEqual(all(tried.after), texts(problems));
        assert.equal(tried.after.ownership.owned, translator.ingressStatus(keyOf(after))?.owned);
        const neighboursAfter = neighbourErrors(translator, after);
        const gained = minus(texts(tried.after.neighbours), texts(tried.before.neighbours));
        assert.deepEqual(gained, minus(neighboursAfter, neighboursBefore));
        checkConflicts(tried.after, translator, after);
      }),
      { numRuns: 1_000 },
    );
  });

  it('foretells what a deletion does to the neighbours', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const { translator, objects } = replay(steps);
        const nowMs = steps.at(-1)?.nowMs ?? 0;
        const before = [...objects.values()].find((each) => each.kind === 'Ingress');
        if (before === undefined) return;
        const tried = translator.tryOut({ before, after: null }, nowMs);
        const present = neighbourErrors(translator, before);
        translator.apply([{ kind: 'removed', ref: refOf(before) }], nowMs);
        const left = neighbourErrors(translator, before);
        assert.deepEqual(all(tried.after), []);
        const gone = minus(texts(tried.before.neighbours), texts(tried.after.neighbours));
        assert.deepEqual(gone, minus(present, left));
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no trace: tables, versions, patches and problems go on as without it', () => {
    const tries = fc.array(fc.tuple(fc.option(ingress), fc.option(ingress)), { maxLength: 3 });
    const stepWithTries = fc.tuple(step, tries);
    fc.assert(
      fc.property(fc.array(stepWithTries, { minLength: 1, maxLength: 8 }), (steps) => {
        const trying = new Translator(options);
        const plain = new Translator(options);
        for (const [{ changes, nowMs }, changesTried] of steps) {
          assert.deepEqual(trying.apply(changes, nowMs), plain.apply(changes, nowMs));
          const table = trying.table;
          for (const [before, after] of changesTried) trying.tryOut({ before, after }, nowMs + 1);
          assert.equal(trying.table, table);
          assert.deepEqual(trying.table, plain.table);
          assert.deepEqual(trying.allProblems(), plain.allProblems());
        }
      }),
      { numRuns: 500 },
    );
  });
});

function keyOf({ metadata }: Ingress): `${string}/${string}` {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Each conflict is told to its loser, and each error that this Ingress has for a path is such a conflict. */
function checkConflicts({ conflicts }: Judgement, translator: Translator, self: Ingress): void {
  const key = keyOf(self);
  for (const { winner, loser } of conflicts) {
    assert.ok(winner.ingress === key || loser.ingress === key);
    const [namespace = '', name = ''] = loser.ingress.split('/');
    const told = translator.problemsOf({ kind: 'Ingress', namespace, name });
    assert.ok(
      told.some(({ code, field }) => code === 'HostPathConflict' && field === `${loser.field}.path`),
      `${loser.ingress} is not told of ${loser.field}`,
    );
  }
  const errors = translator
    .problemsOf(refOf(self))
    .filter(({ code, severity }) => code === 'HostPathConflict' && severity === 'error');
  assert.equal(errors.length, conflicts.filter(({ loser }) => loser.ingress === key).length);
}
