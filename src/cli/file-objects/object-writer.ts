// ObjectWriter: applies documents. An object that is there and was not made from a file is left alone. Where somebody changed a field of
// an object that was, the file wins if its document changed; otherwise that field is left out and the rest is applied.
import type { ApiCall, ApiReply } from '../../sources/index.ts';
import type { ApiCalls } from './api-calls.ts';
import { type ApiKind, objectPath, textOf } from './api-kinds.ts';
import { findNonFinite, isBare, renderBody } from './document-body.ts';
import { dropField, type FieldConflict, readConflicts } from './field-conflicts.ts';
import type { FileObject } from './file-object.ts';
import { fileManager, isMadeFromFile, metadataOf } from './file-ownership.ts';
import {
  endingObject,
  type Finding,
  foreignObject,
  keptEdit,
  refusedObject,
  unwritableNumber,
} from './finding.ts';
import type { RawManifest } from '../../sources/index.ts';

/** A document and where the API holds its object. */
export interface WriteTarget {
  readonly object: FileObject;
  readonly kind: ApiKind;
  /** Empty for kinds that have none. */
  readonly namespace: string;
}

/** What is being written. */
interface Writing extends WriteTarget {
  /** As it was when the writing began; a newer one is written next time. */
  readonly raw: RawManifest;
  readonly path: string;
  readonly force: boolean;
  /** Of the object as it is; empty: there is none. */
  readonly uid: string;
  body: RawManifest;
  readonly kept: Finding[];
}

/** Refusals that only another document can answer. */
const finalStatuses: ReadonlySet<number> = new Set([400, 405, 406, 413, 415, 422]);
/** One apply tells all of its conflicts; others can come up when a list item is left out. */
const maxAttempts = 5;

export class ObjectWriter {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Applies documents together, and puts down how it went in each. The targets whose object was made. */
  async apply(targets: readonly WriteTarget[]): Promise<readonly WriteTarget[]> {
    const writable = targets.filter((target) => isWritable(target));
    const paths = writable.map(({ object, kind, namespace }) => objectPath(kind, namespace, object.ref.name));
    const replies = await this.#calls.all(paths.map((path) => ({ method: 'GET', path })));
    let writings = writable.flatMap((target, index) => {
      const [path, reply] = [paths[index], replies[index]];
      if (path === undefined || reply === undefined) return [];
      const writing = judge(target, path, reply);
      return writing === null ? [] : [writing];
    });
    const made: WriteTarget[] = [];
    for (let attempt = 1; writings.length > 0; attempt += 1) {
      const answers = await this.#calls.all(writings.map(applyCall));
      writings = writings.filter((writing, index) => {
        const answer = answers[index];
        if (answer === undefined) return false;
        if (answer.status === 201) made.push(writing);
        return attempt < maxAttempts && leaveConflictsOut(writing, answer)
          ? true
          : (settle(writing, answer), false);
      });
    }
    return made;
  }
}

function isWritable({ object }: WriteTarget): boolean {
  const field = findNonFinite(object.raw);
  if (field === null) return true;
  finish(object, object.raw, 'settled', [unwritableNumber(field)]);
  return false;
}

/** Decides by what is there. Null: nothing is written, and the object says why. */
function judge(target: WriteTarget, path: string, { status, value }: ApiReply): Writing | null {
  const { object, kind, namespace } = target;
  const { raw } = object;
  const body = renderBody(raw, kind.isNamespaced ? namespace : null);
  const writing = { ...target, raw, path, force: object.hasChanged, body, kept: [] };
  if (status === 404) return { ...writing, force: false, uid: '' };
  if (status !== 200) {
    finish(object, raw, 'waiting', refusedObject(status, value, false));
    return null;
  }
  const metadata = metadataOf(value);
  const uid = textOf(metadata, 'uid');
  if (metadata['deletionTimestamp'] !== undefined) {
    finish(object, raw, 'waiting', [endingObject()]);
    return null;
  }
  if (isMadeFromFile(value) || (uid !== '' && uid === object.uid)) return { ...writing, uid };
  const isFulfilled = isBare(body);
  if (isFulfilled) finish(object, raw, 'settled', []);
  else finish(object, raw, 'waiting', [foreignObject(kind.kind)]);
  return null;
}

function applyCall({ path, force, body }: Writing): ApiCall {
  return {
    method: 'PATCH',
    path,
    query: { fieldManager: fileManager, ...(force ? { force: 'true' } : {}) },
    contentType: 'application/apply-patch+yaml',
    body,
  };
}

/** Takes what conflicts out of the body. False: the answer is no conflict, or one that the body does not explain. */
function leaveConflictsOut(writing: Writing, { status, value }: ApiReply): boolean {
  const conflicts = status === 409 ? readConflicts(value) : [];
  let { body } = writing;
  const kept: Finding[] = [];
  for (const conflict of conflicts) {
    const without = dropField(body, conflict.path);
    if (without === null) return false;
    body = without.body;
    kept.push(keptEdit(fieldIn(writing.raw, conflict), conflict));
  }
  writing.body = body;
  writing.kept.push(...kept);
  return conflicts.length > 0;
}

/** The field by the indexes of the whole document. */
function fieldIn(raw: RawManifest, { path }: FieldConflict): string {
  return dropField(raw, path)?.field ?? '';
}

function settle(writing: Writing, { status, value }: ApiReply): void {
  const { object, raw, kept, uid } = writing;
  if (status === 200 || status === 201) {
    object.uid = textOf(metadataOf(value), 'uid');
    finish(object, raw, 'settled', kept);
    return;
  }
  if (uid !== '') object.uid = uid;
  const conflicts = status === 409 ? readConflicts(value) : [];
  if (conflicts.length > 0) {
    finish(
      object,
      raw,
      'settled',
      conflicts.map((conflict) => keptEdit(fieldIn(raw, conflict), conflict)),
    );
    return;
  }
  const state = finalStatuses.has(status) ? 'settled' : 'waiting';
  finish(object, raw, state, refusedObject(status, value, uid !== ''));
}

function finish(
  object: FileObject,
  raw: RawManifest,
  state: 'waiting' | 'settled',
  findings: readonly Finding[],
): void {
  object.findings = findings;
  // A document that changed while this one was written is still due.
  if (object.raw === raw) object.state = state;
}
