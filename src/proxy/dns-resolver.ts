// DnsResolver: keeps the addresses of external names fresh. Each name is resolved at once, then again when its time to live has
// passed; a failure keeps the last answer and is tried again with growing pauses. No lookup happens per request.
import { lookup, resolve4, resolve6 } from 'node:dns/promises';
import { isIP } from 'node:net';

const minTtlMs = 1_000;
const maxTtlMs = 300_000;
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;
/** Requests wait for a first answer: this long at most (rule L8). */
const lookupTimeoutMs = 5_000;
/** For names that only the hosts file knows: it tells no time to live. */
const hostsFileTtlMs = 30_000;

export interface Resolution {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

/** The lookups that a resolver needs; node:dns in production, a table in tests. */
export interface NameLookup {
  /** Addresses and time to live of a name. Rejects when there are none. */
  (name: string): Promise<Resolution>;
}

/** Null: the first resolution failed and there is no earlier answer. */
export type AddressListener = (addresses: readonly string[] | null) => void;

interface Watch {
  readonly name: string;
  readonly listener: AddressListener;
  timer: NodeJS.Timeout | null;
  addresses: readonly string[] | null;
  failures: number;
}

export class DnsResolver {
  readonly #lookup: NameLookup;
  readonly #random: () => number;
  readonly #watches = new Map<string, Watch>();

  constructor(lookup: NameLookup, random: () => number) {
    this.#lookup = lookup;
    this.#random = random;
  }

  /** Watches a name under an id, instead of what the id watched before. */
  watch(id: string, name: string, listener: AddressListener): void {
    this.unwatch(id);
    const watch: Watch = { name, listener, timer: null, addresses: null, failures: 0 };
    this.#watches.set(id, watch);
    void this.#resolve(id, watch);
  }

  unwatch(id: string): void {
    const watch = this.#watches.get(id);
    if (watch === undefined) return;
    if (watch.timer !== null) clearTimeout(watch.timer);
    this.#watches.delete(id);
  }

  close(): void {
    for (const id of [...this.#watches.keys()]) this.unwatch(id);
  }

  async #lookupInTime(name: string): Promise<Resolution> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), lookupTimeoutMs);
    try {
      return await Promise.race([this.#lookup(name), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #resolve(id: string, watch: Watch): Promise<void> {
    let waitMs: number;
    try {
      const { addresses, ttlMs } = await this.#lookupInTime(watch.name);
      if (this.#watches.get(id) !== watch) return;
      watch.failures = 0;
      waitMs = Math.min(Math.max(ttlMs, minTtlMs), maxTtlMs);
      const sorted = addresses.filter(isDialable).sort();
      if (watch.addresses === null || sorted.join(' ') !== watch.addresses.join(' ')) {
        watch.addresses = sorted;
        watch.listener(sorted);
      }
    } catch {
      if (this.#watches.get(id) !== watch) return;
      if (watch.addresses === null) watch.listener(null);
      waitMs = Math.min(firstRetryMs * 2 ** watch.failures, maxRetryMs);
      watch.failures = Math.min(watch.failures + 1, 16);
    }
    // Jitter, so that the workers do not ask in step.
    watch.timer = setTimeout(() => void this.#resolve(id, watch), waitMs * (1 + this.#random() * 0.1));
    watch.timer.unref();
  }
}

/** Rule G5: names that point at link-local (cloud metadata), multicast or unspecified addresses are not dialled. */
function isDialable(address: string): boolean {
  const version = isIP(address);
  if (version === 4) {
    const first = Number.parseInt(address, 10);
    return first !== 0 && first < 224 && !address.startsWith('169.254.');
  }
  if (version === 6) {
    const lower = address.toLowerCase();
    return (
      lower !== '::' && !/^fe[89ab]/.test(lower) && !lower.startsWith('ff') && !lower.startsWith('::ffff:')
    );
  }
  return false;
}

/** Resolves by DNS with its time to live, and by the system's hosts file for names that DNS does not know. */
export async function lookupName(name: string): Promise<Resolution> {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (isIP(bare) !== 0) return { addresses: [bare], ttlMs: maxTtlMs };
  if (bare === 'localhost' || bare.endsWith('.localhost'))
    return { addresses: ['127.0.0.1'], ttlMs: maxTtlMs };
  const answers = await Promise.allSettled([resolve4(bare, { ttl: true }), resolve6(bare, { ttl: true })]);
  const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (records.length > 0) {
    const ttlMs = Math.min(...records.map((record) => record.ttl)) * 1_000;
    return { addresses: records.map((record) => record.address), ttlMs };
  }
  const hosts = await lookup(bare, { all: true });
  return { addresses: hosts.map((host) => host.address), ttlMs: hostsFileTtlMs };
}
