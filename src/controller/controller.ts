// Controller: takes what sources report, one step per report: translate, publish the patch, tell what went wrong or was put right.
// An exception in translation (a bug) costs only the objects that cause it: the last good table serves on.
// It owns no timer and no signal. Synchronous: when `take` returns, the patch has been published.
import type { KubeKind, KubeObject } from '../kube/index.ts';
import {
  refKey,
  type ObjectKey,
  type ObjectRef,
  type Problem,
  type ProblemSeverity,
  type RouteTable,
  type TablePatch,
} from '../model/index.ts';
import { type FileFailure, type ObjectChange, refOf } from '../sources/index.ts';
import { keyOfChange, ObjectStore } from './object-store.ts';
import { type ControllerLog, ProblemLog } from './problem-log.ts';
import { recoverTranslation, replacementPatch } from './recover.ts';
import type { TableTranslator } from './table-translator.ts';
import { compareReports, type Locate, type Report, reportOfFailure, reportOfProblem } from './report.ts';

export interface ControllerOptions {
  /** A translator without objects; called again only to recover from an exception. */
  readonly createTranslator: () => TableTranslator;
  /** Gets every patch, the first one even if it says nothing. Versions grow by one. */
  readonly publish: (patch: TablePatch) => void;
  readonly log: ControllerLog;
  readonly locate: Locate;
  /** Milliseconds since the epoch; certificates expire by it. */
  readonly nowMs: () => number;
  /** Told at the end of every step, after the patch was published. */
  readonly onStep?: (step: ControllerStep) => void;
}

/** What one step was. */
export interface ControllerStep {
  /** Of the table that holds these changes. */
  readonly version: number;
  readonly changes: readonly ObjectChange[];
  /** Objects whose problems are others than before. */
  readonly problemsChanged: readonly ObjectRef[];
}

/** What the writers of status and Events read of the controller. */
export interface ControllerView {
  readonly lookup: (ref: ObjectRef) => KubeObject | undefined;
  readonly objects: () => Iterable<KubeObject>;
  /** False for what is not ours and for what is not known. */
  readonly isOurs: (ingress: ObjectKey) => boolean;
  /** Sorted; empty for an object without problems. */
  readonly problemsOf: (ref: ObjectRef) => readonly Problem[];
}

/** What metrics show. Times in milliseconds. */
export interface ControllerCounts {
  readonly objectsByKind: ReadonlyMap<KubeKind, number>;
  readonly problemsBySeverity: Readonly<Record<ProblemSeverity, number>>;
  readonly translations: number;
  /** Translations that ended in an exception. */
  readonly translationErrors: number;
  readonly lastTranslateMs: number;
  readonly totalTranslateMs: number;
  /** Since the epoch; 0: never. */
  readonly lastSuccessMs: number;
  readonly tableVersion: number;
}

interface RefusedObject {
  readonly ref: ObjectRef;
  readonly message: string;
}

