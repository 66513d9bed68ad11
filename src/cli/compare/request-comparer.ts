// RequestComparer: in which ways two tables differ about a request. Mostly two lookups and a few comparisons of numbers; features are asked
// only where the two routes are not equal in all. The phases are those of decide-request.ts, which is what it is measured against.
import { resolveTls } from '../../table/index.ts';
import { canonicalPath } from '../../wire/http1/path.ts';
import type { Refusal } from '../../wire/http1/refusal.ts';
import { serverNameOf } from '../decide-request.ts';
import { ComparedView, portsOf } from './compared-view.ts';
import { compareOutcomes, type Differences, emptyOutcome, type Outcome } from './outcome.ts';
import type { HostFacts, RouteFacts, TableSide } from './table-side.ts';

export interface ComparedRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As normalizeHost gives it. */
  readonly host: string;
  /** As written, without query. */
  readonly rawPath: string;
  /** With its `?`. */
  readonly query: string;
}

interface Readings {
  readonly path: string;
  readonly greedy: string;
}

export class RequestComparer {
  readonly #old: TableSide;
  readonly #new: TableSide;
  /** Of the request that was compared last; null: it was refused before any rule was looked at. */
  oldRoute: RouteFacts | null = null;
  newRoute: RouteFacts | null = null;
  /** Of the last request that had differences. */
  readonly oldOutcome: Outcome = emptyOutcome();
  readonly newOutcome: Outcome = emptyOutcome();
  readonly #view = new ComparedView();

  constructor(old: TableSide, next: TableSide) {
    this.#old = old;
    this.#new = next;
  }

  compare(request: ComparedRequest): Differences {
    const read: Readings | Refusal = canonicalPath(request.rawPath);
    if ('reason' in read) {
      this.oldRoute = null;
      this.newRoute = null;
      return 0;
    }
    const { host } = request;
    const oldHost = this.#old.hostOf(host);
    const newHost = this.#new.hostOf(host);
    const oldRoute = this.#old.match(oldHost, read.path);
    const newRoute = this.#new.match(newHost, read.path);
    this.oldRoute = oldRoute;
    this.newRoute = newRoute;
    const oldTls = resolveTls(this.#old.table, host);
    const newTls = resolveTls(this.#new.table, host);
    if (
      oldRoute.whole === newRoute.whole &&
      oldHost.gate === newHost.gate &&
      oldHost.passthrough === newHost.passthrough &&
      read.greedy === '' &&
      (oldTls === null) === (newTls === null) &&
      (oldTls?.certificate ?? '') === (newTls?.certificate ?? '')
    )
      return 0;
    const { oldOutcome, newOutcome } = this;
    oldOutcome.certificate = request.scheme === 'https' ? (oldTls?.certificate ?? '') : '';
    newOutcome.certificate = request.scheme === 'https' ? (newTls?.certificate ?? '') : '';
    this.#decide(this.#old, oldHost, oldRoute, request, read, oldTls !== null, oldOutcome);
    this.#decide(this.#new, newHost, newRoute, request, read, newTls !== null, newOutcome);
    return compareOutcomes(oldOutcome, newOutcome);
  }

  #decide(
    side: TableSide,
    host: HostFacts,
    route: RouteFacts,
    request: ComparedRequest,
    read: Readings,
    hasTls: boolean,
    outcome: Outcome,
  ): void {
    outcome.gate = host.gate;
    outcome.status = 0;
    outcome.location = '';
    outcome.reason = '';
    outcome.conditions = 0;
    outcome.sentPath = read.path;
    outcome.target = route.target;
    outcome.response = route.response;
    const isPassed = passes(host, request);
    outcome.isServed = route.isServed && !isPassed;
    outcome.authentication = route.authentication;
    outcome.limits = route.limits;
    outcome.settings = route.settings;
    if (isPassed) {
      // Nothing of the request is read.
      outcome.target = -1 - host.passthrough;
      outcome.gate = -1;
      outcome.response = -1;
      return;
    }
    if (read.greedy !== '' && side.leadsElsewhere(host, read.path, read.greedy)) {
      answer(outcome, 400, '', 'ambiguous-path');
      return;
    }
    if (request.method === 'CONNECT' || request.method === 'TRACE') {
      answer(outcome, 405, '', 'method-refused');
      return;
    }
    if (route.admit.length + route.rewrite.length > 0) {
      this.#fillView(request, read, hasTls);
      this.#askFeatures(route, outcome);
    }
  }

  #fillView(request: ComparedRequest, read: Readings, hasTls: boolean): void {
    const view = this.#view;
    view.method = request.method;
    view.host = request.host;
    view.authority = request.host;
    view.path = read.path;
    view.greedyPath = read.greedy;
    view.query = request.query;
    view.scheme = request.scheme;
    view.ports = portsOf[request.scheme];
    view.hostHasTls = hasTls;
  }

  #askFeatures(route: RouteFacts, outcome: Outcome): void {
    const view = this.#view;
    for (const { hook, deed } of route.admit) {
      view.wasAsked = false;
      const given = hook(view);
      if (view.wasAsked) addCondition(outcome, deed);
      if (given === null) continue;
      answer(outcome, given.status, given.location ?? '', given.reason);
      return;
    }
    for (const { hook, deed } of route.rewrite) {
      view.wasAsked = false;
      const result = hook(view);
      if (view.wasAsked) addCondition(outcome, deed);
      if (result === null) continue;
      const reread = canonicalPath(result);
      if ('reason' in reread || reread.path !== result) {
        answer(outcome, 400, '', 'rewritten-path-invalid');
        return;
      }
      outcome.sentPath = result;
    }
  }
}

/** Whether the connection never ends here. */
function passes({ virtualHost }: HostFacts, { scheme, host }: ComparedRequest): boolean {
  if (scheme === 'http' || virtualHost?.passthrough === undefined || virtualHost.host === '') return false;
  return serverNameOf(host) !== '';
}

function addCondition(outcome: Outcome, deed: number): void {
  outcome.conditions = (Math.imul(outcome.conditions, 31) + deed + 1) | 0;
}

function answer(outcome: Outcome, status: number, location: string, reason: string): void {
  outcome.status = status;
  outcome.location = location;
  outcome.reason = reason;
}
