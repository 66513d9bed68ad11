// Texts written to do harm: each costs little, is refused or bounded, and says why.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadText } from './load-text.ts';
import { manifestText } from './read-text.ts';

function load(text: string) {
  return loadText('x.yaml', manifestText(Buffer.from(text)), {
    defaultNamespace: 'default',
    allowLoopback: false,
  });
}

function messagesOf(text: string): string[] {
  return load(text).failures.map(({ message }) => message);
}

describe('hostile manifests', () => {
  it('with aliases that stand for gigabytes are refused, by few aliases to a long list too', () => {
    const list = `x: &r [${Array(2_000).fill('{}').join(',')}]\nitems: [${Array(900).fill('*r').join(',')}]`;
    assert.deepEqual(messagesOf(list), ['aliases stand for more than 100000 values']);
    const levels = ['a0: &a0 [x,x,x,x,x,x,x,x,x]'];
    for (let level = 1; level < 40; level += 1) {
      levels.push(
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(',')}]`,
      );
    }
    assert.deepEqual(messagesOf(levels.join('\n')), ['aliases stand for more than 100000 values']);
    assert.deepEqual(load('a: &a [1]\nkind: Foo\napiVersion: v9\nb: [*a, *a]').failures, []);
  });

  it('nested by the thousand are refused', () => {
    for (const text of ['['.repeat(5_000), '{'.repeat(5_000), '- '.repeat(5_000), '? '.repeat(5_000)]) {
      const { readable, failures } = load(text);
      assert.equal(readable, false);
      assert.ok(failures.length <= 100, String(failures.length));
    }
  });

  it('with thousands of faults tell the first ones and how many there are more', () => {
    const fields = Array.from({ length: 3_000 }, (_, index) => `f${index}: 1`).join('\n');
    const ingress = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {defaultBackend: {service: {name: a, port: {number: 1}}}}\n${fields}`;
    const messages = messagesOf(ingress);
    assert.equal(messages.length, 501);
    assert.equal(messages.at(-1), '2500 more warnings in this file are not shown');
    const paths = Array(2_000).fill('{path: x, pathType: Prefix}').join(',');
    const broken = load(
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{http: {paths: [${paths}]}}]}`,
    );
    assert.equal(broken.failures.length, 501);
    assert.equal(messagesOf('a: 1\n'.repeat(2_000)).length, 101);
    assert.ok(messagesOf('"'.repeat(2_000)).length <= 100);
  });

  it('with values of a megabyte tell them cut', () => {
    const [message = ''] = messagesOf(
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: ${'A'.repeat(1 << 20)}}]}`,
    );
    assert.match(message, /^Invalid value: "AAA/);
    assert.ok(message.length < 1_100);
  });

  it('with keys of the prototype are data like any other', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    for (const name of names) {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {${name}: b}}\ndata: {${name}: c}`;
      const [loaded] = load(text).objects;
      const json = JSON.stringify(loaded?.object ?? load(text).failures);
      assert.ok(json.includes(name), json);
    }
    assert.equal(Reflect.get({}, 'b'), undefined);
    assert.deepEqual(messagesOf('apiVersion: constructor\nkind: toString\nmetadata: {name: a}'), []);
  });
});
