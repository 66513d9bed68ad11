// ObjectRemover: deletes objects that were made from files and that no file holds any more. What others made stays: a namespace is never
// deleted, and a CustomResourceDefinition only when all of its objects are the files'.
import { isJsonObject } from '../../kube/index.ts';
import type { ApiCall, ApiReply } from '../../sources/index.ts';
import type { ApiCalls } from './api-calls.ts';
import { type ApiKind, collectionPath, listOf, objectPath, textOf, versionPath } from './api-kinds.ts';
import { isMadeFromFile, metadataOf } from './file-ownership.ts';

export interface RemoveTarget {
  readonly kind: ApiKind;
  /** Empty for kinds that have none. */
  readonly namespace: string;
  readonly name: string;
  /** Of the object that was applied; empty when this process applied none. */
  readonly uid: string;
}

export interface Removal<Target extends RemoveTarget> {
  readonly target: Target;
  /**
   * - `deleted`: by this call.
   * - `left`: it is gone, or it is somebody else's.
   * - `needed`: others have made objects of this kind.
   * - `failed`: the API refused; `reason` says why.
   */
  readonly outcome: 'deleted' | 'left' | 'needed' | 'failed';
  readonly reason: string;
}

const definitionGroup = 'apiextensions.k8s.io';

export function isDefinition({ group, kind }: ApiKind): boolean {
  return group === definitionGroup && kind === 'CustomResourceDefinition';
}

export function isNamespace({ group, kind }: ApiKind): boolean {
  return group === '' && kind === 'Namespace';
}

export class ObjectRemover {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  async remove<Target extends RemoveTarget>(targets: readonly Target[]): Promise<readonly Removal<Target>[]> {
    const candidates = targets.filter(({ kind }) => !isNamespace(kind));
    const paths = candidates.map(({ kind, namespace, name }) => objectPath(kind, namespace, name));
    const replies = await this.#calls.all(paths.map((path) => ({ method: 'GET', path })));
    const calls: { readonly target: Target; readonly call: ApiCall }[] = [];
    const done: Removal<Target>[] = targets
      .filter(({ kind }) => isNamespace(kind))
      .map((target) => ({ target, outcome: 'left', reason: '' }));
    for (const [index, target] of candidates.entries()) {
      const [path, reply] = [paths[index], replies[index]];
      if (path === undefined || reply === undefined) continue;
      const verdict = await this.#judge(target, reply);
      if (verdict === null) calls.push({ target, call: deleteCall(path, reply) });
      else done.push(verdict);
    }
    const answers = await this.#calls.all(calls.map(({ call }) => call));
    const deleted = calls.map(({ target }, index) => removalOf(target, answers[index]));
    return [...done, ...deleted];
  }

  /** Null: it is to be deleted. */
  async #judge<Target extends RemoveTarget>(
    target: Target,
    { status, value }: ApiReply,
  ): Promise<Removal<Target> | null> {
    if (status === 404) return { target, outcome: 'left', reason: '' };
    if (status !== 200) return { target, outcome: 'failed', reason: reasonOf(status, value) };
    const metadata = metadataOf(value);
    const isOurs = isMadeFromFile(value) || (target.uid !== '' && textOf(metadata, 'uid') === target.uid);
    const isEnding = metadata['deletionTimestamp'] !== undefined;
    if (!isOurs || isEnding) return { target, outcome: 'left', reason: '' };
    if (isDefinition(target.kind) && (await this.#hasForeignObjects(value))) {
      return { target, outcome: 'needed', reason: '' };
    }
    return null;
  }

  /** Whether others made objects of a defined kind; true when that cannot be told. */
  async #hasForeignObjects(definition: unknown): Promise<boolean> {
    const spec = isJsonObject(definition) ? definition['spec'] : undefined;
    const names = isJsonObject(spec) ? spec['names'] : undefined;
    const served = listOf(spec, 'versions').find(
      (version) => isJsonObject(version) && version['served'] === true,
    );
    if (served === undefined) return true;
    const version = versionPath(`${textOf(spec, 'group')}/${textOf(served, 'name')}`);
    const [reply] = await this.#calls.all([{ method: 'GET', path: `${version}/${textOf(names, 'plural')}` }]);
    // It was never brought into force, so there are none.
    if (reply?.status === 404) return false;
    return reply?.status !== 200 || listOf(reply.value, 'items').some((item) => !isMadeFromFile(item));
  }

  /** The objects of a kind that were made from files. @throws nothing: a kind that cannot be listed has none. */
  async list(kinds: readonly ApiKind[]): Promise<readonly RemoveTarget[]> {
    const targets: RemoveTarget[] = [];
    for (const kind of kinds) {
      const [reply] = await this.#calls.all([{ method: 'GET', path: collectionPath(kind) }]);
      for (const item of listOf(reply?.value, 'items')) {
        if (!isMadeFromFile(item)) continue;
        const metadata = metadataOf(item);
        const namespace = textOf(metadata, 'namespace');
        targets.push({ kind, namespace, name: textOf(metadata, 'name'), uid: textOf(metadata, 'uid') });
      }
    }
    return targets;
  }
}

function deleteCall(path: string, { value }: ApiReply): ApiCall {
  const preconditions = { uid: textOf(metadataOf(value), 'uid') };
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
  return { method: 'DELETE', path, body };
}

function removalOf<Target extends RemoveTarget>(
  target: Target,
  reply: ApiReply | undefined,
): Removal<Target> {
  const { status = 503, value = null } = reply ?? {};
  if (status === 200 || status === 202) return { target, outcome: 'deleted', reason: '' };
  // It went, or another one came in its place.
  if (status === 404 || status === 409) return { target, outcome: 'left', reason: '' };
  return { target, outcome: 'failed', reason: reasonOf(status, value) };
}

function reasonOf(status: number, value: unknown): string {
  const message = textOf(value, 'message');
  return message === '' ? `the API answered ${status}` : message;
}
