// EventWriter: tells owners on their objects what happened: a Sync once every worker serves what was written, and a Warning when
// a problem appears. What was served before this process started is no news; what is wrong is told when it begins to lead.
import type { Ingress, KubeObject } from '../../kube/index.ts';
import { objectKey, type ObjectKey, type ObjectRef, type Problem, refKey } from '../../model/index.ts';
import { refOf } from '../../sources/index.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import type { EventTarget } from './event-object.ts';
import type { EventRecorder } from './event-recorder.ts';
import { graceMsOf, messageOf, reasonOf } from './reasons.ts';

export interface EventWriterOptions {
  readonly view: ControllerView;
  readonly recorder: Pick<EventRecorder, 'record'>;
  /** Of annotations that change what is served, e.g. `nginx.ingress.kubernetes.io/`. */
  readonly annotationPrefixes: readonly string[];
  readonly monotonicMs?: () => number;
  readonly schedule?: (run: () => void, afterMs: number) => () => void;
}

/** What an Ingress was when it was last told of. */
interface Told {
  readonly uid: string;
  readonly generation: number;
  readonly annotations: string;
}

interface Pending {
  readonly version: number;
  readonly sinceMs: number;
  readonly target: EventTarget;
  readonly what: string;
}

export class EventWriter {
  readonly #options: Required<EventWriterOptions>;
  readonly #told = new Map<ObjectKey, Told>();
  /** Waiting for every worker, by Ingress: only the newest counts. */
  readonly #pending = new Map<ObjectKey, Pending>();
  /** Problems that objects have, by object. */
  readonly #problems = new Map<string, { readonly ref: ObjectRef; readonly texts: ReadonlySet<string> }>();
  /** Problems that are told if they last, by object and problem: what ends the wait. */
  readonly #delayed = new Map<string, () => void>();
  #isFirst = true;
  #servedVersion = 0;

