// The order of features, and that the declarations of the real ones are whole.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Feature } from './contract.ts';
import { features, renderKey, sortFeatures } from './index.ts';

function feature(name: string, ...after: string[]): Feature {
  return { name, doc: '', keys: [], after, compile: () => null, describe: () => '' };
}

function namesOf(list: readonly Feature[]): string[] {
  return list.map(({ name }) => name);
}

describe('sortFeatures', () => {
  it('satisfies every constraint and else keeps the order given', () => {
    const sorted = sortFeatures([feature('d', 'c', 'b'), feature('a'), feature('c', 'b'), feature('b')]);
    assert.deepEqual(namesOf(sorted), ['b', 'c', 'd', 'a']);
  });

  it('throws on a cycle, an unknown name and a name used twice', () => {
    assert.throws(() => sortFeatures([feature('a', 'b'), feature('b', 'a')]), /a after b after a/);
    assert.throws(() => sortFeatures([feature('a', 'a')]), /a after a/);
    assert.throws(() => sortFeatures([feature('a', 'x')]), /"x", which does not exist/);
    assert.throws(() => sortFeatures([feature('a'), feature('a')]), /same name/);
  });
});

describe('features', () => {
  it('act in the order of ingress-nginx', () => {
    const order = [
      'body-size',
      'app-root',
      'cors',
      'deny',
      'redirect-map',
      'redirect',
      'return',
      'rewrite',
      'ssl-redirect',
      'limits',
      'source-ranges',
      'security-fields',
      'request-fields',
      'response-fields',
    ];
    assert.deepEqual(
      namesOf(features).filter((name) => order.includes(name)),
      order,
    );
  });

  it('declare every key once, with all that the reference page needs', () => {
    const keys = features.flatMap((each) => each.keys);
    assert.equal(new Set(keys.map(renderKey)).size, keys.length);
    for (const key of keys) {
      assert.match(key.name, /^[a-z]+[0-9]?(-[a-z]+)*$/);
      for (const text of [key.doc, key.valueText, key.defaultText]) assert.notEqual(text, '', key.name);
      assert.match(key.doc, /\.$/, key.name);
    }
  });

  it('refuse values with CR or NUL in every key, and with LF where lines are no list', () => {
    for (const key of features.flatMap((each) => each.keys)) {
      for (const control of key.isLines ? ['\r', '\0'] : ['\r', '\n', '\0']) {
        for (const text of ['true', '1', '/x', '1m']) {
          assert.ok(
            'wanted' in key.parse(text + control),
            `${key.name} takes ${JSON.stringify(text + control)}`,
          );
        }
      }
    }
  });

  it('have tests in their own folders', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    );
    const lacking = folders.filter(({ name }) => {
      const files = readdirSync(`${import.meta.dirname}/${name}`);
      return files.includes('feature.ts') && !files.includes('feature.test.ts');
    });
    assert.deepEqual(
      lacking.map(({ name }) => name),
      [],
    );
  });
});
