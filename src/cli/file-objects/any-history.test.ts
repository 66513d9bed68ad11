// Any history of files, kubectl and restarts ends as a few rules say: the model below knows only the rules of
// docs/guides/manifests-and-kubectl.md, the real API and the real applier must agree with it after each step.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  configMap,
  configMapPath,
  configMapsPath,
  manyDocuments,
  TestCluster,
  TestFiles,
} from './file-objects.fixture.ts';

const names = ['a', 'b', 'c'] as const;
const fileNames = ['f', 'g'] as const;
type Name = (typeof names)[number];

/** What a file holds: values of objects, or a text that cannot be read. */
type FileText = ReadonlyMap<Name, string> | 'broken' | null;

type Action =
  | { readonly kind: 'write'; readonly file: string; readonly text: FileText }
  | { readonly kind: 'create' | 'delete' | 'edit'; readonly name: Name; readonly value: string }
  | { readonly kind: 'retry' | 'restart' };

const value = fc.constantFrom('1', '2', '3');
const fileText: fc.Arbitrary<FileText> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 3 })
      .map((pairs) => new Map(pairs)),
  },
  { weight: 1, arbitrary: fc.constantFrom<FileText>('broken', null) },
);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      file: fc.constantFrom(...fileNames),
      text: fileText,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('create' as const, 'delete' as const, 'edit' as const),
      name: fc.constantFrom(...names),
      value,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('retry' as const, 'restart' as const) }) },
);

interface ModelObject {
  readonly owner: 'files' | 'kubectl';
  readonly value: string;
  /** kubectl set the value after the files did. */
  readonly isEdited: boolean;
}

class Model {
  readonly api = new Map<Name, ModelObject>();
  readonly #texts = new Map<string, FileText>();
  /** By file, while the program runs. */
  #lastGood = new Map<string, ReadonlyMap<Name, string>>();
  #held = new Map<Name, string>();
  readonly #waiting = new Set<Name>();

  take(action: Action): void {
    if (action.kind === 'write') this.#texts.set(action.file, action.text);
    else if (action.kind === 'create' || action.kind === 'delete' || action.kind === 'edit')
      this.#takeKubectl(action);
    if (action.kind === 'restart') {
      this.#lastGood = new Map();
      this.#held = new Map();
      this.#waiting.clear();
    }
    if (action.kind === 'retry') for (const name of [...this.#waiting]) this.#apply(name, true);
    this.#keep();
  }

  #takeKubectl({
    kind,
    name,
    value,
  }: {
    kind: 'create' | 'delete' | 'edit';
    name: Name;
    value: string;
  }): void {
    const object = this.api.get(name);
    if (kind === 'create' && object === undefined)
      this.api.set(name, { owner: 'kubectl', value, isEdited: false });
    if (kind === 'delete') this.api.delete(name);
    if (kind === 'edit' && object !== undefined && object.value !== value) {
      this.api.set(name, { ...object, value, isEdited: true });
    }
  }

  #keep(): void {
    const held = this.#readFiles();
    const before = this.#held;
    this.#held = held;
    for (const [name, value] of held) if (before.get(name) !== value) this.#apply(name, before.has(name));
    for (const name of names) {
      if (held.has(name)) continue;
      this.#waiting.delete(name);
      const isLeft = !before.has(name);
      const isCertain = !isLeft || ![...this.#texts.values()].includes('broken');
      if (this.api.get(name)?.owner === 'files' && isCertain) this.api.delete(name);
    }
  }

  /** Of an object in two files the first counts. A broken file is what it was. */
  #readFiles(): Map<Name, string> {
    const held = new Map<Name, string>();
    for (const file of fileNames) {
      const text = this.#texts.get(file) ?? null;
      if (text !== 'broken') this.#lastGood.set(file, text ?? new Map());
      for (const [name, value] of this.#lastGood.get(file) ?? []) if (!held.has(name)) held.set(name, value);
    }
    return held;
  }

  #apply(name: Name, fileWins: boolean): void {
    const value = this.#held.get(name);
    const object = this.api.get(name);
    if (value === undefined) return;
    this.#waiting.delete(name);
    if (object?.owner === 'kubectl') this.#waiting.add(name);
    else if (object?.isEdited === true && !fileWins) return;
    else this.api.set(name, { owner: 'files', value, isEdited: false });
  }
}

/** `fixed` keeps the object the files' even where its value was edited. */
function renderText(text: FileText): string | null {
  if (text === null) return null;
  if (text === 'broken') return 'a: [';
  return manyDocuments(...[...text].map(([name, value]) => configMap(name, { fixed: name, value })));
}

async function act(cluster: TestCluster, files: TestFiles, action: Action): Promise<void> {
  switch (action.kind) {
    case 'write':
      files.write(action.file, renderText(action.text));
      break;
    case 'create':
      await cluster.create(configMapsPath, JSON.parse(configMap(action.name, { value: action.value })));
      break;
    case 'delete':
      await cluster.delete(configMapPath(action.name));
      break;
    case 'edit':
      await cluster.edit(configMapPath(action.name), { data: { value: action.value } });
      break;
    case 'retry':
      await files.retry();
      break;
    case 'restart':
  }
}

async function checkHistory(history: readonly Action[]): Promise<void> {
  const cluster = new TestCluster();
  try {
    const model = new Model();
    const texts = new Map<string, string | null>();
    let files = new TestFiles(cluster);
    await files.keep();
    for (const action of history) {
      model.take(action);
      if (action.kind === 'write') texts.set(action.file, renderText(action.text));
      if (action.kind === 'restart') {
        files = new TestFiles(cluster);
        for (const [file, text] of texts) files.write(file, text);
      }
      await act(cluster, files, action);
      await files.keep();
      for (const name of names) {
        const object = model.api.get(name);
        const fixed = object?.owner === 'files' ? { fixed: name } : {};
        const want = object === undefined ? null : { ...fixed, value: object.value };
        assert.deepEqual(await cluster.readData(name), want, `${name} after ${JSON.stringify(action)}`);
      }
    }
  } finally {
    await cluster.stop();
  }
}

describe('any history of files, kubectl and restarts', () => {
  it('leaves the files’ objects as the files have them and everybody else’s untouched', async () => {
    await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), checkHistory), {
      numRuns: 100,
    });
  });
});
