// CertificateKeeper: the leader's round: which certificates are wanted, which of them are due, a few orders at a time, and what became of
// them told by Events. Each certificate is on its own: what fails is tried again later, and what is served stays until there is better.
import type { Ingress, Secret } from '../../kube/index.ts';
import { type ObjectKey, type RouteTable, splitObjectKey } from '../../model/index.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import type { AcmeClock } from './acme-clock.ts';
import { AcmeError, AcmeUnavailableError, HostsRefusedError } from './acme-error.ts';
import { type AcmeSecrets, ForeignSecretError, SecretRefusedError } from './acme-secrets.ts';
import type { AcmeServer } from './acme-server.ts';
import { CertificateEvents, type CertificateEventsOptions } from './certificate-events.ts';
import type { ChallengeBoard } from './challenge-board.ts';
import { type HeldCertificate, judgeSecret } from './held-certificate.ts';
import { HostBackoff } from './host-backoff.ts';
import { type FailureStore, KeptFailures } from './kept-failures.ts';
import { NamespaceTurns } from './namespace-turns.ts';
import { type IssuedCertificate, orderCertificate, type OrderOptions } from './order-certificate.ts';
import { type OrderPlan, planOrder } from './plan-order.ts';
import { plainWindow, RenewalWindows, renewalTimeMs } from './renewal.ts';
import { findWantedCertificates, type WantedCertificate } from './wanted-certificates.ts';

export interface CertificateKeeperOptions extends CertificateEventsOptions {
  readonly view: ControllerView;
  readonly table: () => RouteTable | null;
  readonly isLeading: () => boolean;
  readonly clock: AcmeClock;
  readonly secrets: Pick<AcmeSecrets, 'tryCertificate' | 'writeCertificate'>;
  readonly board: Pick<ChallengeBoard, 'present' | 'withdraw'>;
  readonly failures: FailureStore;
  readonly directoryUrl: string;
  readonly kind: OrderOptions['kind'];
  /** With the account's key, which is read or made. */
  readonly openServer: () => Promise<AcmeServer>;
}

/** With the hosts that are to be ordered now. */
type DueCertificate = WantedCertificate;

const maxOrders = 4;
/** Changes come in bursts. */
const gatherMs = 500;
const longestPauseMs = 3_600_000;
const firstPauseMs = 60_000;

