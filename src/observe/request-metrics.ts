// Request metrics of one worker: counters and histograms for each route, status and method. Recording a request is a few
// additions in one array; a series takes memory when its first request comes, and a route can only have so many of them.
import {
  connectTimeStart,
  connectTimeSum,
  headerTimeStart,
  headerTimeSum,
  lengthBucket,
  requestSizeStart,
  requestSizeSum,
  requestTimeStart,
  requestTimeSum,
  responseSizeStart,
  responseSizeSum,
  responseTimeStart,
  responseTimeSum,
  sizeBucket,
  timeBucket,
  totalsLength,
} from './histogram-layout.ts';
import {
  type MetricsSnapshot,
  packTotals,
  type RouteMetricLabels,
  type RouteSnapshot,
  routeMetricKey,
} from './metrics-snapshot.ts';

export type { MetricsSnapshot, RouteMetricLabels } from './metrics-snapshot.ts';

/** Methods with a label of their own (RFC 9110 and RFC 5789); clients can invent others without end. */
const knownMethods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);
const otherMethod = 'other';
const otherStatus = 'other';

/** Series of one route beyond which new ones are counted by class of status: an upstream can invent status codes. */
const maxSeriesPerRoute = 64;

/** Series of all routes together beyond which each route has one more for all that it has none for. */
const defaultMaxSeries = 50_000;

/** What may still be made. */
interface SeriesBudget {
  left: number;
}

class Series {
  readonly status: string;
  readonly method: string;
  readonly totals = new Float64Array(totalsLength);

  constructor(status: string, method: string) {
    this.status = status;
    this.method = method;
  }
}

/** The series of one route. Keeps the last series used at hand, since most requests of a route end like the one before. */
export class RouteMetrics {
  readonly labels: RouteMetricLabels;
  /** How many compiled routes count here. */
  holders = 0;
  readonly series = new Map<string, Series>();
  #lastStatus = -1;
  #lastMethod = '';
  #last: Series | null = null;
  #budget: SeriesBudget;

  constructor(labels: RouteMetricLabels, budget: SeriesBudget) {
    this.labels = labels;
    this.#budget = budget;
  }

  /** Gives its part of the budget back. What late requests count is not shown. */
  leaveBudget(): void {
    this.#budget.left += this.series.size;
    this.#budget = { left: 0 };
  }

  /**
   * Counts one finished request. Times in milliseconds, sizes in bytes; -1 where a request had no such part: `upstreamMs` from
   * the first try to the end of the response, `connectMs` to connect, `headerMs` from the first try to the response's head.
   */
  record(
    status: number,
    method: string,
    durationMs: number,
    upstreamMs: number,
    connectMs: number,
    headerMs: number,
    requestBytes: number,
    responseBytes: number,
  ): void {
    let series = this.#last;
    if (series === null || status !== this.#lastStatus || method !== this.#lastMethod) {
      series = this.#ensureSeries(status, method);
    }
    const { totals } = series;
    totals[requestTimeStart + timeBucket(durationMs)]! += 1;
    totals[requestTimeSum]! += durationMs;
    if (upstreamMs >= 0) {
      totals[responseTimeStart + timeBucket(upstreamMs)]! += 1;
      totals[responseTimeSum]! += upstreamMs;
    }
    if (connectMs >= 0) {
      totals[connectTimeStart + timeBucket(connectMs)]! += 1;
      totals[connectTimeSum]! += connectMs;
    }
    if (headerMs >= 0) {
      totals[headerTimeStart + timeBucket(headerMs)]! += 1;
      totals[headerTimeSum]! += headerMs;
    }
    totals[requestSizeStart + lengthBucket(requestBytes)]! += 1;
    totals[requestSizeSum]! += requestBytes;
    totals[responseSizeStart + sizeBucket(responseBytes)]! += 1;
    totals[responseSizeSum]! += responseBytes;
  }

  snapshot(): RouteSnapshot {
    const series = Array.from(this.series.values(), ({ status, method, totals }) => ({
      status,
      method,
      totals: packTotals(totals),
    }));
    return { labels: this.labels, series };
  }

