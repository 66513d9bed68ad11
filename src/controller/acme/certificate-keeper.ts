// CertificateKeeper: the leader's round: which certificates are wanted, which of them are due, a few orders at a time, and what became of
// them told by Events. Each certificate is on its own: what fails is tried again later, and what is served stays until there is better.
import type { Ingress, Secret } from '../../kube/index.ts';
import { type ObjectKey, type RouteTable, splitObjectKey } from '../../model/index.ts';
import type { ControllerStep, ControllerView } from '../controller.ts';
import type { EventTarget, EventText } from '../events/index.ts';
import type { ControllerLog } from '../problem-log.ts';
import type { AcmeClock } from './acme-clock.ts';
import { AcmeError, AcmeUnavailableError, HostsRefusedError } from './acme-error.ts';
import { ForeignSecretError, type AcmeSecrets } from './acme-secrets.ts';
import type { AcmeServer } from './acme-server.ts';
import type { ChallengeBoard } from './challenge-board.ts';
import { type HeldCertificate, judgeSecret } from './held-certificate.ts';
import { HostBackoff } from './host-backoff.ts';
import { type IssuedCertificate, orderCertificate, type OrderOptions } from './order-certificate.ts';
import { type OrderPlan, planOrder } from './plan-order.ts';
import { plainWindow, RenewalWindows, renewalTimeMs } from './renewal.ts';
import { findWantedCertificates, type WantedCertificate } from './wanted-certificates.ts';

export interface CertificateKeeperOptions {
  readonly view: ControllerView;
  readonly table: () => RouteTable | null;
  readonly isLeading: () => boolean;
  readonly record: (target: EventTarget, text: EventText) => void;
  readonly log: ControllerLog;
  readonly clock: AcmeClock;
  readonly secrets: Pick<AcmeSecrets, 'writeCertificate'>;
  readonly board: Pick<ChallengeBoard, 'present' | 'withdraw'>;
  readonly directoryUrl: string;
  readonly kind: OrderOptions['kind'];
  /** With the account's key, which is read or made. */
  readonly openServer: () => Promise<AcmeServer>;
}

const maxOrders = 4;
/** Changes come in bursts. */
const gatherMs = 500;
const longestPauseMs = 3_600_000;
const firstPauseMs = 60_000;

export class CertificateKeeper {
  readonly #options: CertificateKeeperOptions;
  readonly #backoff = new HostBackoff();
  readonly #windows = new RenewalWindows();
  readonly #ordering = new Set<ObjectKey>();
  /** Certificates that were written and are not seen yet. */
  readonly #written = new Map<ObjectKey, Secret | null>();
  readonly #toldRefusals = new Set<string>();
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
  }

  onStep({ changes }: ControllerStep): void {
    const kinds = new Set(
      changes.map((change) => (change.kind === 'set' ? change.object.kind : change.ref.kind)),
    );
    if (kinds.has('Ingress') || kinds.has('IngressClass') || kinds.has('Secret')) this.#wake(gatherMs);
  }

  /** From now on this replica orders. */
  start(): void {
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
    const { certificates, refusals } = findWantedCertificates(ownIngresses(view), table);
    for (const { ingress, message } of refusals) this.#refuse([ingress], message);
    let nextMs = longestPauseMs;
    for (const wanted of certificates) {
      if (this.#ordering.has(wanted.secret)) continue;
      const plan = await this.#plan(wanted);
      if (plan === null) continue;
      if (plan.kind === 'wait') nextMs = Math.min(nextMs, plan.untilMs - clock.nowMs());
      else if (clock.nowMs() < this.#pausedUntilMs) {
        nextMs = Math.min(nextMs, this.#pausedUntilMs - clock.nowMs());
      } else if (this.#ordering.size < maxOrders) this.#order(wanted, plan.hosts);
      // Beyond, the end of an order looks again.
    }
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
      this.#refuse(wanted.ingresses, state.message);
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

  #order(wanted: WantedCertificate, hosts: readonly string[]): void {
    this.#ordering.add(wanted.secret);
    const done = (): void => {
      this.#ordering.delete(wanted.secret);
      this.#wake(gatherMs);
    };
    this.#carryOut(wanted, hosts).then(done, done);
  }

  async #carryOut(wanted: WantedCertificate, hosts: readonly string[]): Promise<void> {
    const { clock, kind, board, directoryUrl } = this.#options;
    const seen = this.#secretOf(wanted.secret);
    const state = judgeSecret(seen, wanted.secret, directoryUrl);
    const replaces = state.kind === 'ours' ? (state.certificate?.renewalId ?? null) : null;
    const list = hosts.map((host) => `"${host}"`).join(', ');
    const from = `at ${new URL(directoryUrl).host}`;
    this.#tell(wanted.ingresses, 'Normal', 'CertificateOrdered', `orders a certificate for ${list} ${from}`);
    try {
      const server = await this.#openServer();
      const usesAri = (await server.lookupResource('renewalInfo')) !== null;
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
      for (const host of hosts) this.#backoff.succeed(host);
      this.#pauses = 0;
      const message = `the certificate for ${list} is in Secret "${wanted.secret}"`;
      this.#tell(wanted.ingresses, 'Normal', 'CertificateIssued', message);
    } catch (error) {
      this.#fail(wanted, hosts, error);
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

  /** Blames the hosts that the server blames; all of the order where it names none; none when it could not be asked. */
  #fail(wanted: WantedCertificate, hosts: readonly string[], error: unknown): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const blame = (host: string, leastMs: number): void =>
      this.#backoff.fail(host, nowMs, clock.random(), leastMs);
    if (error instanceof HostsRefusedError) for (const host of error.reasons.keys()) blame(host, 0);
    else if (error instanceof AcmeError) {
      const named = hosts.filter((host) => error.problem.ofHosts.has(host));
      for (const host of named.length > 0 ? named : hosts) blame(host, error.retryAfterMs ?? 0);
    } else if (error instanceof ForeignSecretError) {
      this.#refuse(wanted.ingresses, error.message);
      return;
    } else {
      const pauseMs = Math.min(firstPauseMs * 2 ** Math.min(this.#pauses, 10), longestPauseMs);
      const leastMs = error instanceof AcmeUnavailableError ? (error.retryAfterMs ?? 0) : 0;
      this.#pausedUntilMs = nowMs + Math.max(pauseMs * (1 + clock.random() / 5), leastMs);
      this.#pauses += 1;
    }
    const message = `no certificate for Secret "${wanted.secret}" yet: ${messageOf(error)}`;
    this.#tell(wanted.ingresses, 'Warning', 'CertificateFailed', message);
  }

  /** Told once, until it is something else. */
  #refuse(ingresses: readonly Ingress[], message: string): void {
    for (const ingress of ingresses) {
      const key = `${ingress.metadata.uid ?? ''} ${message}`;
      if (this.#toldRefusals.has(key)) continue;
      if (this.#toldRefusals.size > 10_000) this.#toldRefusals.clear();
      this.#toldRefusals.add(key);
      this.#tell([ingress], 'Warning', 'CertificateFailed', message);
    }
  }

  #tell(ingresses: readonly Ingress[], type: EventText['type'], reason: string, message: string): void {
    const { record, log } = this.#options;
    for (const { apiVersion, metadata } of ingresses) {
      const { namespace = '', name, uid = '', resourceVersion = '' } = metadata;
      const ref = { kind: 'Ingress', namespace, name };
      record({ ref, apiVersion, uid, resourceVersion }, { type, reason, message });
      log[type === 'Warning' ? 'warn' : 'info']({ ingress: `${namespace}/${name}` }, message);
    }
  }
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
