// What becomes of documents in an API: the real one, in process.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  configMap,
  configMapPath,
  configMapsPath,
  definitionsPath,
  manyDocuments,
  filesOf,
  startCluster,
  widget,
  widgetDefinition,
  widgetsPath,
} from './file-objects.fixture.ts';

const foreign =
  'exists already and was not made from a file; it is left alone: delete it or take it out of the file';

describe('files applied to the API', () => {
  it('are made, changed and deleted with their documents', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, {
      f: manyDocuments(configMap('a', { k: '1' }), configMap('b', { k: '1' })),
    });
    assert.deepEqual([await cluster.readData('a'), await cluster.readData('b')], [{ k: '1' }, { k: '1' }]);
    files.takeWrites();
    await files.write('f', manyDocuments(configMap('a', { l: '2' }), configMap('b', { k: '1' }))).keep();
    assert.deepEqual(files.takeWrites(), [`PATCH ${configMapPath('a')} force`]);
    assert.deepEqual(await cluster.readData('a'), { l: '2' });
    await files.write('f', configMap('b', { k: '1' })).keep();
    assert.deepEqual(files.takeWrites(), [`DELETE ${configMapPath('a')}`]);
    assert.deepEqual([await cluster.readData('a'), await cluster.readData('b')], [null, { k: '1' }]);
    assert.deepEqual(files.told, []);
  });

  it('write nothing when they are applied again', async (test) => {
    const cluster = startCluster(test);
    const text = manyDocuments(configMap('a', { k: '1' }), widgetDefinition(), widget('w', 1));
    await filesOf(cluster, { f: text });
    const before = await cluster.read(configMapPath('a'));
    await filesOf(cluster, { f: text });
    assert.deepEqual(await cluster.read(configMapPath('a')), before);
  });

  it('go in before what needs them: namespaces, kinds, classes', async (test) => {
    const cluster = startCluster(test);
    const namespace = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"a":"b"}}}';
    const ingressClass =
      '{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"c"},"spec":{"controller":"a.b/c"}}';
    const files = await filesOf(cluster, {
      f: manyDocuments(
        widget('w', 1),
        configMap('a', { k: '1' }, 'shop'),
        ingressClass,
        widgetDefinition(),
        namespace,
      ),
    });
    assert.deepEqual(files.takeWrites(), [
      'PATCH /api/v1/namespaces/shop',
      `PATCH ${definitionsPath}/widgets.a.example`,
      'PATCH /apis/networking.k8s.io/v1/ingressclasses/c',
      `PATCH ${widgetsPath}/w`,
      `PATCH ${configMapPath('a', 'shop')}`,
    ]);
    assert.deepEqual(files.told, []);
  });

  it('take an exported object for what it describes', async (test) => {
    const cluster = startCluster(test);
    await cluster.create(configMapsPath, JSON.parse(configMap('a', { k: '1' })));
    const exported = JSON.stringify(await cluster.read(configMapPath('a')));
    await cluster.delete(configMapPath('a'));
    const files = await filesOf(cluster, { f: exported });
    assert.deepEqual([files.told, await cluster.readData('a')], [[], { k: '1' }]);
  });
});

