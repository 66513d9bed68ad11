// Nonces: what digest authentication is bound to in time. A nonce says itself when it was made, and a keyed sum shows that it is ours: all
// workers of one supervisor share the key, so a connection to another worker is not asked again. What was used is remembered by each worker.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const lifeMs = 300_000;
const timeBytes = 6;
const saltBytes = 8;
const sumBytes = 16;
const nonceLength = ((timeBytes + saltBytes + sumBytes) * 4) / 3;
/** How far behind the highest count a request may come: clients send several at once. */
const windowSize = 32;
const defaultMaxTracked = 10_000;

interface Use {
  readonly issuedMs: number;
  highest: number;
  /** Bit N: `highest` minus N was used. */
  bits: number;
}

export class Nonces {
  readonly #key: Uint8Array;
  readonly #nowMs: () => number;
  readonly #maxTracked: number;
  /** In the order of their first use. */
  readonly #uses = new Map<string, Use>();
  /** Nonces that are not younger are stale: what was known of their use may be forgotten. */
  #floorMs = Number.NEGATIVE_INFINITY;

  constructor(key: Uint8Array, nowMs: () => number, maxTracked = defaultMaxTracked) {
    this.#key = key;
    this.#nowMs = nowMs;
    this.#maxTracked = maxTracked;
  }

  get trackedCount(): number {
    return this.#uses.size;
  }

  /** `scope`: what the nonce is good for. */
  issue(scope: string): string {
    const made = Buffer.alloc(timeBytes + saltBytes);
    made.writeUIntBE(this.#nowMs(), 0, timeBytes);
    made.set(randomBytes(saltBytes), timeBytes);
    return Buffer.concat([made, this.#sum(made, scope)]).toString('base64url');
  }

  /** Counts a use of a nonce by credentials that are right. False: it is stale, not ours, or was used with this count. */
  use(nonce: string, count: number, scope: string): boolean {
    const issuedMs = this.#issuedMs(nonce, scope);
    const nowMs = this.#nowMs();
    // A little ahead: clocks of one machine.
    if (issuedMs === null || issuedMs <= this.#floorMs || issuedMs + lifeMs < nowMs || count === 0)
      return false;
    const use = this.#uses.get(nonce);
    if (use !== undefined) return takeCount(use, count);
    this.#forget(nowMs);
    this.#uses.set(nonce, { issuedMs, highest: count, bits: 1 });
    return true;
  }

  /** Those that are over; and where there is no room, the oldest one, with all that were made before it. */
  #forget(nowMs: number): void {
    for (const [nonce, { issuedMs }] of this.#uses) {
      const isFull = this.#uses.size >= this.#maxTracked;
      if (issuedMs + lifeMs >= nowMs && !isFull) return;
      if (isFull) this.#floorMs = Math.max(this.#floorMs, issuedMs);
      this.#uses.delete(nonce);
    }
  }

  /** Null: not ours. */
  #issuedMs(nonce: string, scope: string): number | null {
    if (nonce.length !== nonceLength) return null;
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== timeBytes + saltBytes + sumBytes) return null;
    const made = bytes.subarray(0, timeBytes + saltBytes);
    if (!timingSafeEqual(this.#sum(made, scope), bytes.subarray(made.length))) return null;
    // Only one spelling, or what was used could be used again in another.
    return bytes.toString('base64url') === nonce ? made.readUIntBE(0, timeBytes) : null;
  }

  #sum(made: Uint8Array, scope: string): Buffer {
    return createHmac('sha256', this.#key).update(made).update(scope, 'utf8').digest().subarray(0, sumBytes);
  }
}

function takeCount(use: Use, count: number): boolean {
  const ahead = count - use.highest;
  if (ahead > 0) {
    use.bits = ahead >= windowSize ? 1 : (use.bits << ahead) | 1;
    use.highest = count;
    return true;
  }
  const bit = -ahead >= windowSize ? 0 : 1 << -ahead;
  if (bit === 0 || (use.bits & bit) !== 0) return false;
  use.bits |= bit;
  return true;
}
