// Looks into the proxy's own sockets in tests that run it in their process: how much is buffered, and whether a socket is paused.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { TestProxy } from './harness.ts';

/** Sockets in the order in which they were made. */
export interface ProbedSockets {
  /** Accepted by the proxy's plain listener. */
  readonly downstream: Socket[];
  /** Opened by the proxy to the given ports. */
  readonly upstream: Socket[];
}

/** Collects the proxy's sockets from now on: accepted ones by the proxy's port, opened ones by the upstreams' ports. */
export function probeSockets(
  t: TestContext,
  proxy: TestProxy,
  upstreamPorts: readonly number[],
): ProbedSockets {
  const sockets: ProbedSockets = { downstream: [], upstream: [] };
  const onAccepted = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === proxy.port) sockets.downstream.push(socket);
  };
  const onOpened = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => {
      if (upstreamPorts.includes(socket.remotePort ?? 0)) sockets.upstream.push(socket);
    });
  };
  subscribe('net.server.socket', onAccepted);
  subscribe('net.client.socket', onOpened);
  t.after(() => {
    unsubscribe('net.server.socket', onAccepted);
    unsubscribe('net.client.socket', onOpened);
  });
  return sockets;
}

/** Lets the event loop turn: everything that loopback has ready is delivered, without a clock. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** Turns the loop until the condition holds; fails after a bounded number of turns. */
export async function turnUntil(condition: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (condition()) return;
    await new Promise(setImmediate);
  }
  throw new Error(`it did not come to ${what}`);
}
