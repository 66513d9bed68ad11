// When owners are told: at once, when every worker serves a change, or when a problem has lasted. The clock is the test's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress, KubeObject } from '../../kube/index.ts';
import { type Problem, refKey, type ObjectRef } from '../../model/index.ts';
import { refOf } from '../../sources/index.ts';
import type { ControllerView } from '../controller.ts';
import { EventWriter } from './event-writer.ts';

const ref: ObjectRef = { kind: 'Ingress', namespace: 'shop', name: 'web' };

function ingress(generation: number, annotations?: Readonly<Record<string, string>>): Ingress {
  const metadata = { namespace: 'shop', name: 'web', uid: 'u-1', generation, resourceVersion: '42' };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: annotations === undefined ? metadata : { ...metadata, annotations },
    spec: { ingressClassName: 'c' },
  };
}

class View implements ControllerView {
  readonly seen = new Map<string, KubeObject>();
  readonly problems = new Map<string, readonly Problem[]>();
  ours = true;
  lookup = (ref: ObjectRef): KubeObject | undefined => this.seen.get(refKey(ref));
  objects = (): Iterable<KubeObject> => this.seen.values();
  isOurs = (): boolean => this.ours;
  problemsOf = (ref: ObjectRef): readonly Problem[] => this.problems.get(refKey(ref)) ?? [];
}

function writing() {
  const view = new View();
  const told: string[] = [];
  const timers = new Map<() => void, number>();
  let nowMs = 0;
  const writer = new EventWriter({
    view,
    annotationPrefixes: ['nginx.ingress.kubernetes.io/'],
    recorder: {
      record: ({ ref }, { type, reason, message }) =>
        told.push(`${type} ${reason} ${refKey(ref)} ${message}`),
    },
    monotonicMs: () => nowMs,
    schedule: (run, afterMs) => {
      timers.set(run, nowMs + afterMs);
      return () => timers.delete(run);
    },
  });
  const step = (
    version: number,
    objects: readonly KubeObject[],
    problemsChanged: readonly ObjectRef[] = [],
  ): void => {
    for (const object of objects) view.seen.set(refKey(refOf(object)), object);
    writer.onStep({ version, changes: objects.map((object) => ({ kind: 'set', object })), problemsChanged });
  };
  const take = (): string[] => told.splice(0);
  const pass = (ms: number): void => {
    nowMs += ms;
    for (const [run, dueMs] of timers) {
      if (dueMs > nowMs) continue;
      timers.delete(run);
      run();
    }
  };
  /** A step that leaves the Ingress with these problems. */
  const blink = (...problems: readonly Problem[]): void => {
    view.problems.set(refKey(ref), problems);
    step(1, [], [ref]);
  };
  return { view, writer, step, take, pass, blink };
}

function problem(code: Problem['code'], severity: Problem['severity'] = 'error'): Problem {
  return { code, severity, object: ref, field: 'spec.rules[0].host', message: `of ${code}` };
}

test('EventWriter: a generation is told once every worker serves it, and what was there at the start is not', () => {
  const { writer, step, take, pass } = writing();
  step(1, [ingress(1)]);
  writer.onServed(1);
  assert.deepEqual(take(), []);
  step(2, [ingress(2)]);
  pass(12);
  assert.deepEqual(take(), []);
  writer.onServed(2);
  assert.deepEqual(take(), ['Normal Sync Ingress/shop/web generation 2 served after 12 ms']);
  step(3, [ingress(2, { 'nginx.ingress.kubernetes.io/use-regex': 'true' })]);
  pass(9);
  writer.onServed(3);
  assert.deepEqual(take(), ['Normal Sync Ingress/shop/web annotations of generation 2 served after 9 ms']);
  step(3, [ingress(2, { 'nginx.ingress.kubernetes.io/use-regex': 'true', 'kubectl.kubernetes.io/x': 'y' })]);
  writer.onServed(3);
  assert.deepEqual(take(), [], 'status, labels and what kubectl keeps are no news');
});

