// PasswordDesk: what the gates of all routes share in a worker: the table's credentials with what is remembered of them, the queue for costly
// hashes, the nonces. Nothing here outlives the worker.
import { randomBytes } from 'node:crypto';
import type { PasswordSettings } from '../../features/index.ts';
import type { Credentials, CredentialsId } from '../../model/index.ts';
import { DigestBook } from './digest-book.ts';
import { defaultHashQueue, HashQueue, type HashQueueOptions } from './hash-queue.ts';
import { KeyedSum } from './keyed-sum.ts';
import { Nonces } from './nonces.ts';
import { PasswordBook } from './password-book.ts';
import { PasswordGate } from './password-gate.ts';
import { startHashThread } from './start-hash-thread.ts';

/** Of one Secret: realms come and go with annotations, those in use at a time are few. */
const maxRealms = 16;

export interface PasswordDeskOptions {
  /** Of the present table. */
  readonly lookup: (id: CredentialsId) => Credentials | undefined;
  /** Shared by all workers. */
  readonly nonceKey: Uint8Array;
  readonly queue?: Partial<HashQueueOptions>;
  readonly nowMs?: () => number;
}

export class PasswordDesk {
  readonly queue: HashQueue;
  readonly #lookup: PasswordDeskOptions['lookup'];
  readonly #nonces: Nonces;
  readonly #sums = new KeyedSum(randomBytes(32));
  /** Go with their version of the Secret. */
  readonly #passwordBooks = new WeakMap<Credentials, PasswordBook>();
  readonly #digestBooks = new WeakMap<Credentials, Map<string, DigestBook>>();

  constructor({ lookup, nonceKey, queue, nowMs = Date.now }: PasswordDeskOptions) {
    this.#lookup = lookup;
    this.#nonces = new Nonces(nonceKey, nowMs);
    this.queue = new HashQueue({
      ...defaultHashQueue,
      startThread: startHashThread,
      nowMs: () => performance.now(),
      ...queue,
    });
  }

  /** The check of one route. `owner`: the Ingress that it belongs to. */
  gateOf(owner: string, settings: PasswordSettings): PasswordGate {
    return new PasswordGate(this, owner, settings);
  }

  /** Null: the Secret is not in the table. */
  passwordBookOf(id: CredentialsId): PasswordBook | null {
    const unit = this.#lookup(id);
    if (unit?.kind !== 'basic') return null;
    let book = this.#passwordBooks.get(unit);
    if (book === undefined) {
      book = new PasswordBook(unit.users, this.queue, this.#sums);
      this.#passwordBooks.set(unit, book);
    }
    return book;
  }

  /** Null: the Secret is not in the table. */
  digestBookOf(id: CredentialsId, realm: string): DigestBook | null {
    const unit = this.#lookup(id);
    if (unit?.kind !== 'digest') return null;
    let books = this.#digestBooks.get(unit);
    if (books === undefined) {
      books = new Map();
      this.#digestBooks.set(unit, books);
    }
    let book = books.get(realm);
    if (book === undefined) {
      if (books.size >= maxRealms) books.clear();
      book = new DigestBook(unit.users, realm, this.#nonces, this.#sums);
      books.set(realm, book);
    }
    return book;
  }

  hasCredentials(id: CredentialsId): boolean {
    return this.#lookup(id) !== undefined;
  }

  close(): void {
    this.queue.close();
  }
}
