// 10,000 files: correctness is asserted, times are told and not asserted, since they depend on the machine.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { FileFailure, ObjectChange } from '../object-change.ts';
import { FileSource } from './file-source.ts';

const fileCount = 10_000;
const editCount = 20;

function ingress(index: number, path: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-${index}
  namespace: team-${index % 50}
spec:
  ingressClassName: sallyport
  rules:
  - host: app-${index}.example.com
    http:
      paths:
      - path: ${path}
        pathType: Prefix
        backend:
          service:
            name: api
            port:
              number: 80
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              name: http
`;
}

it('loads 10,000 files as one change, and an edit of one of them as a change of one', async (test) => {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-many-'));
  const pathOf = (index: number): string => join(root, `team-${index % 50}`, `app-${index}.yaml`);
  for (let team = 0; team < 50; team += 1) mkdirSync(join(root, `team-${team}`));
  for (let index = 0; index < fileCount; index += 1) writeFileSync(pathOf(index), ingress(index, '/api'));
  let delivered = Promise.withResolvers<{
    changes: readonly ObjectChange[];
    failures: readonly FileFailure[];
  }>();
  const source = new FileSource({
    paths: [root],
    defaultNamespace: 'default',
    allowLoopback: true,
    onChanges: (changes, failures) => delivered.resolve({ changes, failures }),
  });
  test.after(async () => {
    await source.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const startedMs = performance.now();
  await source.start();
  const loadMs = performance.now() - startedMs;
  const first = await delivered.promise;
  assert.deepEqual([first.changes.length, first.failures], [fileCount, []]);
  const editMs: number[] = [];
  for (let edit = 0; edit < editCount; edit += 1) {
    delivered = Promise.withResolvers();
    const savedMs = performance.now();
    writeFileSync(pathOf(edit * 37), ingress(edit * 37, `/edited-${edit}`));
    const { changes } = await delivered.promise;
    editMs.push(performance.now() - savedMs);
    assert.equal(changes.length, 1);
  }
  editMs.sort((a, b) => a - b);
  const middle = editMs[editCount / 2] ?? 0;
  test.diagnostic(
    `${fileCount} files: first load ${loadMs.toFixed(0)} ms; saved to delivered: median ${middle.toFixed(1)} ms, slowest ${(editMs.at(-1) ?? 0).toFixed(1)} ms`,
  );
});
