// KubeHttpClient's calls against a real HTTP server that answers well, badly or not at all.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiUnavailableError } from './api-client.ts';
import type { Credential, Credentials } from './cluster-connection.ts';
import { ApiTooLargeError } from './http-exchange.ts';
import { answer, ScriptedServer } from './http-server.fixture.ts';

/** Hands out `first`, and after each refusal the next of `others`. */
function rotatingCredentials(first: string, others: string[]): Credentials & { renewals: number } {
  const credential = (token: string): Credential => ({ authorization: `Bearer ${token}`, certificate: null });
  let now = credential(first);
  return {
    renewals: 0,
    current: () => Promise.resolve(now),
    renew() {
      this.renewals += 1;
      const next = others.shift();
      if (next !== undefined) now = credential(next);
      return Promise.resolve(next === undefined ? null : now);
    },
  };
}

const unauthorized = answer(401, { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' });

describe('KubeHttpClient calls', () => {
  it('sends method, path, query, body and type, and returns the parsed answer', async (test) => {
    const server = await ScriptedServer.start(test, answer(201, { kind: 'Thing' }));
    const reply = await server.client({ server: new URL('/base/', server.url) }).call({
      method: 'PATCH',
      path: '/api/v1/things/a',
      query: { fieldSelector: 'metadata.name=a b&c' },
      body: { spec: { text: 'ü' } },
      contentType: 'application/merge-patch+json',
    });
    assert.deepEqual(reply, { status: 201, value: { kind: 'Thing' }, retryAfterMs: null });
    const [request] = server.requests;
    assert.equal(request?.method, 'PATCH');
    assert.equal(request?.url, '/base/api/v1/things/a?fieldSelector=metadata.name%3Da+b%26c');
    assert.equal(request?.headers['content-type'], 'application/merge-patch+json');
    assert.equal(request?.headers.accept, 'application/json');
    assert.equal(request?.body, '{"spec":{"text":"ü"}}');
  });

  it('resolves with refusals, whoever made them', async (test) => {
    const status = { kind: 'Status', reason: 'NotFound', message: 'no', details: { retryAfterSeconds: 7 } };
    const server = await ScriptedServer.start(test, answer(404, status), (_request, response) =>
      response.writeHead(503, { 'retry-after': '3' }).end('<html>\nbusy</html>'),
    );
    const client = server.client();
    assert.deepEqual(await client.call({ method: 'GET', path: '/a' }), {
      status: 404,
      value: status,
      retryAfterMs: 7_000,
    });
    assert.deepEqual(await client.call({ method: 'GET', path: '/a' }), {
      status: 503,
      value: {
        kind: 'Status',
        status: 'Failure',
        code: 503,
        message: 'the server answered 503: <html> busy</html>',
      },
      retryAfterMs: 3_000,
    });
  });

  it('says unavailable for what is no JSON, too large, late, broken off or refused', async (test) => {
    const server = await ScriptedServer.start(
      test,
      (_request, response) => response.end('hello'),
      answer(200, 'x'.repeat(2_000)),
      (_request, response) => response.writeHead(200, { 'content-length': '5000' }).flushHeaders(),
      () => undefined,
      (_request, response) => {
        response.writeHead(200, { 'content-length': '500' });
        response.write('{', () => response.destroy());
      },
    );
    const client = server.client({}, { limits: { maxReplyBytes: 1_000, timeoutMs: 200 } });
    const call = (): Promise<unknown> => client.call({ method: 'GET', path: '/' });
    await assert.rejects(call, /the answer \(200\) is not JSON$/);
    await assert.rejects(call, ApiTooLargeError);
    await assert.rejects(call, ApiTooLargeError);
    await assert.rejects(call, (error: Error) => {
      assert.ok(error instanceof ApiUnavailableError);
      assert.equal(error.message, `the API server at ${server.url.origin} did not answer within 200 ms`);
      return true;
    });
    await assert.rejects(call, ApiUnavailableError);
    server.stop();
    await assert.rejects(call, ApiUnavailableError);
  });

  it('stops at the signal of the caller', async (test) => {
    const server = await ScriptedServer.start(test, () => controller.abort());
    const controller = new AbortController();
    const { signal } = controller;
    await assert.rejects(
      server.client().call({ method: 'GET', path: '/', signal }),
      /the call was cancelled/,
    );
    await assert.rejects(
      server.client().call({ method: 'GET', path: '/', signal }),
      /the call was cancelled/,
    );
    assert.equal(server.requests.length, 1);
  });

  it('asks again on a new connection when a kept one was closed, but repeats no write', async (test) => {
    const server = await ScriptedServer.start(
      test,
      answer(200, 1),
      (request) => request.socket.resetAndDestroy(),
      answer(200, 2),
      (request) => request.socket.resetAndDestroy(),
      answer(200, 3),
    );
    const client = server.client();
    assert.equal((await client.call({ method: 'GET', path: '/' })).value, 1);
    assert.equal((await client.call({ method: 'GET', path: '/' })).value, 2);
    await assert.rejects(client.call({ method: 'POST', path: '/', body: {} }), ApiUnavailableError);
    assert.equal(server.requests.length, 4);
  });

  it('uses few connections for many calls', async (test) => {
    const ports = new Set<number | undefined>();
    const server = await ScriptedServer.start(test, (request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    const client = server.client();
    await Promise.all(Array.from({ length: 50 }, () => client.call({ method: 'GET', path: '/' })));
    assert.ok(ports.size <= 4, `${ports.size} connections`);
  });

  it('fetches new credentials at a 401, once, and then lets the refusal stand', async (test) => {
    const server = await ScriptedServer.start(test, unauthorized, answer(200, {}), unauthorized);
    const credentials = rotatingCredentials('old', ['new', 'newer']);
    const client = server.client({ credentials });
    assert.equal((await client.call({ method: 'GET', path: '/' })).status, 200);
    assert.equal((await client.call({ method: 'GET', path: '/' })).status, 401);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.authorization),
      ['Bearer old', 'Bearer new', 'Bearer new', 'Bearer newer'],
    );
    assert.equal((await client.call({ method: 'GET', path: '/' })).status, 401);
    assert.equal(credentials.renewals, 3);
    assert.equal(server.requests.length, 5);
  });

  it('sends the headers of impersonation, repeated ones too', async (test) => {
    const server = await ScriptedServer.start(test, (request, response) => {
      response.end(JSON.stringify(request.headersDistinct['impersonate-group'] ?? null));
    });
    const client = server.client({
      impersonation: [
        ['Impersonate-User', 'eve'],
        ['Impersonate-Group', 'a'],
        ['Impersonate-Group', 'b'],
      ],
    });
    assert.deepEqual((await client.call({ method: 'GET', path: '/' })).value, ['a', 'b']);
    assert.equal(server.requests[0]?.headers['impersonate-user'], 'eve');
  });

  it('tells each warning of the server once', async (test) => {
    const warning = '299 - "old, \\"very\\" old", 299 - "second"';
    const server = await ScriptedServer.start(test, answer(200, {}, { warning }));
    const told: string[] = [];
    const client = server.client({}, { onWarning: (text) => told.push(text) });
    await client.call({ method: 'GET', path: '/' });
    await client.call({ method: 'GET', path: '/' });
    assert.deepEqual(told, ['old, "very" old', 'second']);
  });
});
