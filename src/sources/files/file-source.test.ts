// FileSource on real folders with real watchers. Nothing sleeps: every step waits for the delivery that it causes.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it, type TestContext } from 'node:test';
import type { FileFailure, ObjectChange } from '../object-change.ts';
import { FileSource, type FileSourceOptions } from './file-source.ts';
import { SourcePathError } from './source-path.ts';

interface Delivery {
  readonly changes: readonly ObjectChange[];
  readonly failures: readonly FileFailure[];
}

/** A folder, a source over it, and its deliveries in order. */
class Bench {
  readonly root: string;
  readonly deliveries: Delivery[] = [];
  readonly objects = new Map<string, string>();
  #waiting: (() => void) | null = null;
  source: FileSource | null = null;

  constructor(files: Readonly<Record<string, string>>) {
    this.root = mkdtempSync(join(tmpdir(), 'sallyport-source-'));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  async start(test: TestContext, options: Partial<FileSourceOptions> = {}): Promise<Delivery> {
    const source = new FileSource({
      paths: [this.root],
      defaultNamespace: 'default',
      allowLoopback: true,
      onChanges: (changes, failures) => this.#take({ changes, failures }),
      ...options,
    });
    this.source = source;
    test.after(async () => {
      await source.stop();
      rmSync(this.root, { recursive: true, force: true });
    });
    await source.start();
    return this.next();
  }

  /** The next delivery that nobody has taken. */
  async next(): Promise<Delivery> {
    while (this.deliveries.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
    }
    const delivery = this.deliveries.shift();
    assert.ok(delivery !== undefined);
    return delivery;
  }

  /** Takes deliveries until the condition holds. */
  async until(condition: (delivery: Delivery) => boolean): Promise<Delivery> {
    for (;;) {
      const delivery = await this.next();
      if (condition(delivery)) return delivery;
    }
  }

  #take(delivery: Delivery): void {
    for (const change of delivery.changes) {
      if (change.kind === 'removed') this.objects.delete(change.ref.name);
      else this.objects.set(change.object.metadata.name, pathOf(change));
    }
    this.deliveries.push(delivery);
    this.#waiting?.();
  }
}

/** An Ingress of one path; a path without its slash makes it invalid. */
function ingress(name: string, path = '/'): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  rules:
  - host: ${name}.example.com
    http:
      paths:
      - path: ${path}
        pathType: Prefix
        backend: {service: {name: ${name}, port: {number: 80}}}
