// Bodies: JSON, YAML, protobuf; strictness; what is no object; what hostile texts cost.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseYamlText } from './body-text.ts';
import { TestApi, widgetsPath } from './rest.fixture.ts';

describe('bodies', () => {
  const strict = { query: 'fieldValidation=Strict' };
  const twice = '{"kind":"Widget","metadata":{"name":"a"},"spec":{"size":1,"size":2,"sise":3}}';

  it('with unknown and repeated fields are refused, told of or taken, as the request wants', () => {
    const api = new TestApi();
    const refusal = api.expect(400, 'POST', widgetsPath, { bytes: twice, ...strict });
    assert.equal(
      refusal['message'],
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.size", unknown field "spec.sise"',
    );
    const warned = api.call('POST', widgetsPath, { bytes: twice, query: 'dryRun=All' });
    assert.deepEqual(warned.warnings, ['duplicate field "spec.size"', 'unknown field "spec.sise"']);
    const ignored = api.call('POST', widgetsPath, { bytes: twice, query: 'fieldValidation=Ignore' });
    assert.deepEqual(ignored.warnings, []);
    assert.deepEqual((ignored.value as Record<string, unknown>)['spec'], { color: 'red', size: 2 });
  });

  it('may be YAML', () => {
    const api = new TestApi();
    const yaml = 'kind: Widget\nmetadata:\n  name: a\nspec:\n  size: 3\n  color: "yes"\n';
    const call = { bytes: yaml, contentType: 'application/yaml', ...strict };
    assert.deepEqual(api.expect(201, 'POST', widgetsPath, call)['spec'], { size: 3, color: 'yes' });
    const repeated = api.expect(400, 'POST', widgetsPath, { ...call, bytes: `${yaml}  size: 4\n` });
    assert.equal(
      repeated['message'],
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: yaml: unmarshal errors:\n  line 7: key "size" already set in map',
    );
    const warned = api.call('POST', widgetsPath, {
      bytes: `${yaml}  size: 4\n`,
      contentType: 'application/yaml',
      query: 'dryRun=All',
    });
    assert.deepEqual(warned.warnings, ['line 7: key "size" already set in map']);
  });

  it('that are nothing of the kind are refused', () => {
    const api = new TestApi();
    const refuse = (bytes: string, contentType = 'application/json'): unknown =>
      api.expect(400, 'POST', widgetsPath, { bytes, contentType })['message'];
    const prefix = 'the object provided is unrecognized (must be of type Widget): ';
    assert.equal(
      refuse(''),
      `${prefix}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
    );
    assert.equal(
      refuse('abc'),
      `${prefix}couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of value (616263)`,
    );
    assert.equal(
      refuse('{"kind":'),
      `${prefix}couldn't get version/kind; json parse error: unexpected end of JSON input ({"kind":)`,
    );
    assert.match(String(refuse('[1]')), /cannot unmarshal array into Go value/);
    assert.match(
      String(refuse('{"kind":7}')),
      /cannot unmarshal number into Go struct field \.kind of type string/,
    );
    assert.match(String(refuse('a: [', 'application/yaml')), /\(must be of type Widget\): yaml: line 1: /);
    assert.match(String(refuse('{"a" 1}')), /invalid character '1' after object key \(/);
    assert.match(String(refuse('{"a":1 2}')), /invalid character '2' after object key:value pair \(/);
    assert.match(String(refuse('[1 2]')), /invalid character '2' after array element \(/);
    assert.match(String(refuse('{} x')), /invalid character 'x' after top-level value \(/);
    assert.match(String(refuse('{x')), /invalid character 'x' looking for beginning of object key string \(/);
    const proto = 'application/vnd.kubernetes.protobuf';
    assert.match(String(refuse('k9s', proto)), /must be of type Widget/);
    assert.equal(
      api.expect(415, 'POST', widgetsPath, { bytes: '{}', contentType: 'text/plain' })['message'],
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
    const large = api.expect(413, 'POST', widgetsPath, { bytes: new Uint8Array(3 * 1024 * 1024 + 1) });
    assert.equal(large['message'], 'Request entity too large: limit is 3145728');
    assert.equal(large['reason'], 'RequestEntityTooLarge');
  });

  it('that are hostile cost little', () => {
    const api = new TestApi();
    const nested = `{"spec":${'['.repeat(1_000_000)}`;
    assert.match(
      String(api.expect(400, 'POST', widgetsPath, { bytes: nested })['message']),
      /exceeded max depth/,
    );
    const yaml = { contentType: 'application/yaml' };
    api.expect(400, 'POST', widgetsPath, { bytes: 'a: '.repeat(1) + '['.repeat(100_000), ...yaml });
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [index, letter] of 'bcdefghij'.split('').entries()) {
      const before = 'abcdefghij'.charAt(index);
      bomb.push(`${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`);
    }
    api.expect(400, 'POST', widgetsPath, { bytes: bomb.join('\n'), ...yaml });
    api.expect(413, 'POST', widgetsPath, { bytes: `a: ${'x'.repeat(1024 * 1024)}`, ...yaml });
    const proto =
      '{"kind":"Widget","metadata":{"name":"a","labels":{"__proto__":"x"}},"__proto__":{"size":9}}';
    api.call('POST', widgetsPath, { bytes: proto });
    assert.equal(({} as Record<string, unknown>)['size'], undefined);
    // Nothing was an error of the server's.
    assert.deepEqual(api.logged, []);
  });

  it('of more values than any object has are refused before anything is made of them, also by way of patches', () => {
    const api = new TestApi();
    const numbers = (count: number): string => `[${'1,'.repeat(count)}1]`;
    const named = (name: string, rest: string): string =>
      `{"apiVersion":"test.io/v1","kind":"Widget","metadata":{"name":"${name}"},${rest}}`;
    const many = { bytes: named('many', `"x":${numbers(50_000)}`) };
    const refused = api.expect(413, 'POST', widgetsPath, many);
    assert.equal(refused['message'], 'Request entity too large: limit is 50000 values');
    const yaml = { contentType: 'application/yaml' };
    const list = `x: [${'1,'.repeat(50_000)}]`;
    api.expect(413, 'POST', widgetsPath, { bytes: list, ...yaml });
    // Keys that stand once for text and again for what an alias repeats are counted as often.
    api.expect(413, 'POST', widgetsPath, {
      bytes: `a: &a [${'1,'.repeat(1000)}]\nb: [${'*a,'.repeat(60)}]`,
      ...yaml,
    });
    assert.deepEqual(api.logged, []);
  });

  it('are read in time linear in their length, repeated keys too', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`);
    const text = [...keys, 'k7: 2', 'metadata: {a: 1, a: 2}'].join('\n');
    assert.ok(text.length < 256 * 1024);
    const started = performance.now();
    const { duplicates } = parseYamlText(text, true);
    assert.deepEqual(duplicates, [
      'yaml: unmarshal errors:\n  line 20001: key "k7" already set in map\n  line 20002: key "a" already set in map',
    ]);
    // Each key compared with all before it takes half a minute.
    assert.ok(performance.now() - started < 60_000);
  });
});
