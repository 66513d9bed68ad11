// What FileSource gives to those who apply documents: documents of every kind as they are written, told apart by their API group,
// with last good versions and duplicates as for the kinds that are known. Standard input and an inventory; no watching.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { FileFailure, ManifestChange, ObjectChange } from '../object-change.ts';
import { FileSource } from './file-source.ts';
import { Inventory } from './inventory.ts';
import { loadText } from './load-text.ts';
import { manifestText } from './read-text.ts';

const settings = { defaultNamespace: 'default', allowLoopback: true, keepsManifests: true };

/** One file per name, as texts that change. */
class Files {
  readonly #inventory = new Inventory();

  write(file: string, text: string | null): readonly ManifestChange[] {
    const loaded = text === null ? null : loadText(file, manifestText(Buffer.from(text)), settings);
    this.#inventory.update(file, loaded);
    return this.#inventory.takeChanges().manifests;
  }

  failures(): readonly string[] {
    return this.#inventory
      .failures()
      .map(({ file, line, code, field, message }) => `${file}:${line} ${code} ${field} ${message}`);
  }
}

const widget = (version: string, size: unknown, namespace?: string): string =>
  JSON.stringify({
    apiVersion: version,
    kind: 'Widget',
    metadata: { name: 'w', ...(namespace === undefined ? {} : { namespace }) },
    spec: { size },
  });

const kinds = (changes: readonly ManifestChange[]): string[] =>
  changes.map(
    ({ kind, ref, apiVersion }) => `${kind} ${apiVersion} ${ref.kind} ${ref.namespace ?? '-'} ${ref.name}`,
  );

interface Delivery {
  readonly changes: readonly ObjectChange[];
  readonly manifests: readonly ManifestChange[];
  readonly failures: readonly FileFailure[];
  readonly source: FileSource;
}

async function readOnce(text: string): Promise<Delivery> {
  let manifests: readonly ManifestChange[] = [];
  let delivered: Pick<Delivery, 'changes' | 'failures'> | null = null;
  const source = new FileSource({
    paths: ['-'],
    ...settings,
    stdin: Readable.from([Buffer.from(text)]),
    watch: false,
    onManifests: (changes) => {
      assert.equal(delivered, null, 'documents come before objects');
      manifests = changes;
    },
    onChanges: (changes, failures) => {
      delivered = { changes, failures };
    },
  });
  await source.start();
  await source.stop();
  assert.ok(delivered !== null);
  return { ...(delivered as Pick<Delivery, 'changes' | 'failures'>), manifests, source };
}

describe('documents of a file source', () => {
  it('are given as they are written, for kinds that are known and not known', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }] },
    };
    const { changes, manifests, failures, source } = await readOnce(
      `${JSON.stringify(service)}\n---\n${widget('a.example/v1', 1)}`,
    );
    assert.deepEqual(
      changes.map((change) => change.kind === 'set' && change.object.kind),
      ['Service'],
    );
    assert.deepEqual(manifests, [
      {
        kind: 'set',
        ref: { kind: 'Service', namespace: 'default', name: 's' },
        apiVersion: 'v1',
        raw: service,
      },
      {
        kind: 'set',
        ref: { kind: 'Widget', name: 'w' },
        apiVersion: 'a.example/v1',
        raw: JSON.parse(widget('a.example/v1', 1)),
      },
    ]);
    assert.deepEqual([failures, source.ignoredKinds().size], [[], 0]);
    const ref = { kind: 'Widget', name: 'w' };
    assert.deepEqual(source.locate(ref, 'spec.size', 'a.example/v1'), { file: '<stdin>', line: 3 });
    assert.equal(source.locate(ref, 'spec.size', 'b.example/v1'), null);
  });

  it('come converted where no server knows the version any more', async () => {
    const legacy = {
      apiVersion: 'extensions/v1beta1',
      kind: 'Ingress',
      metadata: { name: 'old' },
      spec: { backend: { serviceName: 'a', servicePort: 80 } },
    };
    const { manifests } = await readOnce(JSON.stringify(legacy));
    const [change] = manifests;
    assert.ok(change?.kind === 'set');
    assert.equal(change.apiVersion, 'networking.k8s.io/v1');
    assert.equal(change.raw['apiVersion'], 'networking.k8s.io/v1');
    assert.deepEqual(change.raw['spec'], {
      defaultBackend: { service: { name: 'a', port: { number: 80 } } },
    });
  });

  it('need a name, and metadata that can be read', async () => {
    const nameless = '{"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"x-"}}';
    const unreadable = '{"apiVersion":"a.example/v1","kind":"Widget","metadata":{"name":"w","labels":7}}';
    const { manifests, failures } = await readOnce(`${nameless}\n---\n${unreadable}`);
    assert.deepEqual(manifests, []);
    assert.match(failures[0]?.message ?? '', /^metadata.name: Required value/);
    assert.deepEqual(
      failures.map(({ line, code, object, field }) => [line, code, object?.kind, field]),
      [
        [1, 'InvalidObject', 'Pod', ''],
        [3, 'InvalidObject', 'Widget', 'metadata.labels'],
      ],
    );
  });

  it('of two groups with one kind are two objects; two versions of a group are one', () => {
    const files = new Files();
    assert.deepEqual(
      kinds(files.write('a', `${widget('a.example/v1', 1)}\n---\n${widget('b.example/v1', 1)}`)),
      ['set a.example/v1 Widget - w', 'set b.example/v1 Widget - w'],
    );
    assert.deepEqual(
      kinds(files.write('a', `${widget('a.example/v2', 1)}\n---\n${widget('b.example/v1', 1)}`)),
      ['set a.example/v2 Widget - w'],
    );
    assert.deepEqual(kinds(files.write('a', widget('b.example/v1', 1))), ['removed a.example/v2 Widget - w']);
  });

  it('without a namespace are the same object as in the default one', () => {
    const files = new Files();
    files.write('a', widget('a.example/v1', 1));
    assert.deepEqual(files.write('b', widget('a.example/v1', 2, 'default')), []);
    assert.deepEqual(files.failures(), [
      'b:1 DuplicateObject  the same object is in "a", line 1, which counts; this one has no effect',
    ]);
    assert.deepEqual(kinds(files.write('a', null)), ['set a.example/v1 Widget default w']);
  });

  it('keep their last good version while they are broken, and change only when their content does', () => {
    const files = new Files();
    files.write('a', widget('a.example/v1', 1));
    assert.deepEqual(files.write('a', 'a: ['), []);
    assert.deepEqual(
      files.write('a', '{"apiVersion":"a.example/v1","kind":"Widget","metadata":{"name":"w","labels":7}}'),
      [],
    );
    assert.deepEqual(files.write('a', `# a comment\n${widget('a.example/v1', 1)}`), []);
    assert.deepEqual(kinds(files.write('a', widget('a.example/v1', 2))), ['set a.example/v1 Widget - w']);
  });
});
