// Handshakes: the TLS connections of a worker whose handshake is not done (rule S10). They are bounded: one more ends the oldest, which is
// a silent one when an attacker opens many, because a real client is done within a round trip or two.
import type { Socket } from 'node:net';

/** Handshakes in progress per worker. */
export const maxHandshakes = 512;

export class Handshakes {
  /** By both ends of the connection: the raw socket and the TLS socket on it share nothing else. In order of arrival. */
  readonly #sockets = new Map<string, Socket>();
  readonly #onEnded: () => void;

  /** `onEnded`: a handshake that began here is over, well or badly. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** `socket`: the raw one. */
  begin(socket: Socket): void {
    const key = keyOf(socket);
    this.#sockets.set(key, socket);
    socket.once('close', () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key);
      this.#onEnded();
    });
    if (this.#sockets.size <= maxHandshakes) return;
    for (const [oldestKey, oldest] of this.#sockets) {
      this.#sockets.delete(oldestKey);
      oldest.destroy();
      break;
    }
  }

  /** `socket`: the TLS one. Returns the raw one; null: it was not counted here. */
  end(socket: Socket): Socket | null {
    const key = keyOf(socket);
    const raw = this.#sockets.get(key) ?? null;
    this.#sockets.delete(key);
    return raw;
  }

  destroy(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
    this.#sockets.clear();
  }
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