  constructor(options: EventWriterOptions) {
    this.#options = {
      monotonicMs: () => performance.now(),
      schedule: (run, afterMs) => {
        const timer = setTimeout(run, afterMs).unref();
        return () => clearTimeout(timer);
      },
      ...options,
    };
  }

  /** `receivedMs`: when the first of the step's changes arrived, monotonic; absent: now. */
  onStep(step: ControllerStep, receivedMs: number = this.#options.monotonicMs()): void {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    for (const ingress of this.#concernedIngresses(step))
      this.#takeIngress(ingress, step.version, receivedMs, isFirst);
    for (const change of step.changes) if (change.kind === 'removed') this.#forget(change.ref);
    for (const ref of step.problemsChanged) this.#takeProblems(ref, isFirst);
    if (step.version <= this.#servedVersion) this.onServed(this.#servedVersion);
  }

  /** Every worker serves by this version or a later one. */
  onServed(version: number): void {
    this.#servedVersion = Math.max(this.#servedVersion, version);
    for (const [key, { version: wanted, sinceMs, target, what }] of this.#pending) {
      if (wanted > version) continue;
      this.#pending.delete(key);
      const tookMs = Math.max(0, Math.round(this.#options.monotonicMs() - sinceMs));
      const message = `${what} served after ${tookMs} ms`;
      this.#options.recorder.record(target, { type: 'Normal', reason: 'Sync', message });
    }
  }

  /** This replica begins to write: what is wrong now is told, whoever has told it before. */
  onStartedLeading(): void {
    for (const [key, { ref }] of this.#problems) {
      for (const problem of this.#options.view.problemsOf(ref)) {
        this.#tellProblem(ref, `${key}\0${keyOfProblem(problem)}`, problem);
      }
    }
  }

  /** Ends what waits to be told. */
  stop(): void {
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
  }

  /** Those that changed, and all of a class that changed: they may have become ours. */
  *#concernedIngresses(step: ControllerStep): Generator<Ingress> {
    const classes = new Set<string>();
    for (const change of step.changes) {
      if (change.kind === 'removed') continue;
      if (change.object.kind === 'Ingress') yield change.object;
      else if (change.object.kind === 'IngressClass') classes.add(change.object.metadata.name);
    }
    if (classes.size === 0) return;
    for (const object of this.#options.view.objects()) {
      if (object.kind === 'Ingress' && classes.has(object.spec?.ingressClassName ?? '')) yield object;
    }
  }

  #takeIngress(ingress: Ingress, version: number, sinceMs: number, isFirst: boolean): void {
    const { namespace = '', name, uid = '', generation = 0, annotations } = ingress.metadata;
    const key = objectKey(namespace, name);
    if (!this.#options.view.isOurs(key)) {
      this.#told.delete(key);
      this.#pending.delete(key);
      return;
    }
    const before = this.#told.get(key);
    const told: Told = { uid, generation, annotations: this.#textOf(annotations) };
    this.#told.set(key, told);
    if (isFirst) return;
    const isNew = before === undefined || before.uid !== uid || before.generation !== generation;
    if (!isNew && before.annotations === told.annotations) return;
    const waiting = this.#pending.get(key);
    const isRewrite = waiting !== undefined && waiting.what.startsWith('generation');
    const what = isNew || isRewrite ? `generation ${generation}` : `annotations of generation ${generation}`;
    this.#pending.set(key, { version, sinceMs, target: targetOf(ingress), what });
  }

  /** Others' annotations change nothing that is served. */
  #textOf(annotations: Readonly<Record<string, string>> = {}): string {
    const { annotationPrefixes } = this.#options;
    const ours = Object.entries(annotations).filter(([key]) =>
      annotationPrefixes.some((prefix) => key.startsWith(prefix)),
    );
    return JSON.stringify(ours);
  }

  #takeProblems(ref: ObjectRef, isFirst: boolean): void {
    const { view } = this.#options;
    const key = refKey(ref);
    const known: ReadonlySet<string> = this.#problems.get(key)?.texts ?? new Set();
    const present = new Map(view.problemsOf(ref).map((problem) => [keyOfProblem(problem), problem]));
    if (present.size === 0) this.#problems.delete(key);
    else this.#problems.set(key, { ref, texts: new Set(present.keys()) });
    for (const text of known) if (!present.has(text)) this.#cancelDelayed(`${key}\0${text}`);
    if (isFirst) return;
    for (const [text, problem] of present)
      if (!known.has(text)) this.#tellProblem(ref, `${key}\0${text}`, problem);
  }

  #tellProblem(ref: ObjectRef, key: string, problem: Problem): void {
    const reason = reasonOf(problem);
    if (reason === null) return;
    const tell = (): void => {
      const object = this.#options.view.lookup(ref);
      // An object that was refused altogether, or is gone, has nothing to hang an Event on.
      if (object === undefined) return;
      const text = { type: 'Warning', reason, message: messageOf(problem) } as const;
      this.#options.recorder.record(targetOf(object), text);
    };
    const graceMs = graceMsOf(problem.code);
    if (graceMs === 0) {
      tell();
      return;
    }
    const later = (): void => {
      this.#delayed.delete(key);
      tell();
    };
    this.#cancelDelayed(key);
    this.#delayed.set(key, this.#options.schedule(later, graceMs));
  }

  #forget(ref: ObjectRef): void {
    const key = refKey(ref);
    for (const text of this.#problems.get(key)?.texts ?? []) this.#cancelDelayed(`${key}\0${text}`);
    this.#problems.delete(key);
    if (ref.kind !== 'Ingress') return;
    this.#told.delete(objectKey(ref.namespace ?? '', ref.name));
    this.#pending.delete(objectKey(ref.namespace ?? '', ref.name));
  }

  #cancelDelayed(key: string): void {
    this.#delayed.get(key)?.();
    this.#delayed.delete(key);
  }
}

function targetOf(object: KubeObject): EventTarget {
  const { uid = '', resourceVersion = '' } = object.metadata;
  return { ref: refOf(object), apiVersion: object.apiVersion, uid, resourceVersion };
}

function keyOfProblem({ code, field, message }: Problem): string {
  return [code, field, message].join('\0');
}
