// `sallyport compare --live`: two servers, what is sent to them, what is told of their answers, and what is refused.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { runCommandLine } from '../../src/cli/commands.ts';
import { runCompareLive } from '../../src/cli/compare-live.ts';
import { createSelfSigned } from '../../src/cli/self-signed.ts';
import { UsageError } from '../../src/config/index.ts';
import { type Captured, runCaptured } from './run-captured.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(test: TestContext, answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function compare(urls: readonly string[], stdin: string, ...words: string[]): Promise<Captured> {
  return runCaptured(runCompareLive, [...urls, '--requests', '-', '--rate', '0', ...words], stdin);
}

const ok: Answer = (_request, response) => void response.end('ok');

describe('sallyport compare --live', () => {
  it('sends only safe requests, to both, with their hosts and fields', async (test) => {
    const got: string[][] = [[], []];
    const record =
      (side: number): Answer =>
      (request, response) => {
        const { method, url, headers } = request;
        got[side]?.push(`${method} ${headers.host} ${url} ${String(headers['x-test'])}`);
        response.end('ok');
      };
    const urls = [await listen(test, record(0)), await listen(test, record(1))];
    const list = 'http://a.test/x?y\nHEAD http://b.test/\nPOST http://a.test/\nDELETE /z\n/..%2f%zz/\n';
    const { code, out, err } = await compare(
      urls,
      list,
      '--host',
      'c.test',
      '-H',
      'X-Test: 1',
      '--concurrency',
      '1',
    );
    assert.deepEqual(
      [code, out, err],
      [0, '3 requests: 3 the same, 0 different, 2 not sent (neither GET nor HEAD)\n', ''],
    );
    assert.deepEqual(got[0], ['GET a.test /x?y 1', 'HEAD b.test / 1', 'GET c.test /..%2f%zz/ 1']);
    assert.deepEqual(got[1], got[0]);
  });

  it('tells differences of status, fields and bodies, by kind, with samples', async (test) => {
    const answer =
      (isNew: boolean): Answer =>
      (request, response) => {
        const path = request.url ?? '';
        if (path.startsWith('/gone') && isNew) response.statusCode = 404;
        if (path.startsWith('/moved')) {
          response.statusCode = 308;
          response.setHeader('Location', isNew ? 'https://a.test/\x9b' : 'http://a.test/');
        }
        response.setHeader('X-Different', isNew ? '1' : '2');
        response.end(Buffer.from(path === '/body' && isNew ? 'other' : 'same'));
      };
    const urls = [await listen(test, answer(false)), await listen(test, answer(true))];
    const list = ['/same', '/gone/1', '/gone/2', '/gone/3', '/moved', '/body'].map(
      (path) => `http://a.test${path}`,
    );
    const words = ['--samples', '2', '--concurrency', '1'];
    const { code, out } = await compare(urls, list.join('\n'), ...words);
    assert.equal(code, 1);
    assert.equal(
      out,
      `status 200 → 404: 3 requests
  line 2: GET a.test/gone/1
  line 3: GET a.test/gone/2
body: 1 request
  line 6: GET a.test/body: "4 bytes" → "5 bytes"
field location: 1 request
  line 5: GET a.test/moved: "http://a.test/" → "https://a.test/\\u009b"

6 requests: 1 the same, 5 different
`,
    );
    const lenient = await compare(urls, 'http://a.test/body\n', '--no-body');
    assert.deepEqual([lenient.code, lenient.out], [0, '1 request: 1 the same, 0 different\n']);
    const strict = await compare(urls, 'http://a.test/same\n', '--field', 'X-Different', '-o', 'json');
    const { differences } = JSON.parse(strict.out) as {
      differences: readonly { kind: string; count: number }[];
    };
    assert.deepEqual(
      differences.map(({ kind, count }) => [kind, count]),
      [['field x-different', 1]],
    );
  });

  it('tells answers that do not come, that do not end, that are too long', async (test) => {
    const good = await listen(test, ok);
    const closed = createSocketServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const refused = await compare([good, `http://127.0.0.1:${port}`], '/\n');
    assert.match(refused.out, /^status 200 → ECONNREFUSED: 1 request$/m);
    const dead = `http://127.0.0.1:${port}`;
    const neither = await compare([dead, dead], '/\n');
    assert.equal(neither.code, 1);
    assert.match(neither.out, /^not compared, ECONNREFUSED from both: 1 request\n {2}line 1: GET \S+$/m);
    const silent = await listen(test, () => {});
    assert.match((await compare([good, silent], '/\n', '--timeout', '2s')).out, /^status 200 → timeout: 1/m);
    const half = await listen(test, (_request, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('x', () => response.destroy());
    });
    assert.match((await compare([good, half], '/\n')).out, /^status 200 → (?:ECONNRESET|Error): 1/m);
    const long = await listen(test, (_request, response) => void response.end('x'.repeat(5_000)));
    assert.match(
      (await compare([good, long], '/\n', '--max-body', '1k')).out,
      /^status 200 → 200 body-too-long: 1/m,
    );
  });

  it('has no more requests under way than it may, and stops when it should', async (test) => {
    let under = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const holding: Answer = (_request, response) => {
      under += 1;
      most = Math.max(most, under);
      waiting.push(() => {
        under -= 1;
        response.end();
      });
      // All that may come are here: let them go.
      if (waiting.length === 3) for (const release of waiting.splice(0)) release();
    };
    const urls = [await listen(test, holding), await listen(test, ok)];
    const words = ['--concurrency', '3', '--max-requests', '9', '--no-body'];
    const { code, out } = await compare(urls, '/x\n'.repeat(50), ...words);
    assert.deepEqual([code, out, most], [0, '9 requests: 9 the same, 0 different\n', 3]);
  });

  it('names the host of the request in the handshake, and trusts no certificate blindly', async (test) => {
    const pair = createSelfSigned({
      commonName: 'a.test',
      dnsNames: ['a.test'],
      notBefore: new Date('2020-01-01'),
      notAfter: new Date('2099-01-01'),
    });
    const names: unknown[] = [];
    const server = createTlsServer({ cert: pair.chainPem, key: pair.keyPem }, ok);
    server.on('secureConnection', (socket) => names.push(socket.servername));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    test.after(() => void server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const good = await listen(test, ok);
    assert.match(
      (await compare([good, url], 'http://a.test/\n')).out,
      /^status 200 → DEPTH_ZERO_SELF_SIGNED_CERT: 1/m,
    );
    names.length = 0;
    assert.equal((await compare([good, url], 'http://a.test/\n', '-k')).code, 0);
    assert.deepEqual(names, ['a.test']);
  });

  it('refuses wrong use, and says when nothing can be sent', async (test) => {
    const url = await listen(test, ok);
    const none = await compare([url, url], 'POST /\nnonsense line\n');
    assert.equal(none.code, 1);
    assert.match(none.err, /no request of "-" could be sent/);
    const missing = await runCaptured(runCompareLive, [url, url, '--requests', '/no/such'], '');
    assert.deepEqual([missing.code, missing.out], [1, '']);
    const wrong = [[], [url], [url, url, url], [url, 'ftp://a'], [url, `${url}/path`], ['http://u:p@a', url]];
    for (const urls of wrong) await assert.rejects(compare(urls, '/\n'), UsageError, urls.join(' '));
    for (const field of ['Host: a', 'x', 'A: \u00e9', 'Content-Length: 1'])
      await assert.rejects(compare([url, url], '/\n', '-H', field), UsageError, field);
    await assert.rejects(runCaptured(runCompareLive, [url, url], ''), /--requests FILE is wanted/);
  });

  it('is reached by compare --live', async () => {
    let out = '';
    const terminal = { out: (text: string) => void (out += text), err: () => {} };
    assert.equal(await runCommandLine(['compare', '--live', '--help'], terminal), 0);
    assert.match(out, /^Usage: sallyport compare --live OLD NEW --requests FILE/);
  });
});
