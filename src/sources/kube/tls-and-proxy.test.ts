// KubeHttpClient over TLS: whom it trusts, whom it says it is, and through which proxy. Real sockets, certificates made here.
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type CertificateAndKey, createSelfSigned } from '../../cli/self-signed.ts';
import { ApiUnavailableError } from './api-client.ts';
import type { ClusterConnection, ClusterTls } from './cluster-connection.ts';
import { KubeHttpClient } from './http-client.ts';
import { plainConnection } from './http-server.fixture.ts';
import { fixedText } from './text-file.ts';
import { UserCredentials } from './user-credentials.ts';

let own: CertificateAndKey;
let client: CertificateAndKey;
before(() => {
  const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2099-01-01') };
  own = createSelfSigned({ commonName: 'api', dnsNames: ['api.internal'], ...dates });
  client = createSelfSigned({ commonName: 'eve', dnsNames: ['eve'], ...dates });
});

async function listen(
  test: TestContext,
  server: Server | ReturnType<typeof createHttpServer>,
): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers with the common name of the client's certificate. */
async function startServer(test: TestContext): Promise<URL> {
  const options = { cert: own.chainPem, key: own.keyPem, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (request, response) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate();
    response.end(JSON.stringify(peer.subject?.CN ?? null));
  });
  return new URL(`https://127.0.0.1:${await listen(test, server)}`);
}

function clientOf(
  server: URL,
  tls: Partial<ClusterTls>,
  parts: Partial<ClusterConnection> = {},
): KubeHttpClient {
  const base = plainConnection(server);
  return new KubeHttpClient({ connection: { ...base, tls: { ...base.tls, ...tls }, ...parts } });
}

const call = { method: 'GET', path: '/' } as const;

describe('KubeHttpClient over TLS', () => {
  it('trusts the given authority, under the given name', async (test) => {
    const server = await startServer(test);
    const authorities = fixedText(own.chainPem);
    const trusting = clientOf(server, { authorities, serverName: 'api.internal' });
    assert.deepEqual(await trusting.call(call), { status: 200, value: null, retryAfterMs: null });
    const misnamed = clientOf(server, { authorities });
    await assert.rejects(misnamed.call(call), (error: Error) => {
      assert.ok(error instanceof ApiUnavailableError);
      assert.match(
        error.message,
        /^the API server at https:\/\/127\.0\.0\.1:\d+: .*ERR_TLS_CERT_ALTNAME_INVALID/,
      );
      return true;
    });
    const stranger = clientOf(server, {
      authorities: fixedText(client.chainPem),
      serverName: 'api.internal',
    });
    await assert.rejects(stranger.call(call), /DEPTH_ZERO_SELF_SIGNED_CERT|self-signed/);
    await assert.rejects(clientOf(server, {}).call(call), ApiUnavailableError);
    assert.equal((await clientOf(server, { isVerified: false }).call(call)).status, 200);
  });

  it('shows its certificate', async (test) => {
    const credentials = new UserCredentials({
      token: null,
      basic: null,
      certificate: { chain: fixedText(client.chainPem), key: fixedText(client.keyPem) },
    });
    const known = clientOf(await startServer(test), { isVerified: false }, { credentials });
    assert.equal((await known.call(call)).value, 'eve');
  });

  it('says unavailable when something else answers on the port', async (test) => {
    const port = await listen(
      test,
      createHttpServer((_request, response) => response.end('{}')),
    );
    const wrong = clientOf(new URL(`https://127.0.0.1:${port}`), {});
    await assert.rejects(wrong.call(call), ApiUnavailableError);
  });

  it('goes through a proxy with its user and password, and shows neither', async (test) => {
    const server = await startServer(test);
    const asked: (string | undefined)[] = [];
    const proxyServer = createHttpServer();
    proxyServer.on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
      if (asked.length > 1) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      const upstream = connect(Number(server.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    const proxy = new URL(`http://user:hunter2@127.0.0.1:${await listen(test, proxyServer)}`);
    const tls = { authorities: fixedText(own.chainPem), serverName: 'api.internal' };
    const through = clientOf(server, tls, { proxy });
    assert.equal((await through.call(call)).status, 200);
    const basic = `Basic ${Buffer.from('user:hunter2').toString('base64')}`;
    assert.deepEqual(asked, [`${server.host} ${basic}`]);
    const refused = clientOf(server, tls, { proxy });
    await assert.rejects(refused.call(call), (error: Error) => {
      assert.ok(error instanceof ApiUnavailableError);
      assert.ok(!error.message.includes('hunter2'), error.message);
      return true;
    });
    through.close();
  });
});
