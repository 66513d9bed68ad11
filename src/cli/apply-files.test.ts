// FileApplier on a real folder and the real API in process. Nothing sleeps: each step waits for what the API is told or for failures.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type FileFailure, SourcePathError } from '../sources/index.ts';
import { FileApplier } from './apply-files.ts';
import {
  configMap,
  configMapPath,
  configMapsPath,
  LogLines,
  TestCluster,
} from './file-objects/file-objects.fixture.ts';

class Bench {
  readonly cluster = new TestCluster();
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-applied-'));
  readonly log = new LogLines();
  readonly applier: FileApplier;
  readonly tellings: (readonly FileFailure[])[] = [];
  /** Timers that are set, by what they run. */
  readonly timers = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  readonly #watch = new AbortController();

  constructor(test: TestContext, paths?: readonly string[]) {
    const { client, server } = this.cluster;
    this.applier = new FileApplier({
      client,
      batch: (run) => server.batch(run),
      source: { paths: paths ?? [this.folder], defaultNamespace: 'default', allowLoopback: true },
      onFailures: (failures) => {
        this.tellings.push(failures);
        this.#wake();
      },
      log: this.log,
      startTimer: (_delayMs, run) => {
        this.timers.add(run);
        this.#wake();
        return () => this.timers.delete(run);
      },
    });
    const query = { resourceVersion: '0' };
    void client.watch({ method: 'GET', path: configMapsPath, query, signal: this.#watch.signal }, () =>
      this.#wake(),
    );
    test.after(async () => {
      await this.applier.stop();
      this.#watch.abort();
      await this.cluster.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  get messages(): readonly string[] {
    return (this.tellings.at(-1) ?? []).map(
      ({ file, line, code, object }) =>
        `${file.slice(this.folder.length + 1)}:${line} ${code} ${object?.name ?? '-'}`,
    );
  }

  /** Resolves when the condition holds; looked at after each thing that happens. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      if (await condition()) return;
      await promise;
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

const edit = (name: string, k: string): string => configMap(name, { k, fixed: '1' });

describe('FileApplier', () => {
  it('has applied everything when it has started, and follows the files', async (test) => {
    const bench = new Bench(test);
    const { cluster } = bench;
    bench.write('a.yaml', edit('a', '1'));
    bench.write('b.yaml', edit('b', '1'));
    await bench.applier.start();
    assert.deepEqual([await cluster.readData('a'), bench.tellings], [{ k: '1', fixed: '1' }, [[]]]);
    bench.write('a.yaml', edit('a', '2'));
    await bench.until(async () => JSON.stringify(await cluster.readData('a')).includes('2'));
    unlinkSync(join(bench.folder, 'b.yaml'));
    await bench.until(async () => (await cluster.readData('b')) === null);
    assert.deepEqual([bench.tellings.length, bench.timers.size, bench.log.lines], [1, 0, []]);
  });

  it('tells what is wrong with file and line, its own and the source’s together', async (test) => {
    const bench = new Bench(test);
    await bench.cluster.create(configMapsPath, JSON.parse(edit('theirs', 'kubectl')));
    bench.write('a.yaml', 'a: [\n');
    bench.write('b.yaml', `# above\n---\n${edit('theirs', '1')}`);
    await bench.applier.start();
    assert.deepEqual(bench.messages, ['a.yaml:2 SyntaxError -', 'b.yaml:3 NotApplied theirs']);
    // The line moves with the text, though the document is the same.
    bench.write('b.yaml', `# above\n# again\n---\n${edit('theirs', '1')}`);
    bench.write('a.yaml', edit('a', '1'));
    await bench.until(() => bench.messages.join() === 'b.yaml:4 NotApplied theirs');
  });

  it('tells the line of a field that kubectl changed', async (test) => {
    const bench = new Bench(test);
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  l: "1"\n  k: "1"\n';
    const apply = { fieldManager: 'sallyport-files' };
    await bench.cluster.kubectl({
      method: 'PATCH',
      path: configMapPath('a'),
      query: apply,
      contentType: 'application/apply-patch+yaml',
      body: JSON.parse(configMap('a', { l: '1', k: '1' })),
    });
    await bench.cluster.edit(configMapPath('a'), { data: { k: 'edited' } });
    bench.write('a.yaml', text);
    await bench.applier.start();
    assert.deepEqual(bench.messages, ['a.yaml:7 EditKept a']);
  });

  it('tries again after a while what somebody else’s object holds up', async (test) => {
    const bench = new Bench(test);
    await bench.cluster.create(configMapsPath, JSON.parse(edit('a', 'kubectl')));
    bench.write('a.yaml', edit('a', '1'));
    await bench.applier.start();
    assert.equal(bench.timers.size, 1);
    await bench.cluster.delete(configMapPath('a'));
    const [timer] = bench.timers;
    bench.timers.clear();
    timer?.();
    await bench.until(() => bench.tellings.at(-1)?.length === 0);
    assert.deepEqual([await bench.cluster.readData('a'), bench.timers.size], [{ k: '1', fixed: '1' }, 0]);
  });

  it('touches nothing when a path cannot be read', async (test) => {
    const bench = new Bench(test, ['/does/not/exist']);
    await assert.rejects(bench.applier.start(), SourcePathError);
    assert.deepEqual([bench.tellings, bench.timers.size], [[], 0]);
  });

  it('applies and tells nothing after it was stopped', async (test) => {
    const bench = new Bench(test);
    await bench.cluster.create(configMapsPath, JSON.parse(edit('a', 'kubectl')));
    bench.write('a.yaml', edit('a', '1'));
    await bench.applier.start();
    await bench.applier.stop();
    assert.equal(bench.timers.size, 0);
    const told = bench.tellings.length;
    await bench.cluster.delete(configMapPath('a'));
    bench.write('b.yaml', edit('b', '1'));
    await new Promise(setImmediate);
    assert.deepEqual([await bench.cluster.readData('b'), bench.tellings.length], [null, told]);
  });

  it('survives an API that breaks, and tries again', async (test) => {
    const bench = new Bench(test);
    bench.write('a.yaml', edit('a', '1'));
    let isBroken = true;
    const { client, server } = bench.cluster;
    const timers: (() => void)[] = [];
    const tellings: (readonly FileFailure[])[] = [];
    const applier = new FileApplier({
      client: {
        call: (call) => (isBroken ? Promise.reject(new Error('the line is cut')) : client.call(call)),
        watch: () => assert.fail('nothing is watched'),
      },
      batch: (run) => server.batch(run),
      source: { paths: [bench.folder], defaultNamespace: 'default', allowLoopback: true },
      onFailures: (failures) => tellings.push(failures),
      log: bench.log,
      startTimer: (_delayMs, run) => (timers.push(run), () => undefined),
    });
    test.after(() => applier.stop());
    await applier.start();
    assert.deepEqual(
      tellings.at(-1)?.map(({ message }) => message),
      ['the API refuses it: the line is cut'],
    );
    isBroken = false;
    timers.shift()?.();
    await bench.until(async () => (await bench.cluster.readData('a')) !== null);
  });
});
