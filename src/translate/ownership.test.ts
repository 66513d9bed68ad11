// Which Ingresses are ours: ingress-api.md G.1 and B.4, row by row.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ingress, IngressClass } from '../kube/index.ts';
import { checkDefaultClasses, resolveOwnership } from './ownership.ts';
import { sampleClass, sampleIngress, sampleOptions } from './sample-objects.fixture.ts';

const annotation = 'kubernetes.io/ingress.class';
const classes = new Map([
  ['ours', sampleClass('ours')],
  ['sallyport', sampleClass('sallyport', 'example.com/other')],
  ['nginx', sampleClass('nginx', 'k8s.io/ingress-nginx')],
]);

function ingressOf(className: string | null, annotated: string | null): Ingress {
  const annotations = annotated === null ? {} : { [annotation]: annotated };
  return sampleIngress(className === null ? {} : { ingressClassName: className }, { annotations });
}

describe('resolveOwnership', () => {
  const rows: [string, string | null, string | null, boolean, boolean, string][] = [
    [
      'a class of our controller',
      'ours',
      null,
      false,
      true,
      'class "ours" belongs to controller "sallyport.dev/ingress-controller"',
    ],
    [
      'a class of another controller',
      'nginx',
      null,
      true,
      false,
      'class "nginx" belongs to controller "k8s.io/ingress-nginx"',
    ],
    ['a class that does not exist', 'gone', null, true, false, 'class "gone" does not exist'],
    [
      'a class that is only named like our annotation value',
      'sallyport',
      null,
      true,
      false,
      'class "sallyport" belongs to controller "example.com/other"',
    ],
    [
      'the annotation with our value, whatever classes exist',
      null,
      'sallyport',
      false,
      true,
      `annotation "${annotation}" is "sallyport"`,
    ],
    [
      'the annotation with another value',
      null,
      'nginx',
      true,
      false,
      `annotation "${annotation}" is "nginx", ours is "sallyport"`,
    ],
    [
      'the annotation naming a class of ours: it is no class name',
      null,
      'ours',
      true,
      false,
      `annotation "${annotation}" is "ours", ours is "sallyport"`,
    ],
    [
      'the field before the annotation',
      'ours',
      'nginx',
      false,
      true,
      'class "ours" belongs to controller "sallyport.dev/ingress-controller"',
    ],
    [
      'the field before the annotation, against us',
      'nginx',
      'sallyport',
      true,
      false,
      'class "nginx" belongs to controller "k8s.io/ingress-nginx"',
    ],
    ['no class, served', null, null, true, true, 'it names no class, and such Ingresses are served'],
    [
      'no class, not served',
      null,
      null,
      false,
      false,
      'it names no class, and such Ingresses are not served',
    ],
  ];
  for (const [title, className, annotated, classless, owned, reason] of rows) {
    it(title, () => {
      const options = sampleOptions({ watchIngressWithoutClass: classless });
      assert.deepEqual(resolveOwnership(ingressOf(className, annotated), classes, options), {
        owned,
        reason,
      });
    });
  }
});

describe('checkDefaultClasses', () => {
  const marked = (name: string, day: number, controller?: string): IngressClass => {
    const each = sampleClass(name, controller);
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    return { ...each, metadata: { name, annotations, creationTimestamp: `2026-01-0${day}T00:00:00Z` } };
  };
  const check = (list: readonly IngressClass[]) =>
    checkDefaultClasses(new Map(list.map((each) => [each.metadata.name, each])), sampleOptions());

  it('has nothing to say of one default class', () => {
    assert.deepEqual(check([marked('a', 1), sampleClass('b')]), []);
  });

  it('warns on each of ours, and names the newest as the one that counts', () => {
    const problems = check([marked('a', 1), marked('b', 2), marked('c', 1, 'example.com/other')]);
    assert.deepEqual(
      problems.map(({ object, severity }) => [object.name, severity]),
      [
        ['b', 'warning'],
        ['a', 'warning'],
      ],
    );
    assert.match(problems[0]?.message ?? '', /^3 classes .* gets "b"$/);
  });

  it('lets the name decide between classes of one age', () => {
    assert.match(check([marked('z', 1), marked('y', 1)])[0]?.message ?? '', /gets "y"$/);
  });
});
