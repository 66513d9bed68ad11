// What the REST layer is made from, and what every step of one request knows.
import type { Logger } from '../../observe/logger.ts';
import type { ResourceName } from '../api-error.ts';
import type { Admission, Registry, Resource, ResourceVersion } from '../registry/resource.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { ApiRequest, ApiResponse } from './api-request.ts';
import type { GarbageCollector } from './garbage-collection.ts';
import type { Negotiated } from './negotiate.ts';
import type { PathTarget } from './parse-path.ts';

/** Calls `run` once, `delayMs` from now, unless the function that it returns is called before. Keeps no process alive. */
export type StartTimer = (delayMs: number, run: () => void) => () => void;

export interface RestParts {
  readonly registry: Registry;
  readonly store: ObjectStore;
  /** In order; each gets what the one before it made. */
  readonly admissions: readonly Admission[];
  /** Answers paths that name no objects: discovery, OpenAPI. Null: not its own either. */
  readonly discovery: (request: ApiRequest) => ApiResponse | null;
  readonly nowMs: () => number;
  readonly randomUuid: () => string;
  /** The five characters behind a generateName. */
  readonly randomSuffix: () => string;
  /** From 0 to 1; how long a watch without `timeoutSeconds` lasts. */
  readonly random?: () => number;
  readonly startTimer?: StartTimer;
  /** Whom a bearer token belongs to, for TokenReview; absent: nobody's is known. */
  readonly lookupToken?: (
    token: string,
  ) => { readonly name: string; readonly groups: readonly string[] } | null;
  readonly log?: Logger;
}

/** One request for the objects of one resource. */
export interface Scope {
  readonly parts: RestParts;
  readonly garbage: GarbageCollector;
  readonly request: ApiRequest;
  readonly target: PathTarget;
  readonly resource: Resource;
  readonly version: ResourceVersion;
  /** As refusals name the resource. */
  readonly resourceName: ResourceName;
  readonly negotiated: Negotiated;
  readonly warnings: Warnings;
}

/** What the answer warns of, each text once. */
export class Warnings {
  readonly #texts = new Set<string>();

  add(text: string): void {
    if (text !== '') this.#texts.add(text);
  }

  get texts(): readonly string[] {
    return [...this.#texts];
  }
}

/** `networking.k8s.io/v1`, or `v1` of the core group. */
export function groupVersionOf(scope: Scope): string {
  return joinGroupVersion(scope.resource.group, scope.version.version);
}

export function joinGroupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** A timer that keeps no process alive. */
export const startUnrefTimer: StartTimer = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
};