export class Controller implements ControllerView {
  readonly #options: ControllerOptions;
  readonly #problemLog: ProblemLog;
  /** What the translator holds. */
  readonly #store = new ObjectStore();
  readonly #problems = new Map<string, readonly Problem[]>();
  /** Objects whose present version cannot be translated, by identity. */
  readonly #refused = new Map<string, RefusedObject>();
  #failures: readonly FileFailure[] = [];
  /** Changes that could not be taken because translation failed as a whole; the translator is not to be trusted then. */
  #missed: readonly ObjectChange[] = [];
  #mistrusted = false;
  #translator: TableTranslator;
  /** The table as published, except for its version. */
  #table: RouteTable;
  #version = 0;
  #translations = 0;
  #translationErrors = 0;
  #lastTranslateMs = 0;
  #totalTranslateMs = 0;
  #lastSuccessMs = 0;
  #concerned = new Map<string, ObjectRef>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#problemLog = new ProblemLog(options.log, options.locate);
    this.#translator = options.createTranslator();
    this.#table = this.#translator.table;
  }

  /** One step; the shape of `FileSourceOptions.onChanges`. Never throws. */
  take(changes: readonly ObjectChange[], failures: readonly FileFailure[]): void {
    this.#translate(changes);
    this.#failures = failures;
    this.#problemLog.tellFailures(failures);
    this.#problemLog.endStep();
    const problemsChanged = [...this.#concerned.values()];
    this.#concerned = new Map();
    this.#options.onStep?.({ version: this.#version, changes, problemsChanged });
  }

  /** A step without changes: what depends on the date (certificates) is looked at again. */
  refresh(): void {
    this.take([], this.#failures);
  }

  /** All that is wrong now, sorted by file and line. Looks lines up: for people, not for every step. */
  reports(): readonly Report[] {
    const reports = this.#failures.map(reportOfFailure);
    for (const problem of this.problems()) reports.push(reportOfProblem(problem, this.#options.locate));
    return reports.sort(compareReports);
  }

  /** Where something is written, as sources know it. */
  locate(ref: ObjectRef, field: string): ReturnType<Locate> {
    return this.#options.locate(ref, field);
  }

  /** The one that is in force. */
  get translator(): TableTranslator {
    return this.#translator;
  }

  lookup(ref: ObjectRef): KubeObject | undefined {
    return this.#store.lookup(refKey(ref));
  }

  objects(): Iterable<KubeObject> {
    return this.#store.values();
  }

  isOurs(ingress: ObjectKey): boolean {
    return this.#translator.ingressStatus(ingress)?.owned ?? false;
  }

  problemsOf(ref: ObjectRef): readonly Problem[] {
    const key = refKey(ref);
    const refused = this.#refused.get(key);
    const problems = this.#problems.get(key) ?? [];
    return refused === undefined ? problems : [problemOfRefusal(refused), ...problems];
  }

  /** Problems of objects, without the failures of files. */
  problems(): readonly Problem[] {
    const refused = [...this.#refused.values()].map(problemOfRefusal);
    return [...refused, ...[...this.#problems.values()].flat()];
  }

  counts(): ControllerCounts {
    const problemsBySeverity = { error: 0, warning: 0, info: 0 };
    for (const { severity } of [...this.problems(), ...this.#failures]) problemsBySeverity[severity] += 1;
    return {
      objectsByKind: this.#store.countByKind,
      problemsBySeverity,
      translations: this.#translations,
      translationErrors: this.#translationErrors,
      lastTranslateMs: this.#lastTranslateMs,
      totalTranslateMs: this.#totalTranslateMs,
      lastSuccessMs: this.#lastSuccessMs,
      tableVersion: this.#version,
    };
  }

  #translate(changes: readonly ObjectChange[]): void {
    const startedMs = performance.now();
    const nowMs = this.#options.nowMs();
    for (const change of changes) this.#refused.delete(keyOfChange(change));
    const due = [...this.#missed, ...changes];
    try {
      this.#applyOrRecover(due, nowMs);
      this.#lastSuccessMs = nowMs;
      this.#missed = [];
      this.#mistrusted = false;
    } catch (error) {
      this.#missed = due;
      this.#mistrusted = true;
      this.#logBug('cannot translate the objects, the last good table keeps serving', error);
    }
    this.#translations += 1;
    this.#lastTranslateMs = performance.now() - startedMs;
    this.#totalTranslateMs += this.#lastTranslateMs;
  }

  #applyOrRecover(changes: readonly ObjectChange[], nowMs: number): void {
    if (this.#mistrusted) {
      this.#recover(changes, nowMs);
      return;
    }
    let step: ReturnType<TableTranslator['apply']>;
    try {
      step = this.#translator.apply(changes, nowMs);
    } catch (error) {
      this.#translationErrors += 1;
      this.#logBug('a translation failed and is repeated object by object', error);
      this.#recover(changes, nowMs);
      return;
    }
    this.#store.apply(changes);
    this.#publish(step.patch);
    for (const ref of step.problemsChanged) this.#takeProblems(refKey(ref), this.#translator.problemsOf(ref));
  }

  #recover(changes: readonly ObjectChange[], nowMs: number): void {
    const { createTranslator } = this.#options;
    const recovery = recoverTranslation(createTranslator, this.#store.values(), changes, nowMs);
    this.#translator = recovery.translator;
    this.#store.apply(recovery.accepted);
    const last = new Map(changes.map((change) => [keyOfChange(change), change]));
    for (const { change, error } of recovery.refused) {
      if (last.get(keyOfChange(change)) !== change) continue;
      const ref = change.kind === 'set' ? refOf(change.object) : change.ref;
      const message = `cannot be translated, which is a fault of this program: ${messageOf(error)}; the last good version stays in force`;
      this.#refused.set(refKey(ref), { ref, message });
      this.#options.log.error({ err: error }, `${ref.kind} ${ref.namespace ?? ''}/${ref.name}: ${message}`);
    }
    this.#publish(replacementPatch(this.#table, this.#translator.table));
    const present = Map.groupBy(this.#translator.allProblems(), (problem) => refKey(problem.object));
    for (const key of new Set([...this.#problems.keys(), ...present.keys()])) {
      this.#takeProblems(key, present.get(key) ?? []);
    }
  }

  #publish(patch: TablePatch | null): void {
    this.#table = this.#translator.table;
    if (patch === null) return;
    this.#version += 1;
    this.#options.publish({ ...patch, version: this.#version });
  }

  #takeProblems(key: string, after: readonly Problem[]): void {
    const before = this.#problems.get(key) ?? [];
    this.#problemLog.tellProblems(before, after);
    const object = (after[0] ?? before[0])?.object;
    if (object !== undefined) this.#concerned.set(key, object);
    if (after.length === 0) this.#problems.delete(key);
    else this.#problems.set(key, after);
  }

  #logBug(message: string, error: unknown): void {
    this.#options.log.error({ err: error }, `${message}: ${messageOf(error)}`);
  }
}

function problemOfRefusal({ ref, message }: RefusedObject): Problem {
  return { code: 'InvalidObject', severity: 'error', object: ref, field: '', message };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
