// TLS upstreams for behaviour tests: an authority, certificates by it, servers that say what the handshake said.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
} from '../../src/apiserver/http/certificates.ts';
import type { ClientTls, UpstreamTls } from '../../src/model/index.ts';
import { defaultUpstreamTls } from '../../src/model/index.ts';
import { RawClient } from './harness.ts';

const dayMs = 86_400_000;
const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };

export function makeAuthority(): KeyPair {
  return createAuthority('test authority', validity);
}

export function issueFor(authority: KeyPair, ...hosts: string[]): { cert: string; key: string } {
  const { certificatePem, keyPem } = issueServerCertificate(authority, hosts, validity);
  return { cert: certificatePem, key: keyPem };
}

export function issueIdentity(authority: KeyPair, commonName: string): { chainPem: string; keyPem: string } {
  const { certificatePem, keyPem } = issueClientCertificate(
    authority,
    { name: commonName, groups: [] },
    validity,
  );
  return { chainPem: certificatePem, keyPem };
}

/** A unit of the table. */
export function makeClientTls(id: ClientTls['id'], part: Partial<ClientTls>): ClientTls {
  return { id, caPem: '', chainPem: '', keyPem: '', caFingerprints: [], fingerprint: '', ...part };
}

/** The policy of a route, as the feature compiles it. */
export function tlsPolicy(part: Partial<UpstreamTls>): Readonly<Record<string, unknown>> {
  return { 'upstream-tls': { tls: { ...defaultUpstreamTls, ...part }, isDenied: false } };
}

export interface TlsUpstream {
  readonly port: number;
  /** One per handshake that succeeded. */
  readonly sockets: readonly TLSSocket[];
}

/** Each connection is handed to the handler once its handshake is done. */
export async function startTlsUpstream(
  t: TestContext,
  options: TlsOptions,
  onConnection: (client: RawClient, socket: TLSSocket) => void,
): Promise<TlsUpstream> {
  const sockets: TLSSocket[] = [];
  const raw = new Set<Socket>();
  const server = createServer({ ALPNProtocols: ['http/1.1'], ...options });
  server.on('connection', (socket: Socket) => raw.add(socket));
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    sockets.push(socket);
    onConnection(new RawClient(socket), socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of raw) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

/** Answers every request (without body) with what the handshake said. */
export function answerAll(
  answer: (socket: TLSSocket) => string,
): (client: RawClient, socket: TLSSocket) => void {
  return (client, socket) => {
    const serve = async (): Promise<void> => {
      let consumed = 0;
      for (;;) {
        const text = await client.until((received) => received.includes('\r\n\r\n', consumed));
        consumed = text.indexOf('\r\n\r\n', consumed) + 4;
        const body = answer(socket);
        client.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      }
    };
    serve().catch(() => {});
  };
}