  #ensureSeries(status: number, method: string): Series {
    const methodLabel = knownMethods.has(method) ? method : otherMethod;
    let series = this.#lookup(renderStatus(status), methodLabel);
    const fallback = this.#budget.left > 0 ? renderStatusClass(status) : otherStatus;
    series ??= this.series.get(`${fallback} ${otherMethod}`) ?? this.#add(fallback, otherMethod);
    this.#last = series;
    this.#lastStatus = status;
    // The client's string may be a slice of a large one, which it would keep alive.
    this.#lastMethod = methodLabel === otherMethod ? '' : methodLabel;
    return series;
  }

  /** The series, made if there is room for it. */
  #lookup(status: string, method: string): Series | undefined {
    const found = this.series.get(`${status} ${method}`);
    const isFull = this.series.size >= maxSeriesPerRoute || this.#budget.left <= 0;
    if (found !== undefined || isFull) return found;
    return this.#add(status, method);
  }

  #add(status: string, method: string): Series {
    const series = new Series(status, method);
    this.#budget.left -= 1;
    this.series.set(`${status} ${method}`, series);
    return series;
  }
}

function renderStatus(status: number): string {
  return status >= 100 && status <= 999 ? String(status) : otherStatus;
}

function renderStatusClass(status: number): string {
  return status >= 100 && status <= 999 ? `${Math.floor(status / 100)}xx` : otherStatus;
}

/** All routes of a worker. Routes with equal labels share their metrics, so that no series is exposed twice. */
export class RequestMetrics {
  readonly #routes = new Map<string, RouteMetrics>();
  /** Routes without a holder: gone with the next snapshot, unless one comes back before. */
  readonly #released = new Set<RouteMetrics>();
  #removed: RouteMetricLabels[] = [];
  readonly #budget: SeriesBudget;

  constructor(maxSeries = defaultMaxSeries) {
    this.#budget = { left: maxSeries };
  }

  /** The metrics of a route, made or shared. Each call is one holder; give it back with `releaseRoute`. */
  ensureRoute(labels: RouteMetricLabels): RouteMetrics {
    const key = routeMetricKey(labels);
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = new RouteMetrics(labels, this.#budget);
      this.#routes.set(key, route);
    }
    route.holders += 1;
    this.#released.delete(route);
    return route;
  }

  /**
   * Gives up one hold. When the last one is gone, the route's labels disappear from the next snapshot; until then a new
   * `ensureRoute` finds the old totals, so that a recompiled route goes on counting.
   */
  releaseRoute(route: RouteMetrics): void {
    route.holders -= 1;
    if (route.holders <= 0) this.#released.add(route);
  }

  /** Makes the labels disappear at once, whoever holds them. */
  removeRoute(labels: RouteMetricLabels): void {
    const route = this.#routes.get(routeMetricKey(labels));
    if (route !== undefined) this.#forget(route);
  }

  /** Totals since the start, and the routes removed since the snapshot before. About a microsecond for each series. */
  snapshot(): MetricsSnapshot {
    const [whole] = this.snapshotPages(Number.POSITIVE_INFINITY);
    return whole ?? { routes: [], removed: [], families: [] };
  }

  /**
   * The snapshot in parts of about `maxSeries` series, so that other work finds its turn between them (rule V9). Each route is
   * in one part; merged, the parts are the snapshot. At least one part, and the removed routes are in the first.
   */
  *snapshotPages(maxSeries: number): Generator<MetricsSnapshot> {
    for (const route of this.#released) this.#forget(route);
    let removed = this.#removed;
    this.#removed = [];
    let routes: RouteSnapshot[] = [];
    let count = 0;
    for (const route of this.#routes.values()) {
      if (route.series.size === 0) continue;
      routes.push(route.snapshot());
      count += route.series.size;
      if (count < maxSeries) continue;
      yield { routes, removed, families: [] };
      removed = [];
      routes = [];
      count = 0;
    }
    yield { routes, removed, families: [] };
  }

  #forget(route: RouteMetrics): void {
    const key = routeMetricKey(route.labels);
    this.#released.delete(route);
    // A holder that was late may speak of labels that belong to a newer object by now.
    if (this.#routes.get(key) !== route) return;
    this.#routes.delete(key);
    route.leaveBudget();
    this.#removed.push(route.labels);
  }
}
