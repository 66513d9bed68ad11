// Decisions: what is refused, what is warned of, what is none of our business.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { features } from '../../features/index.ts';
import type { Ingress, KubeObject } from '../../kube/index.ts';
import {
  sampleClass,
  sampleIngress,
  sampleNowMs,
  samplePath,
  sampleRule,
} from '../../translate/sample-objects.fixture.ts';
import { parseReview } from './admission-review.ts';
import { decide, type DecideParts } from './decide.ts';
import {
  createReview,
  guardAnnotation,
  ourIngress,
  reviewOf,
  strictAnnotation,
  translatorOf,
  updateReview,
} from './reviews.fixture.ts';

/** The decision in lines: what refuses, then what warns. */
function linesOf(
  review: unknown,
  objects: readonly KubeObject[] = [],
  part: Partial<DecideParts> = {},
): string[] {
  const parsed = parseReview(Buffer.from(JSON.stringify(review)));
  assert.ok(parsed.ok, 'the review is read');
  const { refusal, warnings } = decide(parsed.request, {
    translator: translatorOf(objects),
    isWatched: () => true,
    nowMs: sampleNowMs,
    onFault: (error) => assert.fail(String(error)),
    ...part,
  });
  const causes = refusal?.details?.causes ?? [];
  return [
    ...causes.map(({ field, message }) => `refused ${field}: ${message}`),
    ...warnings.map((text) => `warning ${text}`),
  ];
}

const path0 = 'spec.rules[0].http.paths[0].path';
const web = ourIngress('h', ['/p'], { day: 1 });

describe('a creation', () => {
  it('that nothing speaks against is allowed without warnings', () => {
    assert.deepEqual(linesOf(createReview(web)), []);
  });

  it('of a path that is taken is refused by the name of the Ingress that has it, whoever would be older', () => {
    const other = ourIngress('h', ['/p'], { namespace: 'b', name: 'newer', day: 20 });
    const expected = [`refused ${path0}: host "h" path "/p" is already served by Ingress shop/web`];
    assert.deepEqual(linesOf(createReview(other), [web]).slice(0, 1), expected);
    const older = ourIngress('h', ['/q', '/p'], { name: 'older', day: 1 });
    const newer = ourIngress('h', ['/p'], { day: 20 });
    assert.deepEqual(linesOf(createReview(older), [newer]), [
      'refused spec.rules[0].http.paths[1].path: host "h" path "/p" is already served by Ingress shop/web',
    ]);
    const free = ourIngress('', ['/p'], { name: 'free' });
    assert.deepEqual(linesOf(createReview(free), [ourIngress('', ['/p'], { day: 1 })]), [
      `refused ${path0}: without host path "/p" is already served by Ingress shop/web`,
    ]);
  });

  it('that names what is missing is allowed with warnings: the order of an apply is free', () => {
    const ingress = sampleIngress({
      ingressClassName: 'sallyport',
      tls: [{ hosts: ['h'], secretName: 'tls' }],
      rules: [sampleRule('h', ['/'], 'later')],
    });
    assert.deepEqual(linesOf(createReview(ingress)), [
      'warning spec.rules[0].http.paths[0].backend.service.name: Service "shop/later" does not exist',
      'warning spec.tls[0].secretName: Secret "shop/tls" is not known to the controller so far; until it is, the default certificate is served',
    ]);
  });

  it('with annotations that keep it from being served is refused; unknown and harmless ones are warned of', () => {
    const annotate = (name: string, text: string): Ingress =>
      ourIngress('h', ['/p'], { annotations: { [name]: text } });
    assert.deepEqual(linesOf(createReview(annotate(strictAnnotation, 'bad'))), [
      `refused metadata.annotations[${strictAnnotation}]: annotation "${strictAnnotation}" is "bad", wanted "good" or "other"; no earlier version is known, its paths answer 503`,
    ]);
    assert.match(
      linesOf(createReview(annotate(guardAnnotation, 'bad'))).join('\n'),
      /^refused .* answer 503$/,
    );
    assert.match(
      linesOf(createReview(annotate('nginx.ingress.kubernetes.io/plian', 'good'))).join('\n'),
      /^warning .* is not known and has no effect; did you mean "nginx.ingress.kubernetes.io\/plain"$/,
    );
    assert.match(
      linesOf(createReview(annotate('nginx.ingress.kubernetes.io/plain', 'bad'))).join('\n'),
      /^warning .* it has no effect$/,
    );
  });

  it('with a regex or a backend that is not served is refused', () => {
    const regex = ourIngress('h', [{ ...samplePath('/(b)\\1'), pathType: 'ImplementationSpecific' }], {
      annotations: { 'nginx.ingress.kubernetes.io/use-regex': 'true' },
    });
    assert.match(
      linesOf(createReview(regex)).join('\n'),
      /^refused .*\.path: .* is not a supported regular expression/,
    );
    const bucket = ourIngress('h', [
      { ...samplePath('/b'), backend: { resource: { kind: 'Bucket', name: 'b' } } },
    ]);
    assert.match(
      linesOf(createReview(bucket)).join('\n'),
      /^refused .*\.backend: a backend of kind "Bucket"/,
    );
  });

  it('that breaks the rules of the API is refused in its words', () => {
    const relative = ourIngress('h', ['p']);
    assert.deepEqual(linesOf(createReview(relative)), [
      `refused ${path0}: Invalid value: "p": must be an absolute path`,
    ]);
  });

  it('of an Ingress with a default backend is refused where such ones are not served', () => {
    const spec = { service: { name: 'app', port: { number: 80 } } };
    const ingress = sampleIngress({ ingressClassName: 'sallyport', defaultBackend: spec });
    const translator = translatorOf([], { disableCatchAll: true });
    assert.deepEqual(linesOf(createReview(ingress), [], { translator }), [
      'refused spec.defaultBackend: this controller does not serve Ingresses with a default backend, wanted rules alone',
    ]);
    const foreign = sampleIngress({ ingressClassName: 'other', defaultBackend: spec });
    assert.deepEqual(linesOf(createReview(foreign), [], { translator }), []);
  });

  it('of a tls entry for the host of another namespace is allowed: its paths are served', () => {
    const ingress = sampleIngress(
      { ingressClassName: 'sallyport', tls: [{ hosts: ['h'] }], rules: [sampleRule('h', ['/b'])] },
      { namespace: 'b', day: 20 },
    );
    const lines = linesOf(createReview(ingress), [web]).filter((line) => line.includes('spec.tls'));
    assert.match(
      lines.join('\n'),
      /^warning spec\.tls\[0\]\.hosts\[0\]: host "h" belongs to namespace "shop"/,
    );
  });
});

