// AwaitingClient: the deadlines of a client that an exchange waits for, the same for a connection of HTTP/1.1 and a stream of HTTP/2.
// Each call arms one state and ends the one before.
import { BodyPace } from './body-pace.ts';
import type { ProxyCore } from './core.ts';
import type { Timed } from './deadlines.ts';

export abstract class AwaitingClient implements Timed {
  readonly core: ProxyCore;
  deadlineMs: number;
  protected readonly pace = new BodyPace();

  constructor(core: ProxyCore, deadlineMs: number) {
    this.core = core;
    this.deadlineMs = deadlineMs;
  }

  abstract onDeadline(nowMs: number): void;

  /** The exchange reads a request body now: pauses and trickling end it. */
  awaitBody(): void {
    const { deadlines, settings } = this.core;
    this.deadlineMs = Math.min(
      deadlines.after(settings.timeouts.requestBodyMs),
      this.pace.windowEnd(deadlines.nowMs),
    );
  }

  /** The next message of a conversation: how fast it comes nobody can ask. */
  awaitMessage(timeoutMs: number): void {
    this.deadlineMs = this.core.deadlines.after(timeoutMs);
    this.pace.reset();
  }

  /** Nothing is expected of the client: its body is complete, or held back by us. */
  awaitNothing(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.pace.reset();
  }

  awaitSend(): void {
    this.deadlineMs = this.core.deadlines.after(this.core.settings.timeouts.sendStallMs);
  }

  awaitTunnel(): void {
    this.deadlineMs = this.core.deadlines.after(this.core.settings.timeouts.tunnelIdleMs);
  }
}
