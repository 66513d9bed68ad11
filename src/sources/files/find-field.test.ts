import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findFieldOffset } from './find-field.ts';
import { parseManifest } from './parse-manifest.ts';

const text = `kind: Ingress
metadata:
  name: web
  annotations:
    a.b: short
    a.b/c.d: long
spec:
  rules:
  - host: a.example
    http:
      paths:
      - path: /one
      - path: /two
        pathType: Exact
  tls: [{hosts: [x, y]}]
`;

const cases: [string, number][] = [
  ['', 1],
  ['kind', 1],
  ['metadata.name', 3],
  ['metadata.annotations[a.b/c.d]', 6],
  ['metadata.annotations["a.b"]', 5],
  ['metadata.annotations.a.b/c.d', 6],
  ['annotations.a.b', 5],
  ['metadata.labels', 2],
  ['spec.rules[0].http.paths[1].path', 13],
  ['spec.rules[0].http.paths[1].pathType', 14],
  ['spec.rules[0].http.paths[1].backend.service.name', 13],
  ['spec.rules[0].http.paths[7].path', 11],
  ['spec.rules[0].host.more', 9],
  ['spec.tls[0].hosts[1]', 15],
  ['nothing.like.this', 1],
];

describe('findFieldOffset', () => {
  const parsed = parseManifest(text);
  const node = parsed.nodeAt({ document: 0, items: [] });
  for (const [field, line] of cases) {
    it(`finds "${field}" on line ${line}`, () => {
      assert.ok(node !== null);
      assert.equal(parsed.lineAt(findFieldOffset(node, field)), line);
    });
  }

  it('reads the same paths in JSON', () => {
    const json = parseManifest(JSON.stringify({ spec: { rules: [{ host: 'a' }, { host: 'b' }] } }, null, 2));
    const root = json.nodeAt({ document: 0, items: [] });
    assert.ok(root !== null);
    assert.equal(json.lineAt(findFieldOffset(root, 'spec.rules[1].host')), 8);
  });
});