describe('what others made', () => {
  it('is left alone while it is there', async (test) => {
    const cluster = startCluster(test);
    await cluster.create(configMapsPath, JSON.parse(configMap('a', { k: 'kubectl' })));
    const before = await cluster.read(configMapPath('a'));
    const files = await filesOf(cluster, { f: configMap('a', { k: 'file' }) });
    assert.deepEqual(files.told, [`error NotApplied ConfigMap a - ${foreign}`]);
    await files.write('f', configMap('a', { k: 'file2' })).keep();
    await files.write('f', null).keep();
    assert.deepEqual([await cluster.read(configMapPath('a')), files.told], [before, []]);
    await files.write('f', configMap('a', { k: 'file3' })).keep();
    await cluster.delete(configMapPath('a'));
    await files.retry();
    assert.deepEqual([await cluster.readData('a'), files.told, files.isWaiting], [{ k: 'file3' }, [], false]);
  });

  it('does not hold up anything else', async (test) => {
    const cluster = startCluster(test);
    await cluster.create(configMapsPath, JSON.parse(configMap('theirs', { k: 'kubectl' })));
    const theirs = (k: string): string => configMap('theirs', { k });
    const files = await filesOf(cluster, { f: manyDocuments(configMap('a', { k: '1' }), theirs('1')) });
    await files.write('f', manyDocuments(configMap('b', { k: '1' }), theirs('2'))).keep();
    assert.deepEqual([await cluster.readData('a'), await cluster.readData('b')], [null, { k: '1' }]);
  });

  it('is not to be told of where the document says no more than that it is there', async (test) => {
    const cluster = startCluster(test);
    await cluster.create('/api/v1/namespaces', { metadata: { name: 'shop' } });
    const bare = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}';
    const files = await filesOf(cluster, { f: bare });
    assert.deepEqual([files.told, files.isWaiting], [[], false]);
    await files.write('f', bare.replace('"shop"', '"shop","labels":{"a":"b"}')).keep();
    assert.deepEqual(files.told, [
      'warning NotApplied Namespace shop - exists already and was not made from a file; it is left as it is',
    ]);
  });

  it('keeps its namespace, whoever made that', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, {
      f: '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"held","labels":{"a":"b"}}}',
      g: configMap('a', { k: '1' }, 'needed'),
    });
    for (const name of ['held', 'needed']) {
      await cluster.create(
        `/api/v1/namespaces/${name}/configmaps`,
        JSON.parse(configMap('x', { k: 'kubectl' }, name)),
      );
    }
    await files.write('f', null).write('g', null).keep();
    assert.equal(await cluster.readData('a', 'needed'), null);
    await filesOf(cluster, {});
    for (const name of ['held', 'needed'])
      assert.deepEqual(await cluster.readData('x', name), { k: 'kubectl' });
  });

  it('keeps the definition of its kind', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, { f: manyDocuments(widgetDefinition(), widget('mine', 1)) });
    await cluster.create(widgetsPath, JSON.parse(widget('theirs', 2)));
    await files.write('f', null).keep();
    assert.deepEqual(
      [await cluster.read(`${widgetsPath}/mine`), (await cluster.read(`${widgetsPath}/theirs`)) !== null],
      [null, true],
    );
    assert.deepEqual(files.log.lines, [
      'warn CustomResourceDefinition widgets.a.example is in no file any more but stays: others made objects of its kind',
    ]);
    await cluster.delete(`${widgetsPath}/theirs`);
    await filesOf(cluster, {});
    assert.equal(await cluster.read(`${definitionsPath}/widgets.a.example`), null);
  });
});

describe('what kubectl changed in an object of a file', () => {
  const document = (k: string, l: string): string => configMap('a', { k, l });

  it('stays until the document changes', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, { f: document('1', '1') });
    await cluster.edit(configMapPath('a'), { data: { k: 'edited', m: 'added' } });
    await files.write('g', configMap('b', { k: '1' })).keep();
    assert.deepEqual(await cluster.readData('a'), { k: 'edited', l: '1', m: 'added' });
    await files.write('f', document('1', '2')).keep();
    assert.deepEqual(await cluster.readData('a'), { k: '1', l: '2', m: 'added' });
    assert.deepEqual(files.told, []);
  });

  it('stays over a restart, is told of, and does not hold up the rest of the document', async (test) => {
    const cluster = startCluster(test);
    await filesOf(cluster, { f: document('1', '1') });
    await cluster.edit(configMapPath('a'), { data: { k: 'edited' } });
    const files = await filesOf(cluster, { f: document('1', '2') });
    assert.deepEqual(await cluster.readData('a'), { k: 'edited', l: '2' });
    assert.deepEqual(files.told, [
      'warning EditKept ConfigMap a data.k "kubectl-edit" changed it in the API; that value stays until the object changes in the file',
    ]);
    await files.write('f', document('1', '3')).keep();
    assert.deepEqual([await cluster.readData('a'), files.told], [{ k: '1', l: '3' }, []]);
  });

  it('may be everything: the object is still taken for the file’s while the program runs', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, { f: configMap('a', { k: '1' }) });
    await cluster.edit(configMapPath('a'), { data: { k: 'edited' } });
    await files.write('f', configMap('a', { k: '2' })).keep();
    assert.deepEqual([await cluster.readData('a'), files.told], [{ k: '2' }, []]);
  });

  it('may be that it is deleted: it comes back with its document', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, {
      f: manyDocuments(document('1', '1'), configMap('b', { k: '1' })),
    });
    await cluster.delete(configMapPath('a'));
    await files.write('f', manyDocuments(document('1', '1'), configMap('b', { k: '2' }))).keep();
    assert.equal(await cluster.readData('a'), null);
    await files.write('f', document('1', '2')).keep();
    assert.deepEqual(await cluster.readData('a'), { k: '1', l: '2' });
    await cluster.delete(configMapPath('a'));
    await filesOf(cluster, { f: document('1', '2') });
    assert.deepEqual(await cluster.readData('a'), { k: '1', l: '2' });
  });
});

