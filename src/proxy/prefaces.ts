// Prefaces: the connections of a worker whose preface is not read yet. Bounded as handshakes are: one more ends the oldest, which is a
// silent one when somebody opens many.
import type { Socket } from 'node:net';
import type { ProxyEnd } from '../wire/proxy-protocol/index.ts';
import type { ClientHello } from '../wire/tls-hello/index.ts';
import { type ProxyCore, reportBug } from './core.ts';
import { Preface, type PrefacePart } from './preface.ts';

/** Prefaces in progress per worker. */
export const maxPrefaces = 1_024;

/** What a trusted peer says of the connection that it forwards. */
export interface AnnouncedEnds {
  readonly source: ProxyEnd;
  readonly destination: ProxyEnd;
}

/** A connection whose preface is read; its socket is paused. */
export interface PrefacedConnection {
  readonly socket: Socket;
  /** Null: the connection's own ends count. */
  readonly announced: AnnouncedEnds | null;
  /** Null: it was not asked for. */
  readonly hello: ClientHello | null;
}

export class Prefaces {
  readonly #core: ProxyCore;
  /** In order of arrival. */
  readonly #open = new Set<Preface>();

  readonly #onEnded: () => void;

  /** `onEnded`: a preface that began here is over, well or badly. */
  constructor(core: ProxyCore, onEnded: () => void) {
    this.#core = core;
    this.#onEnded = onEnded;
  }

  get size(): number {
    return this.#open.size;
  }

  /** `wantsHeader`: a connection without a valid PROXY header is closed. */
  begin(
    socket: Socket,
    { wantsHeader, wantsHello }: { readonly wantsHeader: boolean; readonly wantsHello: boolean },
    onDone: (connection: PrefacedConnection) => void,
  ): void {
    const { deadlines, settings, proxyProtocol, isTrustedProxy } = this.#core;
    const peer = socket.remoteAddress ?? '';
    const preface = new Preface({
      socket,
      deadlines,
      headerMs: wantsHeader ? proxyProtocol.headerTimeoutMs : 0,
      helloMs: wantsHello ? settings.timeouts.tlsHandshakeMs : 0,
      onDone: ({ header, hello }) => {
        // Who is not trusted has to send a header too, and is not believed: as nginx does.
        const isBelieved = header?.kind === 'ends' && isTrustedProxy(peer);
        try {
          onDone({ socket, announced: isBelieved ? header : null, hello });
        } catch (error) {
          // Rule V1: it costs this connection and no other.
          reportBug(this.#core, error);
          socket.destroy();
        }
      },
      onFailed: (part, reason) => this.#count(part, reason),
      onEnded: (ended) => {
        this.#open.delete(ended);
        this.#onEnded();
      },
    });
    this.#open.add(preface);
    if (this.#open.size <= maxPrefaces) return;
    for (const oldest of this.#open) {
      oldest.destroy();
      break;
    }
  }

  #count(part: PrefacePart, reason: string): void {
    const { counters } = this.#core;
    if (part === 'hello') counters.handshakesFailed += 1;
    else counters.proxyHeadersRefused.set(reason, (counters.proxyHeadersRefused.get(reason) ?? 0) + 1);
  }

  destroy(): void {
    for (const preface of this.#open) preface.destroy();
  }
}
