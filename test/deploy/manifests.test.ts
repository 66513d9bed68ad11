// The plain manifests: they are what the chart gives, and each overlay makes of the base what the chart makes of its values.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { applyJsonPatch } from '../../src/apiserver/patch/index.ts';
import { diffValues } from '../../tools/deploy/json-patch.ts';
import {
  manifestsFolder,
  type OverlayName,
  overlays,
  renderManifestFiles,
  renderObjects,
} from '../../tools/deploy/manifests.ts';
import { idOf, type ManifestObject, parseObjects } from '../../tools/deploy/render-chart.ts';
import { ensureKustomize } from '../../tools/ensure-kustomize.ts';

function build(folder: string): readonly ManifestObject[] {
  const run = spawnSync(ensureKustomize(), ['build', join(manifestsFolder, folder)], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return parseObjects(run.stdout);
}

function byId(objects: readonly ManifestObject[]): Readonly<Record<string, ManifestObject>> {
  return Object.fromEntries(
    objects.map((object) => [idOf(object), object] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('deploy/manifests', () => {
  it('are what npm run deploy:render writes', () => {
    const files = renderManifestFiles();
    const present = globSync(['base/**/*.yaml', 'overlays/**/*.yaml'], { cwd: manifestsFolder });
    assert.deepEqual(present.sort(), [...files.keys()].sort());
    for (const [name, text] of files) {
      assert.equal(readFileSync(join(manifestsFolder, name), 'utf8'), text, name);
    }
  });

  it('base is the chart with its default values', () => {
    assert.deepEqual(byId(build('base')), byId(renderObjects('base')));
  });

  for (const name of Object.keys(overlays) as OverlayName[]) {
    it(`overlay ${name} is the chart with its values`, () => {
      assert.deepEqual(byId(build(`overlays/${name}`)), byId(renderObjects(name)));
    });
  }

  it('hold no certificate and no key', () => {
    for (const [name, text] of renderManifestFiles()) {
      assert.doesNotMatch(text, /PRIVATE KEY|BEGIN CERTIFICATE|caBundle|LS0tLS1CRUdJTi|kind: Secret/, name);
    }
  });
});

describe('diffValues', () => {
  it('gives a patch that makes the one value of the other', () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((json) => !JSON.stringify(json).includes('__proto__'));
    fc.assert(
      fc.property(value, value, (before, after) => {
        const patch = diffValues({ root: before }, { root: after });
        assert.deepEqual(applyJsonPatch({ root: before }, patch), { root: after });
      }),
    );
  });

  it('adds behind a list that is only longer', () => {
    const patch = diffValues({ 'a/b': ['x'] }, { 'a/b': ['x', 'y', 'z'] });
    assert.deepEqual(patch, [
      { op: 'add', path: '/a~1b/-', value: 'y' },
      { op: 'add', path: '/a~1b/-', value: 'z' },
    ]);
  });
});
