// Clients that others wrote: node:http2 and curl, over TLS by ALPN and with prior knowledge; 421 by Host and SNI.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { anyPort } from '../../../src/proxy/listeners.ts';
import {
  okResponse,
  RawClient,
  startAnswering,
  startProxy,
  startUpstream,
  type TestProxy,
} from '../harness.ts';
import { makeCertificate } from '../self-signed.ts';
import { makePatch } from '../table.ts';

const run = promisify(execFile);
const listen = { httpsPort: anyPort };

async function startTwoHosts(t: TestContext, answer = (): string => okResponse('ok')): Promise<TestProxy> {
  const port = await startAnswering(t, answer);
  return await startProxy(
    t,
    {
      hosts: {
        'a.test': [{ upstream: 'web' }],
        'b.test': [{ upstream: 'web' }],
        localhost: [{ upstream: 'web' }],
      },
      upstreams: { web: [port] },
      certificates: [makeCertificate('test/a', ['a.test']), makeCertificate('test/b', ['b.test'])],
      tls: { 'a.test': 'test/a', 'b.test': 'test/b' },
    },
    { listen },
  );
}

async function open(t: TestContext, url: string, servername = ''): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false, ...(servername !== '' && { servername }) });
  session.on('error', () => {});
  t.after(() => session.destroy());
  await once(session, 'connect');
  return session;
}

/** What a handshake that offers these protocols agrees on. */
async function agree(t: TestContext, proxy: TestProxy, protocols: string[]): Promise<string | false | null> {
  const socket = connectTls({
    port: proxy.tlsPort,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: protocols,
  });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket.alpnProtocol;
}

async function read(stream: ClientHttp2Stream): Promise<{ status: number; body: Buffer }> {
  const pieces: Buffer[] = [];
  let status = 0;
  stream.on('response', (headers) => {
    status = headers[':status'] ?? 0;
  });
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  await once(stream, 'end');
  return { status, body: Buffer.concat(pieces) };
}

test('421: a Host that does not belong on the connection; the others on it are served', async (t) => {
  const proxy = await startTwoHosts(t);
  const session = await open(t, `https://127.0.0.1:${proxy.tlsPort}`, 'a.test');
  assert.equal(session.alpnProtocol, 'h2');
  const ask = async (host: string): Promise<number> =>
    (await read(session.request({ ':path': '/', ':authority': host }))).status;
  assert.deepEqual([await ask('a.test'), await ask('b.test'), await ask('a.test')], [200, 421, 200]);
  const [line] = await proxy.log();
  assert.deepEqual([line?.['scheme'], line?.['ssl_protocol']], ['https', 'TLSv1.3']);
});

test('ALPN: HTTP/1.1 where the client wants it, a handshake error where there is nothing in common', async (t) => {
  const proxy = await startTwoHosts(t);
  assert.equal(await agree(t, proxy, ['http/1.1']), 'http/1.1');
  assert.equal(await agree(t, proxy, ['http/1.1', 'h2']), 'h2');
  await assert.rejects(agree(t, proxy, ['spdy/3']), /no application protocol|alert/i);
});

test('use-http2 of the settings: from the next connection on, with and without TLS; those that are open go on', async (t) => {
  const table = { hosts: { '': [{ status: 404 }] } };
  const proxy = await startProxy(t, table, { listen });
  const over = async (url: string): Promise<number> => {
    const session = await open(t, url);
    return (await read(session.request({ ':path': '/' }))).status;
  };
  const tls = `https://127.0.0.1:${proxy.tlsPort}`;
  const session = await open(t, tls);
  assert.deepEqual([await over(tls), await over(`http://127.0.0.1:${proxy.port}`)], [404, 404]);
  proxy.worker.apply(makePatch({ ...table, tlsSettings: { allowsHttp2: false } }, 2));
  assert.equal(await agree(t, proxy, ['h2', 'http/1.1']), 'http/1.1');
  const plain = await RawClient.open(t, proxy.port);
  plain.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.match(await plain.untilClosed(), /^HTTP\/1\.1 505 /);
  assert.equal((await read(session.request({ ':path': '/' }))).status, 404);
  proxy.worker.apply(makePatch({ ...table, tlsSettings: {} }, 3));
  assert.equal(await over(tls), 404);
});

test('large bodies both ways on streams side by side arrive whole', async (t) => {
  const size = 3_000_000;
  const port = await startUpstream(t, (client) => {
    // Answers with the body that it got, once it has all of it.
    client
      .until((text) => text.length - text.indexOf('\r\n\r\n') - 4 >= size)
      .then((text) => client.send(okResponse(text.slice(text.indexOf('\r\n\r\n') + 4))))
      .catch(() => {});
  });
  const policies = { 'body-size': { maxBodyBytes: 0 } };
  const table = { hosts: { '': [{ upstream: 'web', policies }] }, upstreams: { web: [port] } };
  const proxy = await startProxy(t, table, { listen });
  const session = await open(t, `https://127.0.0.1:${proxy.tlsPort}`);
  const bodies = [1, 2, 3].map((seed) => Buffer.alloc(size, `${seed}0123456789abcdef`));
  const answers = await Promise.all(
    bodies.map((body) => {
      const stream = session.request({ ':method': 'POST', ':path': '/', 'content-length': size });
      stream.end(body);
      return read(stream);
    }),
  );
  for (const [i, answer] of answers.entries()) {
    assert.equal(answer.status, 200);
    assert.ok(answer.body.equals(bodies[i] ?? Buffer.alloc(0)), `body ${i}`);
  }
});

for (const [name, options] of [
  ['prior knowledge', ['--http2-prior-knowledge']],
  ['ALPN', ['--http2', '--insecure']],
] as const) {
  test(`curl by ${name}: GET, POST, HEAD`, async (t) => {
    const proxy = await startTwoHosts(t);
    const url = name === 'ALPN' ? `https://localhost:${proxy.tlsPort}/` : `http://localhost:${proxy.port}/`;
    const curl = async (...more: readonly string[]): Promise<string> => {
      const format = '%{http_version} %{response_code}';
      const { stdout } = await run('curl', [
        '-4',
        '-s',
        '-w',
        format,
        '--max-time',
        '60',
        ...options,
        ...more,
        url,
      ]);
      return stdout;
    };
    assert.equal(await curl(), 'ok2 200');
    assert.equal(await curl('--data', 'x=y', '-o', '/dev/null'), '2 200');
    assert.match(await curl('--head'), /^HTTP\/2 200 [^]*content-length: 2[^]*2 200$/);
  });
}