test('EventWriter: a change that leaves the table as it is, is served at once', () => {
  const { writer, step, take } = writing();
  step(1, []);
  writer.onServed(1);
  step(1, [ingress(1)]);
  assert.deepEqual(take(), ['Normal Sync Ingress/shop/web generation 1 served after 0 ms']);
});

test('EventWriter: an Ingress that a class makes ours is told', () => {
  const { view, writer, step, take } = writing();
  view.ours = false;
  step(1, [ingress(4)]);
  view.ours = true;
  const ingressClass: KubeObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'c' },
    spec: { controller: 'a/b' },
  };
  step(2, [ingressClass]);
  writer.onServed(2);
  assert.deepEqual(take(), ['Normal Sync Ingress/shop/web generation 4 served after 0 ms']);
});

test('EventWriter: a problem is told when it appears, once', () => {
  const { step, take, blink } = writing();
  step(1, [ingress(1)]);
  blink(problem('InvalidObject'));
  assert.deepEqual(take(), ['Warning Rejected Ingress/shop/web spec.rules[0].host: of InvalidObject']);
  blink(problem('InvalidObject'), problem('HostPathConflict', 'warning'));
  assert.deepEqual(take(), [
    'Warning HostPathConflict Ingress/shop/web spec.rules[0].host: of HostPathConflict',
  ]);
  blink(problem('DeprecatedClassAnnotation', 'info'));
  assert.deepEqual(take(), [], 'what is only worth knowing is no Event');
});

test('EventWriter: what is wrong from the start is told when this replica begins to lead, once', () => {
  const { view, writer, step, take, pass } = writing();
  view.problems.set(refKey(ref), [problem('InvalidObject'), problem('SecretNotFound')]);
  step(1, [ingress(1)], [ref]);
  assert.deepEqual(take(), []);
  writer.onStartedLeading();
  assert.deepEqual(take(), ['Warning Rejected Ingress/shop/web spec.rules[0].host: of InvalidObject']);
  pass(500);
  writer.onStartedLeading();
  take();
  pass(1_000);
  assert.deepEqual(take(), ['Warning SecretMissing Ingress/shop/web spec.rules[0].host: of SecretNotFound']);
});

const mayComeYet = [
  ['ServiceNotFound', 'BackendNotFound', 1_000],
  ['PortNotFound', 'BackendNotFound', 1_000],
  ['SecretNotFound', 'SecretMissing', 1_000],
  ['NoEndpoints', 'NoReadyEndpoints', 2_000],
] as const;

for (const [code, reason, graceMs] of mayComeYet) {
  test(`EventWriter: ${code} is told only when it lasts`, () => {
    const { step, take, pass, blink } = writing();
    step(1, [ingress(1)]);
    blink(problem(code));
    pass(graceMs - 1);
    blink();
    pass(graceMs);
    assert.deepEqual(take(), [], 'what it waited for has come');
    blink(problem(code));
    pass(graceMs - 1);
    blink(problem(code), problem('AnnotationUnknown', 'warning'));
    assert.deepEqual(take(), ['Warning Ignored Ingress/shop/web spec.rules[0].host: of AnnotationUnknown']);
    pass(1);
    assert.deepEqual(take(), [`Warning ${reason} Ingress/shop/web spec.rules[0].host: of ${code}`]);
    pass(10 * graceMs);
    assert.deepEqual(take(), []);
  });
}

test('EventWriter: what waits to be told ends with its object, and with the writer', () => {
  const { view, writer, step, take, pass, blink } = writing();
  step(1, [ingress(1)]);
  blink(problem('ServiceNotFound'));
  view.problems.delete(refKey(ref));
  writer.onStep({ version: 2, changes: [{ kind: 'removed', ref }], problemsChanged: [] });
  pass(1_000);
  step(3, [ingress(1)]);
  take();
  blink(problem('ServiceNotFound'));
  writer.stop();
  pass(1_000);
  assert.deepEqual(take(), []);
});