export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  readonly #backoff = new HostBackoff();
  readonly #failures: KeptFailures;
  readonly #turns = new NamespaceTurns();
  readonly #windows = new RenewalWindows();
  readonly #ordering = new Set<ObjectKey>();
  /** Certificates that were written and are not seen yet. */
  readonly #written = new Map<ObjectKey, Secret | null>();
  readonly #events: CertificateEvents;
  #server: Promise<AcmeServer> | null = null;
  #cancel: (() => void) | null = null;
  #isInRound = false;
  #isRoundWanted = false;
  /** The server is away: nobody asks it before. */
  #pausedUntilMs = 0;
  #pauses = 0;
  #isStopped = false;

  constructor(options: CertificateKeeperOptions) {
    this.#options = options;
    this.#events = new CertificateEvents(options);
    const isLeading = (): boolean => !this.#isStopped && options.isLeading();
    this.#failures = new KeptFailures({ ...options, isLeading }, this.#backoff);
  }

  onStep({ changes }: ControllerStep): void {
    const kinds = new Set(
      changes.map((change) => (change.kind === 'set' ? change.object.kind : change.ref.kind)),
    );
    if (kinds.has('Ingress') || kinds.has('IngressClass') || kinds.has('Secret')) this.#wake(gatherMs);
  }

  /** From now on this replica orders. */
  start(): void {
    this.#failures.forget();
    this.#wake(0);
  }

  /** Orders that are under way end at their next step, and write nothing. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #wake(afterMs: number): void {
    if (this.#isStopped || !this.#options.isLeading()) return;
    this.#cancel?.();
    this.#cancel = this.#options.clock.schedule(() => this.#begin(), afterMs);
  }

  #begin(): void {
    this.#isRoundWanted = true;
    if (!this.#isInRound) void this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isInRound = true;
    while (this.#isRoundWanted && !this.#isStopped) {
      this.#isRoundWanted = false;
      try {
        const nextMs = await this.#look();
        if (!this.#isRoundWanted) this.#wake(Math.min(Math.max(nextMs, 1_000), longestPauseMs));
      } catch (error) {
        this.#options.log.error({ err: error }, `cannot look after certificates: ${messageOf(error)}`);
        this.#wake(firstPauseMs);
      }
    }
    this.#isInRound = false;
  }

  /** Starts what is due; returns in how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { view, clock, isLeading } = this.#options;
    const table = this.#options.table();
    if (table === null || !isLeading()) return longestPauseMs;
    await this.#failures.read();
    const { certificates, refusals } = findWantedCertificates(ownIngresses(view), table);
    for (const { ingress, message } of refusals) this.#events.tellOnce([ingress], message);
    let nextMs = longestPauseMs;
    const due: DueCertificate[] = [];
    for (const wanted of certificates) {
      if (this.#ordering.has(wanted.secret)) continue;
      const plan = await this.#plan(wanted);
      if (plan?.kind === 'wait') nextMs = Math.min(nextMs, plan.untilMs - clock.nowMs());
      else if (plan !== null) due.push({ ...wanted, hosts: plan.hosts });
    }
    if (due.length > 0 && clock.nowMs() < this.#pausedUntilMs) {
      return Math.min(nextMs, this.#pausedUntilMs - clock.nowMs());
    }
    // Beyond, the end of an order looks again.
    for (const each of this.#turns.take(due, maxOrders - this.#ordering.size)) this.#order(each);
    return nextMs;
  }

  /** Null: the Secret is not ours, or what was written is still on its way here. */
  async #plan(wanted: WantedCertificate): Promise<OrderPlan | null> {
    const { clock, directoryUrl } = this.#options;
    const secret = this.#secretOf(wanted.secret);
    if (this.#written.has(wanted.secret)) {
      if (this.#written.get(wanted.secret) === secret) return null;
      this.#written.delete(wanted.secret);
    }
    const state = judgeSecret(secret, wanted.secret, directoryUrl);
    if (state.kind === 'foreign') {
      this.#events.tellOnce(wanted.ingresses, state.message);
      return null;
    }
    const held = state.kind === 'ours' ? state.certificate : null;
    return planOrder({
      hosts: wanted.hosts,
      held,
      renewAtMs: held === null ? 0 : await this.#renewAtMs(held),
      retryAtMs: (host) => this.#backoff.retryAtMs(host),
      nowMs: clock.nowMs(),
    });
  }

  async #renewAtMs(held: HeldCertificate): Promise<number> {
    const { clock } = this.#options;
    // A server that is away is not asked for each certificate.
    if (clock.nowMs() < this.#pausedUntilMs) return renewalTimeMs(held, plainWindow(held));
    const server = await this.#openServer();
    return renewalTimeMs(held, await this.#windows.lookup(held, server, clock.nowMs()));
  }

  #secretOf(key: ObjectKey): Secret | null {
    const object = this.#options.view.lookup({ kind: 'Secret', ...splitObjectKey(key) });
    return object?.kind === 'Secret' ? object : null;
  }

  async #openServer(): Promise<AcmeServer> {
    this.#server ??= this.#options.openServer();
    try {
      return await this.#server;
    } catch (error) {
      this.#server = null;
      throw error;
    }
  }

  #order(wanted: DueCertificate): void {
    this.#ordering.add(wanted.secret);
    const done = (): void => {
      this.#ordering.delete(wanted.secret);
      this.#wake(gatherMs);
    };
    this.#carryOut(wanted).then(done, done);
  }

  async #carryOut(wanted: DueCertificate): Promise<void> {
    const { hosts } = wanted;
    const { clock, kind, board, secrets, directoryUrl } = this.#options;
    const seen = this.#secretOf(wanted.secret);
    const state = judgeSecret(seen, wanted.secret, directoryUrl);
    const replaces = state.kind === 'ours' ? (state.certificate?.renewalId ?? null) : null;
    const list = hosts.map((host) => `"${host}"`).join(', ');
    const from = `at ${new URL(directoryUrl).host}`;
    try {
      const server = await this.#openServer();
      const usesAri = (await server.lookupResource('renewalInfo')) !== null;
      await secrets.tryCertificate(wanted.secret, directoryUrl);
      const ordered = `orders a certificate for ${list} ${from}`;
      this.#events.tell(wanted.ingresses, 'Normal', 'CertificateOrdered', ordered);
      const issued = await orderCertificate({
        server,
        clock,
        hosts,
        kind,
        replaces: usesAri ? replaces : null,
        present: (challenges) => board.present(challenges),
        withdraw: (challenges) => board.withdraw(challenges),
      });
      await this.#write(wanted, seen, issued);
      const hadFailed = hosts.map((host) => this.#backoff.succeed(host)).includes(true);
      this.#pauses = 0;
      const message = `the certificate for ${list} is in Secret "${wanted.secret}"`;
      this.#events.tell(wanted.ingresses, 'Normal', 'CertificateIssued', message);
      if (hadFailed) await this.#failures.write();
    } catch (error) {
      await this.#fail(wanted, error);
    }
  }

  async #write(wanted: WantedCertificate, seen: Secret | null, issued: IssuedCertificate): Promise<void> {
    const { isLeading, secrets, directoryUrl } = this.#options;
    if (this.#isStopped || !isLeading())
      throw new AcmeUnavailableError('this replica does not lead any more');
    this.#written.set(wanted.secret, seen);
    try {
      await secrets.writeCertificate(wanted.secret, issued, directoryUrl);
    } catch (error) {
      this.#written.delete(wanted.secret);
      throw error;
    }
  }

  /** Told when it is kept: who is ended after that does not ask sooner. */
  async #fail({ secret, hosts, ingresses }: DueCertificate, error: unknown): Promise<void> {
    const { clock } = this.#options;
    const blamed = blamedHosts(error, hosts);
    if (blamed === null) this.#pause(error);
    else {
      const leastMs = error instanceof AcmeError ? (error.retryAfterMs ?? 0) : 0;
      for (const host of blamed) this.#backoff.fail(host, clock.nowMs(), clock.random(), leastMs);
      await this.#failures.write();
    }
    const message = `no certificate for Secret "${secret}" yet: ${messageOf(error)}`;
    this.#events.tell(ingresses, 'Warning', 'CertificateFailed', message);
  }

  #pause(error: unknown): void {
    const { clock } = this.#options;
    const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(this.#pauses, 10), longestPauseMs);
    const leastMs = error instanceof AcmeUnavailableError ? (error.retryAfterMs ?? 0) : 0;
    this.#pausedUntilMs = clock.nowMs() + Math.max(pauseMs * (1 + clock.random() / 5), leastMs);
    this.#pauses += 1;
  }
}

/**
 * The hosts that the server blames; all of the order where it names none, or where their Secret takes no write. Null: a server could not be
 * asked, which is the one thing that everybody waits for.
 */
function blamedHosts(error: unknown, hosts: readonly string[]): Iterable<string> | null {
  if (error instanceof HostsRefusedError) return error.reasons.keys();
  if (error instanceof ForeignSecretError || error instanceof SecretRefusedError) return hosts;
  if (!(error instanceof AcmeError)) return null;
  const named = hosts.filter((host) => error.problem.ofHosts.has(host));
  return named.length > 0 ? named : hosts;
}

function* ownIngresses(view: ControllerView): Generator<Ingress> {
  for (const object of view.objects()) {
    if (object.kind !== 'Ingress') continue;
    const { namespace = '', name } = object.metadata;
    if (view.isOurs(`${namespace}/${name}`)) yield object;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