`;
}

function pathOf(change: ObjectChange): string {
  const object = change.kind === 'set' ? change.object : null;
  return object?.kind === 'Ingress' ? (object.spec.rules?.[0]?.http?.paths[0]?.path ?? '') : '';
}

const summary = ({ changes }: Delivery): string[] =>
  changes
    .map((change) =>
      change.kind === 'set' ? `${change.object.metadata.name} ${pathOf(change)}` : `-${change.ref.name}`,
    )
    .sort();

const codes = ({ failures }: Delivery): string[] => failures.map(({ code }) => code);

describe('FileSource: the first load', () => {
  it('delivers all files as one change, in folders, with every suffix, and not the hidden ones', async (test) => {
    const bench = new Bench({
      'a.yaml': `${ingress('a')}---\n${ingress('a2')}`,
      'deep/er/b.yml': ingress('b'),
      'c.json': JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [] }),
      'd.json': `{"apiVersion":"v1","kind":"Service","metadata":{"name":"d"},"spec":{"ports":[{"port":80}]}}`,
      'notes.txt': 'not: [a manifest',
      '.hidden.yaml': 'not: [a manifest',
      '.git/x.yaml': 'not: [a manifest',
    });
    const first = await bench.start(test);
    assert.deepEqual(summary(first), ['a /', 'a2 /', 'b /', 'd ']);
    assert.deepEqual(first.failures, []);
  });

  it('delivers an empty change for an empty folder', async (test) => {
    assert.deepEqual(await new Bench({}).start(test), { changes: [], failures: [] });
  });

  it('reads a file named by the user whatever its name, and the items of a List', async (test) => {
    const items = ['x', 'z'].map((name) => `- ${ingress(name).trim().replaceAll('\n', '\n  ')}`).join('\n');
    const bench = new Bench({
      manifests: `apiVersion: v1\nkind: List\nitems:\n${items}\n`,
      'other.yaml': ingress('other'),
    });
    const first = await bench.start(test, { paths: [bench.path('manifests')] });
    assert.deepEqual(summary(first), ['x /', 'z /']);
    const location = bench.source?.locate(
      { kind: 'Ingress', namespace: 'default', name: 'z' },
      'metadata.name',
    );
    assert.deepEqual(location, { file: bench.path('manifests'), line: 19 });
  });

  it('reads standard input once', async (test) => {
    const bench = new Bench({});
    const stdin = Readable.from([
      Buffer.from(ingress('in').slice(0, 40)),
      Buffer.from(ingress('in').slice(40)),
    ]);
    const first = await bench.start(test, { paths: ['-'], stdin });
    assert.deepEqual(summary(first), ['in /']);
    const ref = { kind: 'Ingress', namespace: 'default', name: 'in' };
    assert.deepEqual(bench.source?.locate(ref, 'spec.rules[0].host'), { file: '<stdin>', line: 7 });
  });

  it('rejects a path that does not exist', async () => {
    const source = new FileSource({
      paths: ['/does/not/exist'],
      defaultNamespace: 'default',
      allowLoopback: true,
      onChanges: () => assert.fail('nothing to deliver'),
    });
    await assert.rejects(source.start(), (error) => {
      assert.ok(error instanceof SourcePathError);
      assert.equal(error.message, 'cannot read manifests from "/does/not/exist": no such file or folder');
      return true;
    });
    await source.stop();
  });

  it('says file, line, object, field and message of what is wrong', async (test) => {
    const bench = new Bench({
      'bad.yaml': `${ingress('good')}---\n${ingress('bad', 'x')}`,
      'syntax.yaml': 'a: [1\n',
    });
    const { changes, failures } = await bench.start(test);
    assert.deepEqual(changes.map(pathOf), ['/']);
    assert.deepEqual(
      failures.map(({ file, line, code, object, field }) => [file, line, code, object?.name, field]),
      [
        [bench.path('bad.yaml'), 23, 'InvalidObject', 'bad', 'spec.rules[0].http.paths[0].path'],
        [bench.path('syntax.yaml'), 2, 'SyntaxError', undefined, ''],
      ],
    );
    assert.equal(failures[0]?.message, 'Invalid value: "x": must be an absolute path');
  });

  it('serves an object of two files from the first path, and says so at the other', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('same', '/a'), 'b.yaml': ingress('same', '/b') });
    const first = await bench.start(test);
    assert.deepEqual(summary(first), ['same /a']);
    assert.deepEqual(
      [first.failures[0]?.file, first.failures[0]?.code],
      [bench.path('b.yaml'), 'DuplicateObject'],
    );
    unlinkSync(bench.path('a.yaml'));
    const second = await bench.next();
    assert.deepEqual([summary(second), second.failures], [['same /b'], []]);
  });

  it('reads a folder and a file reached by two ways once', async (test) => {
    const bench = new Bench({ 'real/a.yaml': ingress('a') });
    symlinkSync('..', bench.path('real/loop'));
    symlinkSync('a.yaml', bench.path('real/b.yaml'));
    const first = await bench.start(test, { paths: [bench.root, bench.path('real')] });
    assert.deepEqual([summary(first), first.failures], [['a /'], []]);
  });
});

describe('FileSource: changes', () => {
  it('delivers an edit, a new file, a replaced file, a removed file', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('a'), 'b.yaml': ingress('b') });
    await bench.start(test);
    bench.write('a.yaml', ingress('a', '/edited'));
    assert.deepEqual(summary(await bench.next()), ['a /edited']);
    bench.write('c.yaml', ingress('c'));
    assert.deepEqual(summary(await bench.next()), ['c /']);
    bench.write('.b.yaml.tmp', ingress('b', '/replaced'));
    renameSync(bench.path('.b.yaml.tmp'), bench.path('b.yaml'));
    assert.deepEqual(summary(await bench.next()), ['b /replaced']);
    unlinkSync(bench.path('a.yaml'));
    assert.deepEqual(summary(await bench.next()), ['-a']);
  });

  it('delivers only the objects of a file that differ', async (test) => {
    const bench = new Bench({ 'a.yaml': `${ingress('a')}---\n${ingress('b')}` });
    await bench.start(test);
    bench.write('a.yaml', `# a comment\n${ingress('a')}---\n${ingress('b', '/new')}`);
    assert.deepEqual(summary(await bench.next()), ['b /new']);
    const location = bench.source?.locate({ kind: 'Ingress', namespace: 'default', name: 'a' }, 'kind');
    assert.equal(location?.line, 3);
  });

  it('takes several edits within a moment as one change', async (test) => {
    const bench = new Bench({});
    await bench.start(test);
    for (let i = 0; i < 30; i += 1) bench.write(`f${i}.yaml`, ingress(`f${i}`));
    assert.equal((await bench.next()).changes.length, 30);
  });

  it('sees folders that appear, are renamed and go', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('a') });
    await bench.start(test);
    bench.write('new/deep/b.yaml', ingress('b'));
    assert.deepEqual(summary(await bench.next()), ['b /']);
    bench.write('new/deep/b.yaml', ingress('b', '/edited'));
    assert.deepEqual(summary(await bench.next()), ['b /edited']);
    renameSync(bench.path('new'), bench.path('moved'));
    bench.write('moved/deep/c.yaml', ingress('c'));
    await bench.until((delivery) => summary(delivery).includes('c /'));
    bench.write('moved/deep/b.yaml', ingress('b', '/moved'));
    await bench.until((delivery) => summary(delivery).includes('b /moved'));
    rmSync(bench.path('moved'), { recursive: true });
    await bench.until(() => bench.objects.size === 1);
    assert.deepEqual([...bench.objects.keys()], ['a']);
  });

  it('follows the swap of a ConfigMap volume as one change', async (test) => {
    const bench = new Bench({ '..v1/a.yaml': ingress('a', '/one'), '..v1/b.yaml': ingress('b', '/one') });
    symlinkSync('..v1', bench.path('..data'));
    for (const name of ['a.yaml', 'b.yaml']) symlinkSync(`..data/${name}`, bench.path(name));
    assert.deepEqual(summary(await bench.start(test)), ['a /one', 'b /one']);
    bench.write('..v2/a.yaml', ingress('a', '/two'));
    bench.write('..v2/b.yaml', ingress('b', '/two'));
    symlinkSync('..v2', bench.path('..data_tmp'));
    renameSync(bench.path('..data_tmp'), bench.path('..data'));
    rmSync(bench.path('..v1'), { recursive: true });
    assert.deepEqual(summary(await bench.next()), ['a /two', 'b /two']);
    // The old folder's name again: its first watch died with it.
    bench.write('..v1/a.yaml', ingress('a', '/three'));
    bench.write('..v1/b.yaml', ingress('b', '/two'));
    symlinkSync('..v1', bench.path('..data_tmp'));
    renameSync(bench.path('..data_tmp'), bench.path('..data'));
    assert.deepEqual(summary(await bench.next()), ['a /three']);
    bench.write('..v1/b.yaml', ingress('b', '/in-place'));
    assert.deepEqual(summary(await bench.next()), ['b /in-place']);
  });

  it('sees its own folder removed and made again', async (test) => {
    const bench = new Bench({ 'root/a.yaml': ingress('a') });
    await bench.start(test, { paths: [bench.path('root')] });
    rmSync(bench.path('root'), { recursive: true });
    assert.deepEqual(summary(await bench.next()), ['-a']);
    bench.write('root/a.yaml', ingress('a', '/again'));
    assert.deepEqual(summary(await bench.next()), ['a /again']);
    bench.write('root/b.yaml', ingress('b'));
    assert.deepEqual(summary(await bench.next()), ['b /']);
  });

  it('sees a write to the target of a link outside of the folder', async (test) => {
    const outside = new Bench({ 'target.yaml': ingress('t') });
    after(() => rmSync(outside.root, { recursive: true, force: true }));
    const bench = new Bench({});
    symlinkSync(outside.path('target.yaml'), bench.path('link.yaml'));
    assert.deepEqual(summary(await bench.start(test)), ['t /']);
    outside.write('target.yaml', ingress('t', '/new'));
    assert.deepEqual(summary(await bench.next()), ['t /new']);
  });

  it('sees a single file replaced, removed and made again', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('a') });
    await bench.start(test, { paths: [bench.path('a.yaml')] });
    bench.write('tmp', ingress('a', '/replaced'));
    renameSync(bench.path('tmp'), bench.path('a.yaml'));
    assert.deepEqual(summary(await bench.next()), ['a /replaced']);
    unlinkSync(bench.path('a.yaml'));
    assert.deepEqual(summary(await bench.next()), ['-a']);
    bench.write('a.yaml', ingress('a', '/again'));
    assert.deepEqual(summary(await bench.next()), ['a /again']);
  });

  it('finds by looking again what no event told', async (test) => {
    const bench = new Bench({});
    // Quiet time far beyond the test: only the slow look can find anything.
    const times = { quietMs: 3_600_000, holdMs: 3_600_000, rescanMs: 20 };
    await bench.start(test, { times });
    bench.write('a.yaml', ingress('a'));
    assert.deepEqual(summary(await bench.next()), ['a /']);
    unlinkSync(bench.path('a.yaml'));
    assert.deepEqual(summary(await bench.next()), ['-a']);
  });
});

