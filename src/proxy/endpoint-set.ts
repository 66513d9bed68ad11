// EndpointSet: the live side of one upstream of the table: its endpoints, their idle connections, and the choice among them.
// Lives as long as the upstream is in the table; endpoint changes update it in place and touch no route. Requests in flight
// to a removed endpoint finish; its idle connections close at once and it gets no new request.
import {
  defaultUpstreamSettings,
  type Endpoint,
  type RetrySettings,
  type SpreadAlgorithm,
  type Upstream,
  type UpstreamProtocol,
  type UpstreamSettings,
} from '../model/index.ts';
import type { Balancer, Candidates, Random } from './balancing/balancer.ts';
import type { ProxyErrorKind } from './outcome.ts';
import { LiveEndpoint } from './live-endpoint.ts';
import { hashText } from '../std/murmur-hash.ts';
import { HashBalancer } from './balancing/hash-balancer.ts';
import { HashRing } from './balancing/hash-ring.ts';
import { LeastRequest } from './balancing/least-request.ts';
import { PeakEwma } from './balancing/peak-ewma.ts';
import { RoundRobin } from './balancing/round-robin.ts';
import { SessionTokens } from './balancing/session-tokens.ts';
import { ActiveChecks, type CheckSurroundings } from './checks/active-checks.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { EndpointHealth, type HealthSurroundings } from './endpoint-health.ts';
import { fitMeters } from './endpoint-meter.ts';
import { SuccessRates } from './success-rates.ts';

export { LiveEndpoint } from './live-endpoint.ts';

/** With fewer of the near endpoints well than this, all are used: the rest could not carry the load. */
const minNearPercent = 50;

/** The near ones of those that are well, as long as enough of them are; else all. */
function preferNear(
  candidates: readonly LiveEndpoint[],
  well: readonly LiveEndpoint[],
): readonly LiveEndpoint[] {
  const near = well.filter(({ isNear }) => isNear);
  if (near.length === 0) return well;
  const all = candidates.filter(({ isNear }) => isNear).length;
  return near.length * 100 >= all * minNearPercent ? near : well;
}

/** What a set needs of its worker. */
export interface SetSurroundings extends HealthSurroundings, CheckSurroundings {
  readonly retries: RetrySettings;
}

export class EndpointSet implements Candidates<LiveEndpoint> {
  readonly id: string;
  /** `namespace-service-port`, as the access log names an upstream. */
  readonly name: string;
  /** What the Service's port says is spoken. */
  protocol: UpstreamProtocol = 'http';
  /** What certificates of the endpoints are for, unless a route says otherwise. */
  tlsName = '';
  /** What requests are spread over: the candidates that are well, or all of them when too few are. */
  eligible: readonly LiveEndpoint[] = [];
  /** Called once when the first name resolution has ended, well or badly; null when there is nothing to wait for. */
  waiters: (() => void)[] | null = null;
  version = 0;
  evenFromMs = 0;
  /** Requests under way at all endpoints. */
  active = 0;
  /** Shared by all that hash over these endpoints. */
  readonly ring: HashRing<LiveEndpoint>;
  readonly random: Random;
  /** Requests that wait for an endpoint with room. */
  readonly queue: EndpointQueue;
  readonly #roundRobin: RoundRobin<LiveEndpoint>;
  /** The others, made when a route asks for one. Routes that ask for the same share it. */
  readonly #balancers = new Map<SpreadAlgorithm, Balancer<LiveEndpoint>>();
  #seal: string;
  /** Null until a route wants sessions. */
  #tokens: SessionTokens<LiveEndpoint> | null = null;
  /** Null: the Service does not want its clients to stay. */
  #byClient: Balancer<LiveEndpoint> | null = null;
  #all = new Map<string, LiveEndpoint>();
  /** The ready endpoints, or when none is ready the serving ones that terminate. */
  #candidates: readonly LiveEndpoint[] = [];
  readonly #surroundings: SetSurroundings;
  readonly #health: EndpointHealth;
  readonly #checks: ActiveChecks;
  readonly #rates: SuccessRates;
  #settings: UpstreamSettings = defaultUpstreamSettings;
  /** Repeated requests under way, those that count against the budget. */
  #retries = 0;

