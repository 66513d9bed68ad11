// What the tests of client certificates share: a proxy with a guarded and an open host, handshakes with and without certificate, an endpoint
// that remembers what it was told.
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { ClientAuth } from '../../src/model/index.ts';
import { anyPort } from '../../src/proxy/listeners.ts';
import { okResponse, RawClient, startAnswering, startProxy, type TestProxy } from './harness.ts';
import { makeCertificate } from './self-signed.ts';
import type { TableSpec } from './table.ts';
import { type Identity, makeAuthorityUnit, makeClientAuth, TestAuthority } from './test-authority.ts';

export const root = new TestAuthority('root');
export const stranger = new TestAuthority('stranger');
export const client = root.issue('client', { organizations: ['Shop, "Inc"'] });
export const authority = makeAuthorityUnit('test/ca', root.pem);

export interface Started {
  readonly proxy: TestProxy;
  readonly table: TableSpec;
  /** Fields of the last request that the endpoint got. */
  readonly seen: () => ReadonlyMap<string, string>;
}

export async function start(
  t: TestContext,
  policy: Partial<ClientAuth> = {},
  part: Partial<TableSpec> = {},
): Promise<Started> {
  let request = '';
  const port = await startAnswering(t, (text) => {
    request = text;
    return okResponse('ok');
  });
  const table: TableSpec = {
    hosts: { 'a.test': [{ path: '/', upstream: 'web' }], 'open.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
    certificates: [makeCertificate('test/a', ['a.test', 'b.test', 'open.test'])],
    tls: { 'a.test': 'test/a', 'open.test': 'test/a' },
    authorities: [authority],
    clientAuth: { 'a.test': makeClientAuth('test/ca', policy) },
    ...part,
  };
  const proxy = await startProxy(t, table, { listen: { httpsPort: anyPort } });
  const seen = (): ReadonlyMap<string, string> =>
    new Map(
      request
        .split('\r\n')
        .slice(1, -2)
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
  return { proxy, table, seen };
}

export async function handshake(
  t: TestContext,
  proxy: TestProxy,
  identity: Pick<Identity, 'cert' | 'key'> | null,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    servername: 'a.test',
    rejectUnauthorized: false,
    ...(identity !== null && { cert: identity.cert, key: identity.key }),
    ...options,
  });
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

export async function ask(
  socket: TLSSocket | RawClient,
  host = 'a.test',
  fields = '',
  count = 1,
): Promise<string> {
  const raw = socket instanceof RawClient ? socket : new RawClient(socket);
  raw.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
  const text = await raw.responses(count);
  return text.split('HTTP/1.1 ').at(-1) ?? '';
}

export async function statusOf(
  t: TestContext,
  proxy: TestProxy,
  identity: Pick<Identity, 'cert' | 'key'> | null,
  options: ConnectionOptions = {},
): Promise<number> {
  return Number((await ask(await handshake(t, proxy, identity, options))).slice(0, 3));
}
