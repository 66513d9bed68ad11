// The form of a refusal: a Status with causes, bounded and printable, and what this program's own faults come to.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sampleNowMs, samplePath } from '../../translate/sample-objects.fixture.ts';
import { parseReview } from './admission-review.ts';
import { decide, type DecideParts } from './decide.ts';
import { createReview, ourIngress, reviewOf, translatorOf } from './reviews.fixture.ts';

const path0 = 'spec.rules[0].http.paths[0].path';
const web = ourIngress('h', ['/p'], { day: 1 });

describe('a refusal', () => {
  const decideOn = (review: unknown, part: Partial<DecideParts> = {}) => {
    const parsed = parseReview(Buffer.from(JSON.stringify(review)));
    assert.ok(parsed.ok);
    const translator = translatorOf([web]);
    const all = { translator, isWatched: () => true, nowMs: sampleNowMs, onFault: () => undefined, ...part };
    return decide(parsed.request, all);
  };

  it('is a Status as the API server makes it for invalid objects', () => {
    const { refusal } = decideOn(createReview(ourIngress('h', ['/p'], { name: 'other' })));
    const message = 'host "h" path "/p" is already served by Ingress shop/web';
    assert.deepEqual(refusal, {
      status: 'Failure',
      message: `Sallyport would not serve it: ${path0}: ${message}`,
      reason: 'Invalid',
      code: 422,
      details: {
        name: 'other',
        group: 'networking.k8s.io',
        kind: 'Ingress',
        causes: [{ reason: 'FieldValueDuplicate', message, field: path0 }],
      },
    });
  });

  it('says so when it is the fault of this program, which is told where it runs', () => {
    const told: unknown[] = [];
    const translator = {
      tryOut: () => {
        throw new TypeError('no such thing');
      },
    };
    const { refusal } = decideOn(createReview(web), { translator, onFault: (error) => told.push(error) });
    assert.deepEqual([refusal?.code, refusal?.reason], [500, 'InternalError']);
    assert.match(refusal?.message ?? '', /fault of that program and not of the object: no such thing/);
    assert.equal(told.length, 1);
  });

  it('is bounded, and so are warnings: in number, in length, in what they can print', () => {
    const paths = Array.from({ length: 500 }, () => ({
      ...samplePath(`/${'x'.repeat(3_000)}\u202e\n`),
      backend: { resource: { kind: `B${'\u0007'.repeat(900)}`, name: 'b' } },
    }));
    const { refusal } = decideOn(createReview(ourIngress('h', paths)));
    assert.equal(refusal?.details?.causes.length, 50);
    assert.match(refusal?.message ?? '', /; and \d+ more$/);
    assert.ok(JSON.stringify(refusal).length < 100_000);
    const annotations = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `nginx.ingress.kubernetes.io/none-${index}\u001b[31m${'😀'.repeat(200)}`,
        'x',
      ]),
    );
    const { warnings } = decideOn(createReview(ourIngress('h2', ['/'], { name: 'w', annotations })));
    assert.equal(warnings.length, 16);
    assert.equal(warnings.at(-1), 'and 85 more warnings of Sallyport');
    for (const text of warnings) {
      assert.ok(text.length <= 256 && text.isWellFormed() && !/\p{Cc}/u.test(text), text);
    }
  });

  it('answers what is no Ingress, and annotations beyond all measure', () => {
    const spec = { rules: 7 };
    const metadata = { name: 'x', namespace: 'shop' };
    const head = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
    const messageOf = (object: unknown): string =>
      decideOn(reviewOf({ object })).refusal?.message ?? 'allowed';
    assert.match(messageOf(null), /the request has no object/);
    assert.match(messageOf({ metadata, spec }), /is no Ingress/);
    assert.match(messageOf({ ...head, metadata, spec }), /cannot unmarshal|json/);
    const annotations = { a: 'x'.repeat(300_000) };
    assert.match(
      messageOf({ ...head, metadata: { ...metadata, annotations }, spec: {} }),
      /longer than 262144 bytes/,
    );
  });
});