describe('what cannot be applied', () => {
  it('is told in the words of the API, and the last good version stays', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, {
      f: manyDocuments(widgetDefinition(), widget('w', 1)),
      g: widget('x', -1),
    });
    await files
      .write('f', manyDocuments(widgetDefinition(), widget('w', -7), configMap('a', { k: '1' })))
      .keep();
    const text = (value: number): string =>
      `Invalid value: ${value}: spec.size in body should be greater than or equal to 0`;
    assert.deepEqual(files.told, [
      `error NotApplied Widget w spec.size ${text(-7)}`,
      `error NotApplied Widget x spec.size ${text(-1)}`,
    ]);
    assert.deepEqual(
      files.failures.map(({ lastGoodServes }) => lastGoodServes),
      [true, false],
    );
    assert.deepEqual((await cluster.read(`${widgetsPath}/w`))?.['spec'], { size: 1 });
    assert.deepEqual(await cluster.readData('a'), { k: '1' });
    assert.equal(files.isWaiting, false);
    await files
      .write('f', manyDocuments(widgetDefinition(), widget('w', 7), configMap('a', { k: '1' })))
      .write('g', null)
      .keep();
    assert.deepEqual([(await cluster.read(`${widgetsPath}/w`))?.['spec'], files.told], [{ size: 7 }, []]);
  });

  it('waits for its kind', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, { f: manyDocuments(widget('w', 1), widget('w', 1, '../a')) });
    assert.deepEqual(
      files.told.map((text) => text.slice(0, 66)),
      [
        'warning NotApplied Widget w - the API serves no kind "Widget" in "a',
        'warning NotApplied Widget w - the API serves no kind "Widget" in ".',
      ].map((text) => text.slice(0, 66)),
    );
    await cluster.create(definitionsPath, JSON.parse(widgetDefinition()));
    await files.retry();
    assert.deepEqual((await cluster.read(`${widgetsPath}/w`))?.['spec'], { size: 1 });
    assert.equal(files.told.length, 1);
  });

  it('comes back with a definition that was taken away', async (test) => {
    const cluster = startCluster(test);
    const files = await filesOf(cluster, { f: widgetDefinition(), g: widget('w', 1) });
    await files.write('f', null).keep();
    assert.equal(await cluster.read(`${widgetsPath}/w`), null);
    await files.write('f', widgetDefinition()).keep();
    assert.deepEqual((await cluster.read(`${widgetsPath}/w`))?.['spec'], { size: 1 });
  });

  it('comes back with a namespace that was deleted', async (test) => {
    const cluster = startCluster(test);
    const namespace = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"a":"b"}}}';
    const files = await filesOf(cluster, { f: namespace, g: configMap('a', { k: '1' }, 'shop') });
    await files.write('g', null).keep();
    await cluster.delete('/api/v1/namespaces/shop');
    while ((await cluster.read('/api/v1/namespaces/shop')) !== null) await new Promise(setImmediate);
    await files.write('g', configMap('a', { k: '2' }, 'shop')).keep();
    assert.deepEqual([await cluster.readData('a', 'shop'), files.told], [{ k: '2' }, []]);
  });
});
