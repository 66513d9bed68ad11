// Tunnel: an upgraded connection (WebSocket). Bytes go both ways with back-pressure; a half-close is passed on; silence in
// both directions ends it. Survives every table change, because it no longer needs the table.
import type { Downstream } from './downstream.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamLink } from './upstream-link.ts';

export class Tunnel {
  readonly #exchange: Exchange;
  readonly #downstream: Downstream;
  readonly #upstream: UpstreamLink;
  #isDownstreamEnded = false;
  #isUpstreamEnded = false;

  constructor(exchange: Exchange, downstream: Downstream, upstream: UpstreamLink) {
    this.#exchange = exchange;
    this.#downstream = downstream;
    this.#upstream = upstream;
    exchange.core.counters.tunnels += 1;
    downstream.awaitTunnel();
  }

  onDownstreamData(bytes: Buffer): void {
    this.#downstream.awaitTunnel();
    if (!this.#upstream.sendTunnel(bytes)) this.#downstream.pauseReading();
  }

  onUpstreamData(bytes: Buffer): void {
    this.#downstream.awaitTunnel();
    this.#exchange.onBodyBytes(bytes.length);
    if (!this.#downstream.sendTunnel(bytes)) this.#upstream.pause();
  }

  onUpstreamDrain(): void {
    this.#downstream.resumeReading();
  }

  onDownstreamDrain(): void {
    this.#upstream.resume();
  }

  onDownstreamEnd(): void {
    this.#isDownstreamEnded = true;
    this.#upstream.endTunnel();
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
