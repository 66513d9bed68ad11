// PlainUser: what a user of an upstream connection never hears when it speaks HTTP/1.1, sends no body, and keeps time by itself.
import type { UpstreamUser } from '../upstream-link.ts';

export abstract class PlainUser implements UpstreamUser {
  abstract onUpstreamConnect(): void;
  abstract onUpstreamData(buffer: Buffer, length: number): void;
  abstract onUpstreamEnd(): void;
  abstract onUpstreamError(...args: Parameters<UpstreamUser['onUpstreamError']>): void;
  abstract onUpstreamBug(error: unknown): void;
  onUpstreamDeadline(): void {}
  onUpstreamDrain(): void {}
  onUpstreamHead(): void {}
  onUpstreamBody(): void {}
  onUpstreamBodyEnd(): void {}
}
