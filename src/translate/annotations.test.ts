// Annotations: prefixes, dialects, what a bad value does, and suggestions for unknown keys.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnnotationRules, defaultAnnotationRules } from './annotation-rules.ts';
import { indexAnnotations, parseAnnotations, type ParsedAnnotations } from './annotations.ts';
import { sampleFeature, sampleIngress, sampleOptions } from './sample-objects.fixture.ts';

const { annotationPrefixes } = sampleOptions();
const nginx = annotationPrefixes.nginx;
const index = indexAnnotations(
  [
    sampleFeature('plain'),
    sampleFeature('strict', { onInvalid: 'reject' }),
    sampleFeature('guard', { onInvalid: 'deny' }),
    sampleFeature('own', { name: 'plain', dialect: 'sallyport' }),
    sampleFeature('wide', { scope: 'host' }),
    sampleFeature('optional', { onInvalid: 'deny', isAbsentWhenBlank: true }),
  ],
  annotationPrefixes,
);

function parse(annotations: Readonly<Record<string, string>>, className?: string): ParsedAnnotations {
  const spec = className === undefined ? {} : { ingressClassName: className };
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
  return parseAnnotations(sampleIngress(spec, { annotations }), object, index, true);
}

describe('parseAnnotations', () => {
  it('reads values by key name, and leaves foreign prefixes alone', () => {
    const parsed = parse({
      [`${nginx}/plain`]: 'good',
      'example.com/plain': 'x',
      plain: 'x',
      [`x${nginx}/plain`]: 'x',
    });
    assert.deepEqual([...parsed.values], [['plain', 'good']]);
    assert.deepEqual([...parsed.fullKeys], [['plain', `${nginx}/plain`]]);
    assert.deepEqual(parsed.problems, []);
    assert.equal(parsed.fate, 'serve');
  });

  it('lets our own prefix win over the other dialect, unless its value is bad', () => {
    const both = { [`${nginx}/plain`]: 'good', 'sallyport.dev/plain': 'other' };
    assert.equal(parse(both).values.get('plain'), 'other');
    assert.equal(parse({ ...both, 'sallyport.dev/plain': 'bad' }).values.get('plain'), 'good');
  });

  it('knows which keys act on whole hosts', () => {
    assert.deepEqual([...index.hostNames], ['wide']);
  });

  const fates: [string, Record<string, string>, string, string][] = [
    ['default', { plain: 'bad' }, 'serve', 'warning'],
    ['deny', { guard: 'bad' }, 'deny', 'error'],
    ['reject', { strict: 'bad' }, 'reject', 'error'],
    ['reject, which outweighs deny,', { guard: 'bad', strict: 'bad' }, 'reject', 'error'],
  ];
  for (const [title, keys, fate, severity] of fates) {
    it(`takes a bad value as ${title} says`, () => {
      const parsed = parse(
        Object.fromEntries(Object.entries(keys).map(([name, value]) => [`${nginx}/${name}`, value])),
      );
      assert.equal(parsed.fate, fate);
      assert.equal(parsed.values.size, 0);
      for (const problem of parsed.problems) {
        assert.equal(problem.code, 'AnnotationInvalid');
        assert.equal(problem.severity, severity);
        assert.match(
          problem.message,
          /^annotation "nginx\.ingress\.kubernetes\.io\/\w+" is "bad", wanted "good" or "other"; /,
        );
      }
      assert.equal(parsed.problems.length, Object.keys(keys).length);
    });
  }

  it('takes a blank value for none where the key says so, and nowhere else', () => {
    for (const blank of ['', '  ']) {
      const parsed = parse({ [`${nginx}/optional`]: blank });
      assert.deepEqual([parsed.fate, [...parsed.values], parsed.problems], ['serve', [], []]);
      assert.equal(parse({ [`${nginx}/guard`]: blank }).fate, 'deny');
    }
    for (const text of ['\n', ' \r\n', '\0', 'bad'])
      assert.equal(parse({ [`${nginx}/optional`]: text }).fate, 'deny', JSON.stringify(text));
  });

  it('warns on unknown keys under our prefixes, with the nearest known one', () => {
    const parsed = parse({ [`${nginx}/plian`]: 'good', 'sallyport.dev/nothing-like-it': 'x' });
    assert.deepEqual(
      parsed.problems.map(({ code, field, message }) => [code, field, message]),
      [
        [
          'AnnotationUnknown',
          `metadata.annotations[${nginx}/plian]`,
          `annotation "${nginx}/plian" is not known and has no effect; did you mean "${nginx}/plain"`,
        ],
        [
          'AnnotationUnknown',
          'metadata.annotations[sallyport.dev/nothing-like-it]',
          'annotation "sallyport.dev/nothing-like-it" is not known and has no effect',
        ],
      ],
    );
  });

  it('tells that the class annotation is deprecated, and when it has no effect', () => {
    const key = 'kubernetes.io/ingress.class';
    const [alone] = parse({ [key]: 'sallyport' }).problems;
    assert.equal(alone?.code, 'DeprecatedClassAnnotation');
    assert.equal(alone?.severity, 'info');
    assert.equal(alone?.message, `annotation "${key}" is deprecated, wanted spec.ingressClassName`);
    assert.match(parse({ [key]: 'a' }, 'b').problems[0]?.message ?? '', /has no effect beside .* "b"$/);
  });

  it('escapes and cuts long values in messages', () => {
    const { message } = parse({ [`${nginx}/plain`]: `\n${'x'.repeat(500)}` }).problems[0] ?? { message: '' };
    assert.match(message, /is "\\nx+…", wanted/);
    assert.ok(message.length < 300);
  });

  it('rejects what the settings of the controller forbid', () => {
    const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
    const ingress = sampleIngress(
      {},
      { annotations: { [`${nginx}/plain`]: 'good', 'example.com/x': 'good' } },
    );
    const fateOf = (rules: AnnotationRules): string =>
      parseAnnotations(ingress, object, index, true, rules).fate;
    assert.equal(fateOf({ ...defaultAnnotationRules, maxRisk: 'low' }), 'serve');
    assert.equal(fateOf({ ...defaultAnnotationRules, blockedWords: ['goo'] }), 'reject');
    assert.equal(fateOf({ ...defaultAnnotationRules, blockedWords: ['other'] }), 'serve');
    const risky = indexAnnotations([sampleFeature('plain', { risk: 'medium' })], annotationPrefixes);
    for (const [maxRisk, fate] of [
      ['low', 'reject'],
      ['medium', 'serve'],
      ['critical', 'serve'],
    ] as const) {
      const rules = { ...defaultAnnotationRules, maxRisk };
      assert.equal(parseAnnotations(ingress, object, risky, true, rules).fate, fate);
    }
  });
});

