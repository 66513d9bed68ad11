// ObjectKeeper: one round of bringing the API to what the files hold: namespaces, definitions of kinds, classes, everything else; then what
// the files let go, in the opposite order. At the first round it also finds what an earlier run left behind.
import type { FileFailure } from '../../sources/index.ts';
import { isJsonObject } from '../../kube/index.ts';
import { renderObjectRef } from '../../model/index.ts';
import type { ApiCalls } from './api-calls.ts';
import { type ApiKind, type ApiKinds, textOf } from './api-kinds.ts';
import type { DroppedObject, FileObject, FileObjects } from './file-object.ts';
import { refusedObject, unknownKind } from './finding.ts';
import { blockingFailure, LeftBehind, type LeftObject } from './left-behind.ts';
import { createNamespaces, missingNamespaces } from './needed-namespaces.ts';
import {
  isDefinition,
  isNamespace,
  ObjectRemover,
  type Removal,
  type RemoveTarget,
} from './object-remover.ts';
import { ObjectWriter, type WriteTarget } from './object-writer.ts';

export interface KeeperLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface ObjectKeeperOptions {
  readonly objects: FileObjects;
  readonly calls: ApiCalls;
  readonly kinds: ApiKinds;
  readonly defaultNamespace: string;
  readonly log: KeeperLog;
  /** Lets others run. False: no more is to be done. */
  readonly pause: () => Promise<boolean>;
}

/** Objects of one step: as many as are read and written before others get a turn. */
const stepSize = 100;
/** Names in a log line. */
const maxNames = 20;

interface DroppedTarget extends RemoveTarget {
  readonly key: string;
  readonly dropped: DroppedObject;
}

export class ObjectKeeper {
  readonly #options: ObjectKeeperOptions;
  readonly #writer: ObjectWriter;
  readonly #remover: ObjectRemover;
  readonly #leftBehind: LeftBehind;
  #hasLookedBehind = false;
  /** The file for which left objects stay, as told last. */
  #toldBlocking = '';
  /** Removals that failed and were told. */
  readonly #toldFailed = new Set<string>();

  constructor(options: ObjectKeeperOptions) {
    this.#options = options;
    this.#writer = new ObjectWriter(options.calls);
    this.#remover = new ObjectRemover(options.calls);
    this.#leftBehind = new LeftBehind(options.defaultNamespace);
  }

  /** `failures`: what the source of the files says, which tells what may be in files that cannot be understood. */
  async keep(failures: readonly FileFailure[]): Promise<void> {
    await this.#wakeLostNamespaces();
    for (const stage of [isNamespaceObject, isDefinitionObject, isClassObject, isOther]) {
      this.#options.kinds.lookAgain();
      const due = this.#options.objects.due().filter(stage);
      for (let start = 0; start < due.length; start += stepSize) {
        const step = due.slice(start, start + stepSize);
        await this.#apply(step);
        this.#options.objects.note(step);
        if (!(await this.#options.pause())) return;
      }
    }
    await this.#removeDropped();
    if (!this.#hasLookedBehind) await this.#lookBehind();
    await this.#removeLeft(failures);
  }

  /** The failures, told that the API still has what an object was before it broke. */
  tellLastGood(failures: readonly FileFailure[]): readonly FileFailure[] {
    return this.#leftBehind.tellLastGood(failures);
  }

  async #apply(objects: readonly FileObject[]): Promise<void> {
    const { calls, kinds, objects: all, defaultNamespace } = this.#options;
    const targets: WriteTarget[] = [];
    for (const object of objects) {
      const kind = await this.#lookupKind(object);
      if (kind === null) continue;
      const namespace = kind.isNamespaced ? (object.ref.namespace ?? defaultNamespace) : '';
      targets.push({ object, kind, namespace });
    }
    const missing = await missingNamespaces(
      calls,
      targets.map(({ namespace }) => namespace),
    );
    // One that a document of the files is was made before, or has its own reason why not.
    await createNamespaces(
      calls,
      missing.filter((name) => all.lookup(this.#keyOfNamespace(name)) === undefined),
    );
    const made = await this.#writer.apply(targets);
    for (const { object, kind } of made) if (isDefinition(kind)) this.#wakeDefined(object);
    // A path that led nowhere is asked for again before the next try.
    for (const { object, kind } of targets) if (object.state === 'waiting') kinds.forget(kind.apiVersion);
  }

  /** Namespaces of the files that somebody deleted, when there is something to put into them. */
  async #wakeLostNamespaces(): Promise<void> {
    const { calls, objects, defaultNamespace } = this.#options;
    const needed = objects.due().map(({ ref }) => ref.namespace ?? defaultNamespace);
    for (const name of await missingNamespaces(calls, needed)) objects.wakeObject(this.#keyOfNamespace(name));
  }

  #keyOfNamespace(name: string): string {
    return this.#options.objects.keyOf({ kind: 'Namespace', name }, 'v1');
  }

  /** Null: there is none, and the object says so. */
  async #lookupKind(object: FileObject): Promise<ApiKind | null> {
    try {
      const kind = await this.#options.kinds.lookup(object.apiVersion, object.ref.kind);
      if (kind !== null) return kind;
      object.findings = [unknownKind(object.apiVersion, object.ref.kind)];
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      object.findings = refusedObject(503, { message }, false);
    }
    object.state = 'waiting';
    return null;
  }

  /** With an old definition all of its objects went. */
  #wakeDefined({ raw }: FileObject): void {
    const spec = raw['spec'];
    const names = isJsonObject(spec) ? spec['names'] : undefined;
    this.#options.objects.wakeKind(textOf(spec, 'group'), textOf(names, 'kind'));
  }

  async #removeDropped(): Promise<void> {
    const { objects, kinds, defaultNamespace } = this.#options;
    const targets: DroppedTarget[] = [];
    for (const [key, dropped] of objects.dropped()) {
      const { ref, apiVersion, uid } = dropped;
      const kind = await kinds.lookup(apiVersion, ref.kind).catch(() => undefined);
      if (kind === undefined) continue;
      if (kind === null) {
        // Without its kind the object is gone too.
        objects.forgetDropped(key, dropped);
        continue;
      }
      const namespace = kind.isNamespaced ? (ref.namespace ?? defaultNamespace) : '';
      targets.push({ key, dropped, kind, namespace, name: ref.name, uid });
    }
    for await (const { target, outcome, reason } of this.#removeInSteps(targets)) {
      if (outcome === 'failed') this.#tellFailed(target, reason);
      else objects.forgetDropped(target.key, target.dropped);
    }
  }

