// ConnectionLimit: no more connections than so many. A new one takes the place of the one that has been idle longest, so that
// idle connections keep nobody out; when all are at work, the new one is closed.
import type { Socket } from 'node:net';

interface Entry {
  readonly raw: Socket;
  /** Requests being served. */
  active: number;
}

export class ConnectionLimit {
  readonly #maxConnections: number;
  /** By the ends of the connection, which the TLS socket knows as well as the raw one; in the order of last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections;
  }

  add(raw: Socket): void {
    if (this.#entries.size >= this.#maxConnections && !this.#evict()) {
      raw.destroy();
      return;
    }
    const key = keyOf(raw);
    const entry: Entry = { raw, active: 0 };
    this.#entries.set(key, entry);
    raw.once('close', () => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
  }

  /** A request begins; what is returned ends it. */
  begin(socket: Socket): () => void {
    const key = keyOf(socket);
    const entry = this.#entries.get(key);
    if (entry === undefined) return () => undefined;
    entry.active += 1;
    return () => {
      entry.active -= 1;
      if (this.#entries.get(key) !== entry) return;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    };
  }

  destroyAll(): void {
    for (const { raw } of this.#entries.values()) raw.destroy();
  }

  #evict(): boolean {
    for (const [key, { raw, active }] of this.#entries) {
      if (active > 0) continue;
      this.#entries.delete(key);
      raw.destroy();
      return true;
    }
    return false;
  }
}

function keyOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''} ${socket.localAddress ?? ''}`;
}
