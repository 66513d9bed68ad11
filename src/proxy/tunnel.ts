// Tunnel: an upgraded connection (WebSocket). Bytes go both ways with back-pressure; a half-close is passed on; silence in
// both directions ends it. Survives every table change, because it no longer needs the table.
import type { Downstream } from './downstream.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export class Tunnel {
  readonly #exchange: Exchange;
  readonly #downstream: Downstream;
  readonly #upstream: UpstreamConnection;
  #isDownstreamEnded = false;
  #isUpstreamEnded = false;

  constructor(exchange: Exchange, downstream: Downstream, upstream: UpstreamConnection) {
    this.#exchange = exchange;
    this.#downstream = downstream;
    this.#upstream = upstream;
    exchange.core.counters.tunnels += 1;
    downstream.awaitTunnel();
  }

  onDownstreamData(bytes: Buffer): void {
    this.#downstream.awaitTunnel();
    if (!this.#upstream.socket.write(bytes)) this.#downstream.pauseReading();
  }

  onUpstreamData(bytes: Buffer): void {
    this.#downstream.awaitTunnel();
    this.#exchange.onBodyBytes(bytes.length);
    if (!this.#downstream.sendTunnel(bytes)) this.#upstream.socket.pause();
  }

  onUpstreamDrain(): void {
    this.#downstream.resumeReading();
  }

  onDownstreamDrain(): void {
    this.#upstream.socket.resume();
  }

  onDownstreamEnd(): void {
    this.#isDownstreamEnded = true;
    this.#upstream.socket.end();
    this.#endIfDone();
  }

  onUpstreamEnd(): void {
    this.#isUpstreamEnded = true;
    this.#downstream.endTunnel();
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#isDownstreamEnded && this.#isUpstreamEnded) this.#exchange.finishTunnel();
  }
}