  async #lookBehind(): Promise<void> {
    const { objects, kinds, log } = this.#options;
    try {
      const present = await this.#remover.list(await kinds.writable());
      const uids = new Set([...objects.values()].map(({ uid }) => uid));
      for (const target of present) {
        const { kind, namespace, name } = target;
        if (isNamespace(kind) || uids.has(target.uid)) continue;
        const ref = namespace === '' ? { kind: kind.kind, name } : { kind: kind.kind, namespace, name };
        const key = objects.keyOf(ref, kind.apiVersion);
        if (objects.lookup(key) === undefined) this.#leftBehind.add({ ...target, key });
      }
      this.#hasLookedBehind = true;
    } catch (error) {
      log.warn(
        { err: error },
        'cannot look for objects that earlier files left behind; it is tried again at the next change',
      );
    }
  }

  async #removeLeft(failures: readonly FileFailure[]): Promise<void> {
    for (const key of this.#leftBehind.keys()) {
      if (this.#options.objects.lookup(key) !== undefined) this.#leftBehind.forget(key);
    }
    this.#tellBlocking(failures);
    const deleted: LeftObject[] = [];
    for await (const { target, outcome, reason } of this.#removeInSteps(this.#leftBehind.certain(failures))) {
      if (outcome === 'failed') this.#tellFailed(target, reason);
      else this.#leftBehind.forget(target.key);
      if (outcome === 'deleted') deleted.push(target);
    }
    if (deleted.length === 0) return;
    const names = deleted.slice(0, maxNames).map(renderTarget);
    const more = deleted.length > maxNames ? ` and ${deleted.length - maxNames} more` : '';
    this.#options.log.info(
      { count: deleted.length },
      `deleted what earlier files made and no file holds any more: ${names.join(', ')}${more}`,
    );
  }

  /** Definitions last, so that objects go by their own deletion. */
  async *#removeInSteps<Target extends RemoveTarget>(
    targets: readonly Target[],
  ): AsyncGenerator<Removal<Target>> {
    const { log, pause } = this.#options;
    const ordered = [...targets].sort((a, b) => Number(isDefinition(a.kind)) - Number(isDefinition(b.kind)));
    // A step of its own for each definition: its objects must be gone before it is judged.
    const others = ordered.filter(({ kind }) => !isDefinition(kind));
    for (let start = 0; start < ordered.length; ) {
      const end = start < others.length ? Math.min(start + stepSize, others.length) : start + 1;
      for (const removal of await this.#remover.remove(ordered.slice(start, end))) {
        if (removal.outcome === 'needed') {
          const name = renderTarget(removal.target);
          log.warn({}, `${name} is in no file any more but stays: others made objects of its kind`);
        }
        yield removal;
      }
      start = end;
      if (!(await pause())) return;
    }
  }

  #tellBlocking(failures: readonly FileFailure[]): void {
    const blocking = this.#leftBehind.size === 0 ? null : blockingFailure(failures);
    const told = blocking === null ? '' : blocking.file;
    if (told !== '' && told !== this.#toldBlocking) {
      const count = this.#leftBehind.size;
      const message = `${count} objects that earlier files made and no file seems to hold stay for now: what "${told}" holds is not known`;
      this.#options.log.warn({ count, file: told }, message);
    }
    this.#toldBlocking = told;
  }

  #tellFailed(target: RemoveTarget, reason: string): void {
    const name = renderTarget(target);
    if (this.#toldFailed.has(name)) return;
    this.#toldFailed.add(name);
    this.#options.log.warn({}, `${name} is in no file any more but cannot be deleted: ${reason}`);
  }
}

function renderTarget({ kind, namespace, name }: RemoveTarget): string {
  return renderObjectRef({ kind: kind.kind, name, ...(namespace === '' ? {} : { namespace }) });
}

function isNamespaceObject({ ref, apiVersion }: FileObject): boolean {
  return ref.kind === 'Namespace' && apiVersion === 'v1';
}

function isDefinitionObject({ ref, apiVersion }: FileObject): boolean {
  return ref.kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/');
}

function isClassObject({ ref, apiVersion }: FileObject): boolean {
  return ref.kind === 'IngressClass' && apiVersion.startsWith('networking.k8s.io/');
}

function isOther(): boolean {
  return true;
}