describe('a canary', () => {
  const parts = (name: string, service: string, namespace = 'shop') => {
    const spec = { ingressClassName: 'sallyport', rules: [sampleRule('h', ['/p'], service)] };
    return sampleIngress(spec, {
      name,
      namespace,
      annotations: { 'nginx.ingress.kubernetes.io/canary': 'true' },
    });
  };
  const refusalsOf = (review: unknown, objects: readonly KubeObject[]) =>
    linesOf(review, [], { translator: translatorOf(objects, { features }) }).filter((line) =>
      line.startsWith('refused'),
    );

  it('of a path of its namespace is allowed, before and behind the main Ingress', () => {
    assert.deepEqual(refusalsOf(createReview(parts('next', 'next')), [web]), []);
    assert.deepEqual(refusalsOf(createReview(parts('next', 'next')), []), []);
    assert.deepEqual(refusalsOf(createReview(web), [parts('next', 'next')]), []);
  });

  it('of a path of another namespace, or of one that has a canary, is refused', () => {
    const [foreign] = refusalsOf(createReview(parts('next', 'next', 'other')), [web]);
    assert.match(
      foreign ?? '',
      /belongs to ingress\/shop\/web\/rule\/0\/path\/0, which is in another namespace/,
    );
    const [second] = refusalsOf(createReview(parts('second', 'third')), [web, parts('next', 'next')]);
    assert.match(second ?? '', /has a canary already/);
  });

  it('without a main Ingress holds no path: others may have it', () => {
    assert.deepEqual(refusalsOf(createReview(web), [parts('stray', 'stray', 'other')]), []);
  });
});

