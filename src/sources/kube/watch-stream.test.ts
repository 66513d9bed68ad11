// KubeHttpClient's watches against a real HTTP server: cut anywhere, broken off, with garbage, refused, cancelled.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiStatusError, ApiUnavailableError, type ApiWatchFrame } from './api-client.ts';
import { ApiTooLargeError } from './http-exchange.ts';
import { answer, ScriptedServer, stream } from './http-server.fixture.ts';

const frames: readonly ApiWatchFrame[] = [
  { type: 'ADDED', object: { metadata: { name: 'grüße-€-🦊' } } },
  { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } },
];
const bytes = Buffer.from(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(''), 'utf8');
const watchCall = { method: 'GET', path: '/things' } as const;

describe('KubeHttpClient watches', () => {
  it('reads the same frames wherever the stream is cut in two, and byte by byte', async (test) => {
    const cuts = Array.from({ length: bytes.length - 1 }, (_value, index) => index + 1);
    const scripts = cuts.map((cut) => stream([bytes.subarray(0, cut), bytes.subarray(cut)]));
    scripts.push(stream([...bytes].map((byte) => Buffer.of(byte))));
    const server = await ScriptedServer.start(test, ...scripts);
    const client = server.client();
    for (const _script of scripts) {
      const taken: ApiWatchFrame[] = [];
      await client.watch(watchCall, (frame) => taken.push(frame));
      assert.deepEqual(taken, frames);
    }
    assert.equal(server.requests[0]?.url, '/things?watch=true');
  });

  it('tells when the server has accepted, before the first frame', async (test) => {
    const server = await ScriptedServer.start(test, stream([bytes]));
    const steps: string[] = [];
    await server.client().watch(
      watchCall,
      ({ type }) => steps.push(type),
      () => steps.push('open'),
    );
    assert.deepEqual(steps, ['open', 'ADDED', 'BOOKMARK']);
  });

  it('hands over what came whole before the stream broke, and says that it broke', async (test) => {
    const bad: readonly [string, Parameters<typeof stream>, RegExp][] = [
      ['reset', [[bytes], 'break'], /aborted|ECONNRESET|socket hang up/],
      ['within a frame', [[bytes, '{"type":'], 'end'], /broke off within a frame/],
      ['garbage', [[bytes, '<html>\n'], 'open'], /not JSON/],
      ['no frame', [[bytes, '{"kind":"Status"}\n'], 'open'], /no type and object/],
      ['null', [[bytes, 'null\n'], 'open'], /no type and object/],
    ];
    for (const [name, script, message] of bad) {
      const server = await ScriptedServer.start(test, stream(...script));
      const taken: ApiWatchFrame[] = [];
      await assert.rejects(
        server.client().watch(watchCall, (frame) => taken.push(frame)),
        (error: Error) => error instanceof ApiUnavailableError && message.test(error.message),
        name,
      );
      assert.deepEqual(taken, frames, name);
    }
  });

  it('takes no frame that is too large, in one piece or in many', async (test) => {
    const line = `{"type":"ADDED","object":{"x":"${'y'.repeat(5_000)}"}}\n`;
    const server = await ScriptedServer.start(
      test,
      stream([line], 'open'),
      stream(
        Array.from({ length: 100 }, (_value, index) => line.slice(index * 50, index * 50 + 50)),
        'open',
      ),
    );
    const client = server.client({}, { limits: { maxFrameBytes: 1_000 } });
    for (const attempt of ['whole', 'cut']) {
      await assert.rejects(
        client.watch(watchCall, () => assert.fail(attempt)),
        ApiTooLargeError,
        attempt,
      );
    }
  });

  it('throws the Status of a refusal', async (test) => {
    const status = { kind: 'Status', reason: 'Expired', message: 'too old resource version' };
    const server = await ScriptedServer.start(
      test,
      answer(410, status),
      answer(429, {}, { 'retry-after': '2' }),
      answer(204, {}),
    );
    const client = server.client();
    const watch = (): Promise<void> => client.watch(watchCall, () => undefined);
    await assert.rejects(watch, new ApiStatusError(410, 'Expired', 'too old resource version'));
    await assert.rejects(watch, new ApiStatusError(429, '', 'the API server answered 429', 2_000));
    await assert.rejects(watch, /the watch was answered with 204/);
  });

  it('bounds the opening in time, and not the watch', async (test) => {
    const server = await ScriptedServer.start(
      test,
      () => undefined,
      (request, response) => {
        stream([bytes], 'open')(request, response, '');
        // The end comes long after the time for the opening.
        setTimeout(() => response.end(), 120);
      },
    );
    const client = server.client();
    const timed = { ...watchCall, timeoutMs: 60 };
    await assert.rejects(
      client.watch(timed, () => undefined),
      /did not answer within 60 ms/,
    );
    let count = 0;
    await client.watch(timed, () => (count += 1));
    assert.equal(count, 2);
  });

  it('resolves at the signal of the caller and closes the connection', async (test) => {
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    const server = await ScriptedServer.start(test, (request, response, body) => {
      response.on('close', closed.resolve);
      stream([bytes], 'open')(request, response, body);
    });
    await server
      .client()
      .watch(
        { ...watchCall, signal: controller.signal },
        ({ type }) => type === 'BOOKMARK' && controller.abort(),
      );
    await closed.promise;
  });

  it('passes on the error of whoever takes the frames', async (test) => {
    const server = await ScriptedServer.start(test, stream([bytes], 'open'));
    const fault = new TypeError('a fault of this program');
    await assert.rejects(
      server.client().watch(watchCall, () => {
        throw fault;
      }),
      fault,
    );
  });
});