describe('FileSource: what breaks keeps its last good version', () => {
  it('keeps the objects of a file with a syntax error', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('a'), 'b.yaml': ingress('b') });
    await bench.start(test);
    bench.write('a.yaml', `${ingress('a', '/new')}  broken: [\n`);
    const broken = await bench.next();
    assert.deepEqual([summary(broken), codes(broken)], [[], ['SyntaxError']]);
    assert.equal(broken.failures[0]?.lastGoodServes, true);
    bench.write('b.yaml', ingress('b', '/new'));
    assert.deepEqual(summary(await bench.next()), ['b /new']);
    bench.write('a.yaml', ingress('a', '/fixed'));
    const fixed = await bench.next();
    assert.deepEqual([summary(fixed), codes(fixed)], [['a /fixed'], []]);
  });

  it('keeps an invalid object and takes its neighbours', async (test) => {
    const bench = new Bench({ 'a.yaml': `${ingress('a')}---\n${ingress('b')}` });
    await bench.start(test);
    bench.write('a.yaml', `${ingress('a', 'invalid')}---\n${ingress('b', '/new')}`);
    const broken = await bench.next();
    assert.deepEqual([summary(broken), codes(broken)], [['b /new'], ['InvalidObject']]);
    assert.equal(broken.failures[0]?.lastGoodServes, true);
    bench.write('a.yaml', ingress('b', '/new'));
    const removed = await bench.next();
    assert.deepEqual([summary(removed), codes(removed)], [['-a'], []]);
  });

  it('does not tell of a save in two steps', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('a'), 'b.yaml': ingress('b') });
    // The second look is an hour away: what is delivered in the test was not confirmed by it.
    await bench.start(test, { times: { confirmMs: 3_600_000 } });
    for (const halfway of ['', 'broken: [', ingress('a', 'invalid')]) {
      bench.write('a.yaml', halfway);
      bench.write('b.yaml', ingress('b', `/${halfway.length}`));
      const during = await bench.next();
      assert.deepEqual([summary(during), during.failures], [[`b /${halfway.length}`], []]);
      bench.write('a.yaml', ingress('a', `/after-${halfway.length}`));
      const afterwards = await bench.next();
      assert.deepEqual([summary(afterwards), afterwards.failures], [[`a /after-${halfway.length}`], []]);
    }
    renameSync(bench.path('a.yaml'), bench.path('a.yaml~'));
    bench.write('b.yaml', ingress('b', '/while-gone'));
    assert.deepEqual(summary(await bench.next()), ['b /while-gone']);
    bench.write('a.yaml', ingress('a', '/back'));
    assert.deepEqual(summary(await bench.next()), ['a /back']);
  });

  it('moves an object between files without removing it', async (test) => {
    const bench = new Bench({ 'a.yaml': ingress('x'), 'b.yaml': ingress('b') });
    await bench.start(test);
    bench.write('z.yaml', ingress('x'));
    unlinkSync(bench.path('a.yaml'));
    bench.write('b.yaml', ingress('b', '/1'));
    assert.deepEqual(summary(await bench.next()), ['b /1']);
    bench.write('z.yaml', ingress('x', '/edited'));
    const edited = await bench.next();
    assert.deepEqual([summary(edited), edited.failures], [['x /edited'], []]);
  });
});
