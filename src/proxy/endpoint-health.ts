// EndpointHealth: what requests tell of the endpoints of one Service port. One that fails several times in a row is ejected for a while,
// longer each time; only a part of the endpoints may be ejected at once. Seen by one worker, good for all routes. Costs a request
// that succeeds one comparison; ejected endpoints return with a sweep of the deadlines.
import type { HealthSettings } from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import type { Deadlines, Timed } from './deadlines.ts';
import type { LiveEndpoint } from './live-endpoint.ts';
import { outcomes, type ProxyErrorKind } from './outcome.ts';
import type { Outlier } from './success-rates.ts';

/** What is known of one endpoint. */
export class EndpointRecord {
  /** In a row. */
  failures = 0;
  /** As long as its bad days are remembered. */
  ejections = 0;
  /** 0: not ejected. */
  ejectedUntilMs = 0;
  /** How long it was out the last time, and when it came back. */
  lastMs = 0;
  returnedMs = 0;
  /** What `failures` begins with when it comes back. */
  probation = 0;
  /** Served well for at least this long, it is forgiven. */
  leastForgiveMs = 0;

  get isEjected(): boolean {
    return this.ejectedUntilMs !== 0;
  }
}

/** What the health of endpoints needs of the worker around it. */
export interface HealthSurroundings {
  readonly settings: HealthSettings;
  readonly deadlines: Deadlines;
  readonly logger: Logger;
  readonly counters: HealthCounters;
  readonly random: () => number;
}

interface EjectionCause {
  readonly level: 'debug' | 'warn' | 'error';
  readonly reason: string;
  readonly failures?: number;
  readonly goodPercent?: number;
  readonly meanPercent?: number;
}

function percentOf(share: number): number {
  return Math.round(share * 1_000) / 10;
}

export interface HealthCounters {
  ejections: number;
  /** Now. */
  ejected: number;
}

export class EndpointHealth implements Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #name: string;
  readonly #surroundings: HealthSurroundings;
  readonly #onChange: () => void;
  readonly #ejected = new Set<LiveEndpoint>();

  /** `name`: of the upstream, for the log. `onChange`: another set of endpoints can be used. */
  constructor(name: string, surroundings: HealthSurroundings, onChange: () => void) {
    this.#name = name;
    this.#surroundings = surroundings;
    this.#onChange = onChange;
  }

  /** An attempt at the endpoint failed. `total`: how many endpoints there are. */
  fail(endpoint: LiveEndpoint, kind: ProxyErrorKind, total: number, nowMs: number): void {
    const { settings } = this.#surroundings;
    if (settings.maxFailures === 0 || !outcomes[kind].blames || endpoint.isRemoved) return;
    endpoint.record ??= new EndpointRecord();
    const { record } = endpoint;
    record.failures += 1;
    if (record.failures < settings.maxFailures || record.isEjected || !this.#mayEject(total)) return;
    record.probation = settings.maxFailures - 1;
    record.leastForgiveMs = 0;
    const level = outcomes[kind].level;
    this.#eject(endpoint, record, { level, reason: kind, failures: record.failures }, nowMs);
  }

  /** The endpoint answers far worse than the others. `forgiveMs`: it must be seen to do better for this long. */
  ejectOutlier(
    { endpoint, share, meanShare }: Outlier,
    forgiveMs: number,
    total: number,
    nowMs: number,
  ): void {
    if (endpoint.isRemoved || endpoint.record?.isEjected === true || !this.#mayEject(total)) return;
    endpoint.record ??= new EndpointRecord();
    const { record } = endpoint;
    record.probation = 0;
    record.leastForgiveMs = forgiveMs;
    const percents = { goodPercent: percentOf(share), meanPercent: percentOf(meanShare) };
    this.#eject(endpoint, record, { level: 'warn', reason: 'success-rate', ...percents }, nowMs);
  }

  #mayEject(total: number): boolean {
    const { maxEjectedPercent } = this.#surroundings.settings;
    return this.#ejected.size < Math.floor((total * maxEjectedPercent) / 100);
  }

  /** A response began. Called only for endpoints with a record. */
  succeed(endpoint: LiveEndpoint, record: EndpointRecord, nowMs: number): void {
    record.failures = 0;
    if (record.isEjected) return;
    // Forgiven when it has served for as long as it was out.
    const forgiveMs = Math.max(record.lastMs, record.leastForgiveMs);
    if (record.ejections === 0 || nowMs - record.returnedMs >= forgiveMs) endpoint.record = null;
  }

  /** The endpoint left the table. */
  forget(endpoint: LiveEndpoint): void {
    if (this.#ejected.delete(endpoint)) this.#surroundings.counters.ejected -= 1;
    if (this.#ejected.size === 0) this.#rest();
  }

  onDeadline(nowMs: number): void {
    for (const endpoint of this.#ejected) {
      const { record } = endpoint;
      if (record !== null && record.ejectedUntilMs <= nowMs) this.#return(endpoint, record, nowMs);
    }
    if (this.#ejected.size === 0) this.#rest();
    else this.#schedule();
    this.#onChange();
  }

  #eject(
    endpoint: LiveEndpoint,
    record: EndpointRecord,
    { level, ...why }: EjectionCause,
    nowMs: number,
  ): void {
    const { settings, deadlines, logger, counters, random } = this.#surroundings;
    record.ejections += 1;
    const grownMs = Math.min(settings.ejectMs * 2 ** (record.ejections - 1), settings.maxEjectMs);
    // Up to a tenth more, so that workers do not send their first requests at the same moment.
    record.lastMs = Math.round(grownMs * (1 + random() / 10));
    record.ejectedUntilMs = nowMs + record.lastMs;
    if (this.#ejected.size === 0) deadlines.add(this);
    this.#ejected.add(endpoint);
    counters.ejections += 1;
    counters.ejected += 1;
    this.#schedule();
    const fields = {
      upstream: this.#name,
      endpoint: endpoint.label,
      ...why,
      forMs: record.lastMs,
    };
    logger[level](fields, 'endpoint ejected');
    this.#onChange();
  }

  /** After failures in a row it is on probation: the next one ejects it again. */
  #return(endpoint: LiveEndpoint, record: EndpointRecord, nowMs: number): void {
    const { logger, counters } = this.#surroundings;
    this.#ejected.delete(endpoint);
    counters.ejected -= 1;
    record.ejectedUntilMs = 0;
    record.returnedMs = nowMs;
    record.failures = record.probation;
    logger.info({ upstream: this.#name, endpoint: endpoint.label }, 'endpoint returned');
  }

  #schedule(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    for (const { record } of this.#ejected)
      if (record !== null) this.deadlineMs = Math.min(this.deadlineMs, record.ejectedUntilMs);
  }

  #rest(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#surroundings.deadlines.remove(this);
  }
}
