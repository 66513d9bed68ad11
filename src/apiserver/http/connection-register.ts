// The open connections. When there are as many as may be, a new one takes the place of one that waits for nothing, those without
// a known user first: a thousand idle connections keep nobody out.
import type { Socket } from 'node:net';

interface Entry {
  readonly raw: Socket;
  /** Requests being served. */
  active: number;
  isKnown: boolean;
}

export class ConnectionRegister {
  readonly #maxConnections: number;
  /** By what both the raw socket and the TLS socket above it know of themselves; in the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Takes up a connection before its handshake, at the cost of another one or of itself. */
  add(raw: Socket): void {
    if (this.#entries.size >= this.#maxConnections && !this.#evict()) {
      raw.destroy();
      return;
    }
    const key = keyOf(raw);
    const entry: Entry = { raw, active: 0, isKnown: false };
    this.#entries.set(key, entry);
    raw.once('close', () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
  }

  /** A request begins; the function that is returned ends it. */
  begin(socket: Socket): { readonly markKnown: () => void; readonly end: () => void } {
    const key = keyOf(socket);
    const entry = this.#entries.get(key);
    if (entry === undefined) return { markKnown: ignore, end: ignore };
    entry.active += 1;
    return {
      markKnown: () => {
        entry.isKnown = true;
      },
      end: () => {
        entry.active -= 1;
        if (this.#entries.get(key) !== entry) return;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
      },
    };
  }

  destroyAll(): void {
    for (const entry of this.#entries.values()) entry.raw.destroy();
  }

  #evict(): boolean {
    let victim: [string, Entry] | null = null;
    for (const [key, entry] of this.#entries) {
      if (entry.active > 0) continue;
      victim ??= [key, entry];
      if (entry.isKnown) continue;
      victim = [key, entry];
      break;
    }
    if (victim === null) return false;
    this.#entries.delete(victim[0]);
    victim[1].raw.destroy();
    return true;
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''} ${socket.localAddress ?? ''}`;
}

function ignore(): void {}
