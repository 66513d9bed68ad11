// Takes requests one by one, compares what two tables do with each, and counts. Holds nothing of a request but bounded samples.
import { resolveTls } from '../../table/index.ts';
import type { ListedRequest } from '../request-list/index.ts';
import { describeSides, urlOf } from './describe-request.ts';
import { DifferenceGroups } from './difference-groups.ts';
import { LoggedHosts } from './logged-host.ts';
import type { Differences } from './outcome.ts';
import type { QuirkBlame } from './quirk-blame.ts';
import { type ComparedRequest, RequestComparer } from './request-comparer.ts';
import type { TableSide } from './table-side.ts';

export interface ComparedCounts {
  /** Requests that were decided by both tables. */
  compared: number;
  /** Lines without a host that the old table cannot place. */
  unplaced: number;
  /** Another rule, with the same outcome. */
  otherRule: number;
  /** The log says that another Service had the request than the old table says. */
  notAsLogged: number;
  /** The first line of those; 0: none. */
  firstNotAsLogged: number;
}

export interface ComparisonOptions {
  /** Of lines that name none; empty: by the Service that the line names. */
  readonly host: string;
  readonly maxSamples: number;
  /** Null: differences have nothing to do with quirks. */
  readonly blame: QuirkBlame | null;
}

/** A compared request that is filled again for each line. */
interface OpenRequest extends ComparedRequest {
  method: string;
  scheme: 'http' | 'https';
  host: string;
  rawPath: string;
  query: string;
}

export class Comparison {
  readonly counts: ComparedCounts = {
    compared: 0,
    unplaced: 0,
    otherRule: 0,
    notAsLogged: 0,
    firstNotAsLogged: 0,
  };
  readonly groups: DifferenceGroups;
  readonly #old: TableSide;
  readonly #new: TableSide;
  readonly #options: ComparisonOptions;
  readonly #comparer: RequestComparer;
  readonly #hosts: LoggedHosts;
  readonly #hasCatchAll: boolean;
  readonly #open: OpenRequest = { method: '', scheme: 'http', host: '', rawPath: '', query: '' };

  constructor(old: TableSide, next: TableSide, options: ComparisonOptions) {
    this.#old = old;
    this.#new = next;
    this.#options = options;
    this.groups = new DifferenceGroups(options.maxSamples);
    this.#comparer = new RequestComparer(old, next);
    this.#hosts = new LoggedHosts(old);
    this.#hasCatchAll = old.table.hosts.has('') || next.table.hosts.has('');
  }

  take(listed: ListedRequest): void {
    const host = listed.host === '' ? this.#options.host : listed.host;
    if (host === '' && listed.upstreamName !== '') {
      this.#takeUnnamed(listed);
      return;
    }
    if (host === '' && !this.#hasCatchAll) {
      this.counts.unplaced += 1;
      return;
    }
    this.counts.compared += 1;
    const differences = this.#compare(listed, host);
    const { oldRoute } = this.#comparer;
    if (listed.upstreamName !== '' && oldRoute !== null && oldRoute.upstreamName !== listed.upstreamName) {
      this.#countUnlikeLog(listed);
    }
    if (differences !== 0) this.#count(listed, differences);
    else this.#countOtherRule();
  }

  /** On which of several hosts it was is not known: it differs if it differs on one. */
  #takeUnnamed(listed: ListedRequest): void {
    const hosts = this.#hosts.find(listed.upstreamName, listed.rawPath);
    if (hosts.length === 0) {
      this.counts.unplaced += 1;
      return;
    }
    this.counts.compared += 1;
    for (const host of hosts) {
      const differences = this.#compare(listed, host);
      if (differences === 0) continue;
      this.#count(listed, differences);
      return;
    }
    this.#countOtherRule();
  }

  #compare(listed: ListedRequest, host: string): Differences {
    const open = this.#open;
    open.method = listed.method;
    open.host = host;
    open.rawPath = listed.rawPath;
    open.query = listed.query;
    open.scheme = listed.scheme === '' ? this.#schemeOf(listed, host) : listed.scheme;
    return this.#comparer.compare(open);
  }

  /** Where the log says nothing: as clients come to a host with TLS, unless they were redirected. */
  #schemeOf({ status }: ListedRequest, host: string): 'http' | 'https' {
    const wasRedirected = status === 301 || status === 302 || status === 307 || status === 308;
    return wasRedirected || resolveTls(this.#old.table, host) === null ? 'http' : 'https';
  }

  #countUnlikeLog({ line }: ListedRequest): void {
    const { counts } = this;
    counts.notAsLogged += 1;
    if (counts.firstNotAsLogged === 0) counts.firstNotAsLogged = line;
  }

  #countOtherRule(): void {
    const { oldRoute, newRoute } = this.#comparer;
    if (oldRoute?.route.id !== newRoute?.route.id) this.counts.otherRule += 1;
  }

  #count(listed: ListedRequest, differences: Differences): void {
    const { oldRoute, newRoute, oldOutcome, newOutcome } = this.#comparer;
    const open = this.#open;
    const key = {
      oldIngress: oldRoute?.ingress ?? '',
      newIngress: newRoute?.ingress ?? '',
      differences,
      quirks: this.#options.blame?.blame(open) ?? [],
    };
    this.groups.add(key, {
      url: () => urlOf(open),
      describe: () => {
        const [old, next] = describeSides(open, differences, [
          { table: this.#old.table, route: oldRoute, outcome: oldOutcome },
          { table: this.#new.table, route: newRoute, outcome: newOutcome },
        ]);
        return { line: listed.line, method: listed.method, old, new: next };
      },
    });
  }
}