  constructor(upstream: Upstream, surroundings: SetSurroundings) {
    const { random } = surroundings;
    this.id = upstream.id;
    this.#seal = upstream.seal ?? upstream.id;
    this.name = `${upstream.namespace}-${upstream.service}-${upstream.port}`;
    this.random = random;
    this.#surroundings = surroundings;
    this.#health = new EndpointHealth(this.name, surroundings, () => this.#chooseEligible());
    this.#checks = new ActiveChecks(this, surroundings, () => this.#chooseEligible());
    this.#rates = new SuccessRates(
      surroundings.deadlines,
      () => this.#candidates,
      (outlier, nowMs) => {
        // Seen well in a whole interval, after the one in which it came back.
        const forgiveMs = 2 * this.#settings.outliers.intervalMs;
        this.#health.ejectOutlier(outlier, forgiveMs, this.#candidates.length, nowMs);
      },
    );
    this.queue = new EndpointQueue(this, surroundings.deadlines);
    this.ring = new HashRing(this);
    this.#roundRobin = new RoundRobin(this, random());
  }

  /** The balancer of an algorithm, one for all routes to these endpoints. */
  ensureBalancer(algorithm: SpreadAlgorithm): Balancer<LiveEndpoint> {
    if (algorithm === 'round-robin') return this.#roundRobin;
    let balancer = this.#balancers.get(algorithm);
    if (balancer === undefined) {
      balancer = algorithm === 'ewma' ? new PeakEwma(this, this.random) : new LeastRequest(this, this.random);
      this.#balancers.set(algorithm, balancer);
    }
    return balancer;
  }

  /** What the endpoints are called in the cookies of sessions. */
  ensureTokens(): SessionTokens<LiveEndpoint> {
    if (this.#tokens === null) {
      this.#tokens = new SessionTokens(this.#seal, this.id);
      this.#tokens.setEndpoints(this.#all.values());
    }
    return this.#tokens;
  }

  /** What the upstream says besides its endpoints. */
  configure({ hashesClients, seal = this.id, settings = defaultUpstreamSettings }: Upstream): void {
    this.#settings = settings;
    fitMeters(this.#all.values(), settings, this.random);
    this.#rates.configure(settings.outliers);
    this.#checks.configure(settings.check);
    this.queue.configure(settings);
    if (seal !== this.#seal) this.#tokens = null;
    this.#seal = seal;
    if ((hashesClients === true) === (this.#byClient !== null)) return;
    this.#byClient =
      hashesClients === true
        ? new HashBalancer(this, this.ring, this.random, { subsetSize: 1, maxLoadPercent: 0 })
        : null;
  }

  /** Takes the present endpoints; those that stay keep their connections. */
  setEndpoints(endpoints: readonly Endpoint[]): void {
    const next = new Map<string, LiveEndpoint>();
    const ready: LiveEndpoint[] = [];
    const lastResort: LiveEndpoint[] = [];
    for (const endpoint of endpoints) {
      const key = `${endpoint.address} ${endpoint.port}`;
      const live = this.#all.get(key) ?? this.#makeEndpoint(endpoint);
      live.weight = endpoint.weight ?? 1;
      live.isReady = endpoint.ready;
      live.isNear = endpoint.near === true;
      next.set(key, live);
      (endpoint.ready ? ready : lastResort).push(live);
    }
    for (const [key, live] of this.#all) {
      if (next.has(key)) continue;
      live.remove();
      this.#health.forget(live);
    }
    this.#all = next;
    fitMeters(next.values(), this.#settings, this.random);
    this.#tokens?.setEndpoints(next.values());
    this.#checks.setEndpoints(next.values());
    this.#candidates = ready.length > 0 ? ready : lastResort;
    this.#chooseEligible();
    this.#release();
  }

  /** One that joins others starts slowly; the first ones have to carry everything at once. */
  #makeEndpoint({ address, port }: Endpoint): LiveEndpoint {
    const live = new LiveEndpoint(address, port);
    const { slowStartMs } = this.#settings;
    if (slowStartMs > 0 && this.#all.size > 0) live.warmUp(performance.now(), slowStartMs);
    return live;
  }

  /** Requests wait for the first resolution of the name instead of being refused. */
  awaitResolution(): void {
    if (this.#all.size === 0) this.waiters ??= [];
  }

  /** The resolution failed: those who wait are answered with what there is. */
  resolutionFailed(): void {
    this.#release();
  }

  #release(): void {
    const { waiters } = this;
    this.waiters = null;
    if (waiters !== null) for (const waiter of waiters) waiter();
  }

  #chooseEligible(): void {
    const candidates = this.#candidates;
    const well = candidates.filter(({ isWell }) => isWell);
    const { panicPercent } = this.#surroundings.settings;
    const isPanic = well.length === 0 || well.length * 100 < candidates.length * panicPercent;
    this.#setEligible(isPanic ? candidates : preferNear(candidates, well));
  }

  #setEligible(eligible: readonly LiveEndpoint[]): void {
    for (const endpoint of this.eligible) endpoint.isEligible = false;
    for (const endpoint of eligible) endpoint.isEligible = true;
    this.eligible = eligible;
    this.version += 1;
    const weight = eligible[0]?.weight;
    this.evenFromMs = eligible.every((endpoint) => endpoint.weight === weight)
      ? eligible.reduce((latest, { warmUntilMs }) => Math.max(latest, warmUntilMs), 0)
      : Number.POSITIVE_INFINITY;
    this.queue.wakeAll();
  }

  /** Round robin, skipping those in `tried`; null when all were tried. */
  select(tried: readonly LiveEndpoint[] | null, nowMs = performance.now()): LiveEndpoint | null {
    return this.#roundRobin.select(0, tried, nowMs);
  }

  /** What the adaptive limits of the endpoints allow together; null: there are none. */
  get adaptiveLimit(): number | null {
    if (!this.#settings.adaptiveLimit.isOn) return null;
    return this.eligible.reduce((sum, { meter }) => sum + (meter?.limit?.value ?? 0), 0);
  }

  get hashesClients(): boolean {
    return this.#byClient !== null;
  }

  /** By the client's address; null if the Service does not ask for it, or all were tried. */
  selectByClient(address: string, tried: readonly LiveEndpoint[] | null): LiveEndpoint | null {
    return this.#byClient === null ? null : this.#byClient.select(hashText(address), tried, 0);
  }

  /** An attempt failed in a way that says something about the endpoint. */
  reportFailure(endpoint: LiveEndpoint, kind: ProxyErrorKind): void {
    this.#health.fail(endpoint, kind, this.#candidates.length, performance.now());
  }

  /** For endpoints with a record: a response began. */
  reportSuccess(endpoint: LiveEndpoint, nowMs: number): void {
    if (endpoint.record !== null) this.#health.succeed(endpoint, endpoint.record, nowMs);
  }

  /** Rule K10. True: a request may be repeated, and counts until `endRetry`. */
  beginRetry(): boolean {
    const { budgetPercent, minConcurrent } = this.#surroundings.retries;
    // The one that asks has just left: it belongs to those that are under way.
    const budget = Math.max(minConcurrent, ((this.active + 1) * budgetPercent) / 100);
    if (this.#retries >= budget) return false;
    this.#retries += 1;
    return true;
  }

  endRetry(): void {
    this.#retries -= 1;
  }

  /** A request goes to an endpoint now. */
  begin(endpoint: LiveEndpoint): void {
    endpoint.active += 1;
    this.active += 1;
  }

  /** The request that began there is over. */
  end(endpoint: LiveEndpoint): void {
    endpoint.active -= 1;
    this.active -= 1;
    if (this.queue.size > 0) this.queue.wake();
  }

  close(): void {
    for (const live of this.#all.values()) {
      live.remove();
      this.#health.forget(live);
    }
    this.#all.clear();
    this.#candidates = [];
    this.#rates.close();
    this.#tokens?.setEndpoints([]);
    this.#checks.setEndpoints([]);
    this.#setEligible([]);
    this.#release();
  }
}