describe('an update', () => {
  const loser = ourIngress('h', ['/p'], { name: 'loser', day: 2 });
  const bad = ourIngress('h', ['/b'], { name: 'bad', annotations: { [strictAnnotation]: 'bad' } });
  const labelled = (ingress: Ingress): Ingress => ({
    ...ingress,
    metadata: { ...ingress.metadata, labels: { a: 'b' } },
  });

  it('of something else than what was wrong before is allowed with a warning', () => {
    assert.deepEqual(linesOf(updateReview(labelled(loser), loser), [web, loser]), [
      `warning ${path0}: host "h" path "/p" is already served by Ingress shop/web; this path has no effect`,
    ]);
    assert.match(linesOf(updateReview(labelled(bad), bad), [bad]).join('\n'), /^warning .* is "bad", wanted/);
  });

  it('is judged by the old version of the review, also where the translator has not seen it yet', () => {
    assert.match(linesOf(updateReview(labelled(bad), bad)).join('\n'), /^warning .* is "bad", wanted/);
  });

  it('that moves what was wrong within the object brings nothing new', () => {
    const moved = ourIngress('h', ['/new', '/p'], { name: 'loser', day: 2 });
    assert.deepEqual(linesOf(updateReview(moved, loser), [web, loser]), [
      'warning spec.rules[0].http.paths[1].path: host "h" path "/p" is already served by Ingress shop/web; this path has no effect',
    ]);
    const winner = ourIngress('h', ['/new', '/p'], { day: 1 });
    assert.deepEqual(linesOf(updateReview(winner, web), [web, loser]), []);
  });

  it('that brings a further conflict or fault is refused for that one alone', () => {
    const objects = [ourIngress('h', ['/p', '/q'], { day: 1 }), loser, bad];
    const more = ourIngress('h', ['/p', '/q'], { name: 'loser', day: 2 });
    assert.deepEqual(linesOf(updateReview(more, loser), objects), [
      'refused spec.rules[0].http.paths[1].path: host "h" path "/q" is already served by Ingress shop/web',
      `warning ${path0}: host "h" path "/p" is already served by Ingress shop/web; this path has no effect`,
    ]);
    const worse = ourIngress('h', ['/b'], { name: 'bad', annotations: { [strictAnnotation]: 'worse' } });
    assert.match(linesOf(updateReview(worse, bad), objects).join('\n'), /^refused .* is "worse", wanted/);
  });

  it('of an old Ingress that would take the path of a newer one is refused', () => {
    const newer = ourIngress('h', ['/n'], { namespace: 'b', name: 'newer', day: 20 });
    const grown = ourIngress('h', ['/p', '/n'], { day: 1 });
    assert.deepEqual(linesOf(updateReview(grown, web), [web, newer]), [
      'refused spec.rules[0].http.paths[1].path: host "h" path "/n" is already served by Ingress b/newer',
    ]);
  });

  it("of an old Ingress that would take a host's TLS from a neighbour is refused", () => {
    const other = sampleIngress(
      { ingressClassName: 'sallyport', tls: [{ hosts: ['t'] }], rules: [sampleRule('t', ['/b'])] },
      { namespace: 'b', name: 'newer', day: 20 },
    );
    const grown = sampleIngress(
      { ingressClassName: 'sallyport', rules: [sampleRule('h', ['/p']), sampleRule('t', ['/a'])] },
      { day: 1 },
    );
    assert.match(
      linesOf(updateReview(grown, web), [web, other]).join('\n'),
      /^refused spec: it would take from Ingress b\/newer, at spec\.tls\[0\]\.hosts\[0\]: host "t" belongs to namespace "shop"/,
    );
  });

  it('to a class of ours is judged like a creation', () => {
    const foreign = sampleIngress(
      { ingressClassName: 'other', rules: [sampleRule('h', ['/p'])] },
      { name: 'foreign' },
    );
    const ours = ourIngress('h', ['/p'], { name: 'foreign' });
    assert.deepEqual(linesOf(updateReview(ours, foreign), [web, foreign]), [
      `refused ${path0}: host "h" path "/p" is already served by Ingress shop/web`,
    ]);
  });

  it('of an object from before a rule of the API is allowed, a new breach is not', () => {
    const old = ourIngress('h', ['p'], { name: 'old' });
    assert.deepEqual(linesOf(updateReview(labelled(old), old), [old]), []);
    const worse = ourIngress('h', ['p', 'q'], { name: 'old' });
    assert.match(
      linesOf(updateReview(worse, old), [old]).join('\n'),
      /^refused .*paths\[1\]\.path: Invalid value: "q"/,
    );
  });
});

describe('what is none of our business is allowed', () => {
  const conflicting = ourIngress('h', ['/p'], { name: 'other' });

  it('an Ingress of another class, of a namespace that is not looked at, or on its way out', () => {
    const foreign = sampleIngress(
      { ingressClassName: 'other', rules: [sampleRule('h', ['/p'])] },
      { name: 'f' },
    );
    const objects = [web, sampleClass('other', 'example.com/other')];
    assert.deepEqual(linesOf(createReview(foreign), objects), []);
    assert.deepEqual(
      linesOf(createReview(conflicting), objects, { isWatched: (name) => name !== 'shop' }),
      [],
    );
    const leaving: Ingress = {
      ...conflicting,
      metadata: { ...conflicting.metadata, deletionTimestamp: '2026-11-21T16:00:51Z' },
    };
    assert.deepEqual(linesOf(updateReview(leaving, foreign), objects), []);
  });

  it('other operations, subresources, versions and resources', () => {
    const base = { object: conflicting, oldObject: conflicting };
    const group = 'networking.k8s.io';
    const others = [
      { ...base, operation: 'DELETE' },
      { ...base, operation: 'CONNECT' },
      { ...base, operation: 'UPDATE', subResource: 'status' },
      { ...base, resource: { group, version: 'v1', resource: 'networkpolicies' } },
      { ...base, resource: { group, version: 'v1beta1', resource: 'ingresses' } },
      { ...base, resource: { group: '', version: 'v1', resource: 'services' } },
    ];
    for (const parts of others) assert.deepEqual(linesOf(reviewOf(parts), [web]), []);
    assert.equal(linesOf(reviewOf(base), [web]).length, 1);
  });
});
