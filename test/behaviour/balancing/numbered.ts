// What the tests of balancing share: upstreams that answer with their number, and who answered.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { okResponse, RawClient, startAnswering, type TestProxy } from '../harness.ts';
import type { TableSpec } from '../table.ts';

/** Upstreams `u0`, `u1` … by their ports. */
export async function startNumbered(t: TestContext, count: number): Promise<number[]> {
  return await Promise.all(
    Array.from({ length: count }, (_, at) => startAnswering(t, () => okResponse(`u${at}`))),
  );
}

/** A port that refuses connections: it was bound a moment ago and is free again. */
export async function refusedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Everything that came back to the requests, sent one after the other on one connection. */
export async function converse(
  t: TestContext,
  proxy: TestProxy,
  requests: readonly string[],
): Promise<string> {
  const client = await RawClient.open(t, proxy.port);
  for (const [at, request] of requests.entries()) {
    client.send(request);
    await client.responses(at + 1);
  }
  return client.received;
}

/** Who answered each request. */
export async function ask(t: TestContext, proxy: TestProxy, requests: readonly string[]): Promise<string[]> {
  const received = await converse(t, proxy, requests);
  return [...received.matchAll(/\r\n\r\n(u\d)/g)].map(([, name = '']) => name);
}

export function get(target: string, fields = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.test\r\n${fields}\r\n`;
}

export function repeat(count: number, request: string): string[] {
  return Array.from({ length: count }, () => request);
}

export function tableOf(
  ports: readonly number[],
  policies: Readonly<Record<string, unknown>> = {},
): TableSpec {
  return { hosts: { 'a.test': [{ upstream: 'web', policies }] }, upstreams: { web: ports } };
}
