// Transport: one way of speaking to the endpoints of one upstream, other than plain HTTP/1.1. Connections of different transports never
// mix (rule K9): a Lane holds those of one endpoint and one transport.
import type { SecureContext } from 'node:tls';
import type { ClientTls } from '../../model/index.ts';
import type { Http2Lane } from './http2-lane.ts';
import type { UpstreamConnection } from '../upstream-connection.ts';

export interface Transport {
  readonly isHttp2: boolean;
  /** Null: in the clear. */
  readonly tls: TransportTls | null;
  /** Its Secret has another version now, or others were used since: no further request. */
  isRetired: boolean;
  /** Which use of any transport the last one of this was. */
  lastUse: number;
}

export interface TransportTls {
  readonly context: SecureContext;
  readonly alpn: readonly string[];
  readonly verifies: boolean;
  readonly maxIntermediates: number;
  /** What a certificate must be for, if it is verified. */
  readonly name: string;
  /** SNI; empty: none is sent. */
  readonly serverName: string;
  /** What the context was made of; null: nothing of a Secret. */
  readonly material: ClientTls | null;
}

/** What one endpoint has of one transport. */
export class Lane {
  readonly transport: Transport;
  /** Keep-alive connections of HTTP/1.1 waiting for a request, the most recently used last. */
  readonly idle: UpstreamConnection[] = [];
  /** Sessions of HTTP/2; null until there was one. */
  http2: Http2Lane | null = null;
  /** The latest session ticket of the endpoint (rule K8). */
  session: Buffer | null = null;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** No further request comes: idle connections end. */
  close(): void {
    // A copy: destroying takes the connection out of the list.
    for (const connection of [...this.idle]) connection.destroy();
    this.http2?.close();
  }
}

/** The lanes of one endpoint. */
export class Lanes {
  readonly #byTransport = new Map<Transport, Lane>();

  ensure(transport: Transport): Lane {
    let lane = this.#byTransport.get(transport);
    if (lane === undefined) {
      for (const [each, old] of this.#byTransport) {
        if (!each.isRetired) continue;
        this.#byTransport.delete(each);
        old.close();
      }
      lane = new Lane(transport);
      this.#byTransport.set(transport, lane);
    }
    return lane;
  }

  close(): void {
    for (const lane of this.#byTransport.values()) lane.close();
    this.#byTransport.clear();
  }
}
