// PasswordBook: the users of one Secret, and which passwords were right. What was verified once costs a keyed sum from then on; the memory
// belongs to this version of the Secret and goes with it.
import type { PasswordUser } from '../../model/index.ts';
import { clientOf } from '../client-limits.ts';
import { parseToken, tokenOf } from './basic-scheme.ts';
import type { Asker, HashOutcome, HashQueue } from './hash-queue.ts';
import type { KeyedSum } from './keyed-sum.ts';
import { isCheap, maxPasswordBytes, verifyHash } from './verify-hash.ts';

/** A user may be known by more than one password: crypt(3) looks at the first 72 bytes, or at less. */
const rememberedPerUser = 2;

export class PasswordBook {
  readonly #users: ReadonlyMap<string, PasswordUser>;
  readonly #list: readonly PasswordUser[];
  readonly #queue: HashQueue;
  /** With a random key of this process: without it the sums say nothing of the passwords. */
  readonly #sums: KeyedSum;
  readonly #verified = new Set<string>();
  /** The same credentials are asked for once at a time. */
  readonly #pending = new Map<string, Promise<HashOutcome>>();

  constructor(users: readonly PasswordUser[], queue: HashQueue, sums: KeyedSum) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#list = users;
    this.#queue = queue;
    this.#sums = sums;
  }

  get rememberedCount(): number {
    return this.#verified.size;
  }

  /** `owner`: the Ingress in whose turn a costly hash is looked at, and in it the client of that address. */
  check(authorization: string, owner: string, address: string): HashOutcome | Promise<HashOutcome> {
    const token = tokenOf(authorization);
    if (token === '') return 'mismatch';
    if (this.#verified.size > 0 && this.#verified.has(this.#sums.of(token))) return 'match';
    const pair = parseToken(token);
    if (pair === null || pair.password.length > maxPasswordBytes) return 'mismatch';
    const known = this.#users.get(pair.user);
    const user = known ?? this.#standInFor(pair.user);
    if (user === undefined) return 'mismatch';
    if (isCheap(user.scheme)) {
      const isMatch = verifyHash(user, pair.password);
      return isMatch && known !== undefined ? 'match' : 'mismatch';
    }
    const asker: Asker = { owner, client: clientOf(address) };
    return this.#checkCostly(token, pair.password, user, known !== undefined, asker);
  }

  async #checkCostly(
    token: string,
    password: Uint8Array,
    user: PasswordUser,
    isKnown: boolean,
    asker: Asker,
  ): Promise<HashOutcome> {
    const sum = this.#sums.of(token);
    const pending = this.#pending.get(sum);
    if (pending !== undefined) return await pending;
    const asked = this.#queue.check(asker, user, password);
    const judged = asked.then((outcome) => (outcome === 'match' && !isKnown ? 'mismatch' : outcome));
    this.#pending.set(sum, judged);
    const outcome = await judged;
    this.#pending.delete(sum);
    if (outcome === 'match') this.#remember(sum);
    return outcome;
  }

  /**
   * An unknown user costs what one of the known ones costs, and always the same one for a name: from the time of an answer nobody learns
   * who is known. Undefined: there is nobody.
   */
  #standInFor(name: string): PasswordUser | undefined {
    const { length } = this.#list;
    if (length === 0) return undefined;
    const sum = this.#sums.of(`?${name}`);
    return this.#list[((sum.charCodeAt(0) << 16) | (sum.charCodeAt(1) << 8) | sum.charCodeAt(2)) % length];
  }

  #remember(sum: string): void {
    if (this.#verified.size >= this.#list.length * rememberedPerUser) {
      for (const oldest of this.#verified) {
        this.#verified.delete(oldest);
        break;
      }
    }
    this.#verified.add(sum);
  }
}
