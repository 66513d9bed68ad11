// AcmeAgent: the room put together: the account, the board of challenges and the keeper of certificates, for one controller.
import type { ObjectKey, RouteTable } from '../../model/index.ts';
import { objectKey } from '../../model/index.ts';
import type { ApiClient } from '../../sources/kube/api-client.ts';
import type { ControllerStep } from '../controller.ts';
import { type AcmeClock, systemClock } from './acme-clock.ts';
import { AcmeSecrets } from './acme-secrets.ts';
import { AcmeServer, type AcmeServerOptions } from './acme-server.ts';
import { type AcmeTransport, createAcmeTransport } from './acme-transport.ts';
import { CertificateKeeper, type CertificateKeeperOptions } from './certificate-keeper.ts';
import { ChallengeBoard } from './challenge-board.ts';

/** What the operator says. */
export interface AcmeOptions
  extends Pick<AcmeServerOptions, 'directoryUrl' | 'email' | 'externalAccount'>,
    Pick<CertificateKeeperOptions, 'kind'> {
  /** PEM; trusted besides the public ones; null: none. */
  readonly authorities: string | null;
  /** Of the account's Secret and that of the challenges. */
  readonly namespace: string;
  /** Time for other replicas to answer challenges too; 0: there are none. */
  readonly settleMs: number;
  readonly userAgent: string;
}

export interface AcmeAgentOptions
  extends AcmeOptions,
    Pick<CertificateKeeperOptions, 'view' | 'table' | 'isLeading' | 'record' | 'log'> {
  readonly client: ApiClient;
  readonly clock?: AcmeClock;
  readonly transport?: AcmeTransport;
}

/** The Secret that tells all replicas which challenges to answer. */
export function challengeSecretOf(namespace: string): ObjectKey {
  return objectKey(namespace, 'sallyport-acme-challenges');
}

export function accountSecretOf(namespace: string): ObjectKey {
  return objectKey(namespace, 'sallyport-acme-account');
}

export class AcmeAgent {
  readonly #board: ChallengeBoard;
  readonly #keeper: CertificateKeeper;
  readonly #table: AcmeAgentOptions['table'];
  readonly #log: AcmeAgentOptions['log'];

  constructor(options: AcmeAgentOptions) {
    const { client, clock = systemClock, namespace, settleMs, table, log, userAgent } = options;
    const transport = options.transport ?? createAcmeTransport(options.authorities, userAgent);
    const secrets = new AcmeSecrets(client);
    this.#table = table;
    this.#log = log;
    this.#board = new ChallengeBoard({
      write: (data) => secrets.writeChallenges(challengeSecretOf(namespace), data),
      clock,
      settleMs,
      onFailed: (error) => this.#warn('cannot take challenges away', error),
    });
    this.#keeper = new CertificateKeeper({
      ...options,
      clock,
      secrets,
      board: this.#board,
      failures: {
        read: () => secrets.readFailures(challengeSecretOf(namespace)),
        write: (render) => secrets.writeFailures(challengeSecretOf(namespace), render),
      },
      openServer: async () => {
        const accountKey = await secrets.ensureAccountKey(accountSecretOf(namespace));
        return new AcmeServer({ ...options, clock, transport, accountKey });
      },
    });
  }

  onStep(step: ControllerStep): void {
    const table: RouteTable | null = this.#table();
    if (table !== null) this.#board.onTable(table, step.version);
    this.#keeper.onStep(step);
  }

  onServed(version: number): void {
    this.#board.onServed(version);
  }

  onStartedLeading(): void {
    this.#board.reset().catch((error: unknown) => this.#warn('cannot take old challenges away', error));
    this.#keeper.start();
  }

  stop(): void {
    this.#keeper.stop();
  }

  #warn(what: string, error: unknown): void {
    this.#log.warn({}, `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