describe('annotations that are refused, and retired ones', () => {
  const refusing = indexAnnotations(
    [
      sampleFeature('never', {
        refuse: (text) =>
          text === '' ? null : { isProtective: text === 'guards', advice: ['use "x"', 'use "y"'] },
      }),
      sampleFeature('plain'),
    ],
    annotationPrefixes,
  );
  const read = (annotations: Readonly<Record<string, string>>): ParsedAnnotations => {
    const full = Object.fromEntries(
      Object.entries(annotations).map(([name, text]) => [`${nginx}/${name}`, text]),
    );
    const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
    return parseAnnotations(sampleIngress({}, { annotations: full }), object, refusing, true);
  };

  it('deny where they protect, and else only say so', () => {
    const fates = ['guards', 'harmless', ''].map((text) => read({ never: text }));
    assert.deepEqual(
      fates.map(({ fate }) => fate),
      ['deny', 'serve', 'serve'],
    );
    assert.deepEqual(
      fates.map(({ problems }) => problems.map(({ severity }) => severity)),
      [['error', 'error'], ['warning', 'warning'], []],
    );
    assert.equal(fates[1]?.values.size, 0);
    assert.match(fates[0]?.problems[0]?.message ?? '', /use "x"; all paths of the object answer 503$/);
  });

  it('of former versions are told with what to use, under their prefix only', () => {
    for (const [name, pattern] of [
      ['secure-backends', /backend-protocol/],
      ['global-rate-limit-window', /limit-rps/],
      ['influxdb-host', /admin listener/],
      ['lua-resty-waf-debug', /firewall/],
      ['session-cookie-hash', /ignored/],
    ] as const) {
      const { fate, problems } = read({ [name]: 'x' });
      assert.equal(fate, 'serve');
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['AnnotationUnsupported'],
      );
      assert.match(problems[0]?.message ?? '', pattern);
    }
    const other = parse({ 'sallyport.dev/secure-backends': 'x' });
    assert.deepEqual(
      other.problems.map(({ code }) => code),
      ['AnnotationUnknown'],
    );
    assert.deepEqual(
      read({ constructor: 'x' }).problems.map(({ code }) => code),
      ['AnnotationUnknown'],
    );
  });
});
