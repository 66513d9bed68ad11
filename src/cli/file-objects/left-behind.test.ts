// What becomes of objects that an earlier run of the program made from files: in the real API, in process.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  configMap,
  configMapPath,
  configMapsPath,
  definitionsPath,
  filesOf,
  manyDocuments,
  startCluster,
  widget,
  widgetDefinition,
} from './file-objects.fixture.ts';

describe('what an earlier run left behind', () => {
  it('is deleted when no file holds it, and nothing else is', async (test) => {
    const cluster = startCluster(test);
    await filesOf(cluster, {
      f: manyDocuments(
        configMap('a', { k: '1' }),
        configMap('b', { k: '1' }),
        widgetDefinition(),
        widget('w', 1),
      ),
    });
    await cluster.create(configMapsPath, JSON.parse(configMap('theirs', { k: '1' })));
    const files = await filesOf(cluster, { f: configMap('b', { k: '1' }) });
    for (const path of [configMapPath('a'), `${definitionsPath}/widgets.a.example`]) {
      assert.equal(await cluster.read(path), null, path);
    }
    assert.deepEqual(
      [await cluster.readData('b'), await cluster.readData('theirs')],
      [{ k: '1' }, { k: '1' }],
    );
    assert.match(
      files.log.lines.join('\n'),
      /^info deleted what earlier files made and no file holds any more: /,
    );
  });

  it('stays while a file cannot be understood', async (test) => {
    const cluster = startCluster(test);
    await filesOf(cluster, { f: configMap('a', { k: '1' }), g: configMap('b', { k: '1' }) });
    const files = await filesOf(cluster, { f: 'a: [', g: configMap('c', { k: '1' }) });
    assert.deepEqual(
      await Promise.all(['a', 'b', 'c'].map((name) => cluster.readData(name))),
      ['a', 'b', 'c'].map(() => ({ k: '1' })),
    );
    assert.deepEqual(files.log.lines, [
      'warn 2 objects that earlier files made and no file seems to hold stay for now: what "f" holds is not known',
    ]);
    await files.write('f', configMap('a', { k: '1' })).keep();
    assert.deepEqual([await cluster.readData('a'), await cluster.readData('b')], [{ k: '1' }, null]);
  });

  it('stays while its document is broken', async (test) => {
    const cluster = startCluster(test);
    await filesOf(cluster, { f: configMap('a', { k: '1' }), g: configMap('b', { k: '1' }) });
    const files = await filesOf(cluster, { f: configMap('a', { 'not/a key': '1' }) });
    assert.deepEqual([await cluster.readData('a'), await cluster.readData('b')], [{ k: '1' }, null]);
    assert.deepEqual(
      files.failures.map(({ object, lastGoodServes }) => [object?.name, lastGoodServes]),
      [['a', true]],
    );
    await files.write('f', '').keep();
    assert.equal(await cluster.readData('a'), null);
  });
});
