// The server over real HTTPS: reviews, many at once, and what hostile clients can cost.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import {
  ask,
  askReview,
  createReview,
  ourIngress,
  reviewOf,
  sampleUid,
  startWebhook,
  type TestWebhook,
  translatorOf,
} from './reviews.fixture.ts';
import type { WebhookServerOptions } from './webhook-server.ts';

async function withWebhook(
  use: (webhook: TestWebhook) => Promise<void>,
  part: Partial<WebhookServerOptions> = {},
): Promise<void> {
  const webhook = await startWebhook(part);
  try {
    await use(webhook);
  } finally {
    await webhook.server.stop();
  }
}

async function open(port: number): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** All that the server says until it ends the connection. */
async function readToEnd(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // Not `once`, which fails with the error of a connection that was cut off.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const free = createReview(ourIngress('free.test', ['/']));
const web = ourIngress('h', ['/p'], { day: 1 });
const taken = createReview(ourIngress('h', ['/p'], { name: 'other' }));

describe('a review over HTTPS', () => {
  it('is answered with its uid, on any path', async () => {
    const translator = translatorOf([web]);
    await withWebhook(
      async ({ port, server }) => {
        assert.deepEqual(await askReview(port, free), { uid: sampleUid, allowed: true });
        const refused = await askReview(port, taken);
        assert.deepEqual([refused.uid, refused.allowed, refused.status?.code], [sampleUid, false, 422]);
        const other = await ask(port, { path: '/', body: JSON.stringify(free) });
        assert.deepEqual([other.status, other.headers['content-type']], [200, 'application/json']);
        assert.deepEqual(server.counts(), { allowed: 2, refused: 1, failed: 0 });
      },
      { translator: () => translator },
    );
  });

  it('gets 503 until all objects are known, and after that the translator in force', async () => {
    let translator: ReturnType<typeof translatorOf> | null = null;
    await withWebhook(
      async ({ port }) => {
        const early = await ask(port, { body: JSON.stringify(taken) });
        assert.equal(early.status, 503);
        assert.match(early.body, /not ready/);
        // With it the API server would try again silently, until its time for the webhook is over.
        assert.equal(early.headers['retry-after'], undefined);
        translator = translatorOf([]);
        assert.equal((await askReview(port, taken)).allowed, true);
        translator = translatorOf([web]);
        assert.equal((await askReview(port, taken)).allowed, false);
        assert.equal((await ask(port, { method: 'GET', path: '/healthz' })).body, 'ok\n');
      },
      { translator: () => translator },
    );
  });

  it('is refused where this program fails, with few lines in the log however often', async () => {
    const translator = {
      tryOut: () => {
        throw new Error('defect');
      },
    };
    await withWebhook(
      async ({ port, lines }) => {
        for (let turn = 0; turn < 20; turn += 1) {
          const { allowed, status } = await askReview(port, free);
          assert.deepEqual([allowed, status?.code], [false, 500]);
        }
        assert.ok(lines.length >= 1 && lines.length <= 3, `${lines.length} lines`);
        assert.match(lines[0]?.message ?? '', /a fault of this program/);
      },
      { translator: () => translator },
    );
  });

  it('of a thousand at once is answered, each with its own uid', async () => {
    const translator = translatorOf([web]);
    await withWebhook(
      async ({ port, server }) => {
        const reviews = Array.from({ length: 1_000 }, (_, index) => {
          const review = index % 2 === 0 ? free : taken;
          const request = { ...(review['request'] as Record<string, unknown>), uid: `uid-${index}` };
          return { ...review, request };
        });
        const answers = await Promise.all(reviews.map((review) => askReview(port, review)));
        for (const [index, { uid, allowed }] of answers.entries()) {
          assert.deepEqual([uid, allowed], [`uid-${index}`, index % 2 === 0]);
        }
        assert.deepEqual(server.counts(), { allowed: 500, refused: 500, failed: 0 });
      },
      { translator: () => translator },
    );
  });
});

describe('what is no review', () => {
  it('is refused with a sentence: 400, 404, 405, 415', () =>
    withWebhook(async ({ port }) => {
      const post = async (body: string | Uint8Array): Promise<string> => {
        const answer = await ask(port, { body });
        return `${answer.status} ${answer.body}`;
      };
      assert.match(await post('{'), /^400 the body is no JSON,/);
      assert.match(await post(''), /^400 the body is no JSON,/);
      assert.match(await post(Uint8Array.of(0x22, 0xff, 0x22)), /^400 the body is no UTF-8,/);
      assert.match(await post('[]'), /^400 the body is no JSON object/);
      const old = { ...free, apiVersion: 'admission.k8s.io/v1beta1' };
      assert.equal(
        await post(JSON.stringify(old)),
        '400 the body is of kind "AdmissionReview" of "admission.k8s.io/v1beta1", wanted kind "AdmissionReview" of "admission.k8s.io/v1"\n',
      );
      assert.match(await post(JSON.stringify({ ...free, request: null })), /^400 .* has no request\n/);
      assert.match(await post(JSON.stringify({ ...free, request: {} })), /^400 .* has no uid\n/);
      const body = JSON.stringify(free);
      const text = await ask(port, { body, headers: { 'content-type': 'text/plain' } });
      const zipped = await ask(port, { body, headers: { 'content-encoding': 'gzip' } });
      const put = await ask(port, { method: 'PUT', body });
      const page = await ask(port, { method: 'GET', path: '/metrics' });
      const named = await ask(port, { body, headers: { 'content-type': 'Application/JSON; charset=utf-8' } });
      const statuses = [text, zipped, put, page, named].map(({ status }) => status);
      assert.deepEqual(statuses, [415, 415, 405, 404, 200]);
    }));

  it('harms nobody: hostile names, deep nesting, shapes that do not fit', () =>
    withWebhook(async ({ port }) => {
      const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
      const object = `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","__proto__":{"polluted":1},"metadata":{"name":"x","namespace":"shop","annotations":{"__proto__":"y","constructor":"z"},"managedFields":[{"fieldsV1":${deep}}]},"spec":{"unknown":${deep},"ingressClassName":"sallyport","rules":[{"host":"a.test"}]}}`;
      const text = JSON.stringify(reviewOf({ object: 'OBJECT' })).replace('"OBJECT"', object);
      assert.equal((await ask(port, { body: text })).status, 200);
      assert.equal('polluted' in {}, false);
      assert.equal((await ask(port, { body: deep })).status, 400);
      for (const broken of [
        7,
        [],
        'x',
        { metadata: 7 },
        { metadata: { annotations: [] }, spec: { tls: 'x' } },
      ]) {
        const head = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
        const whole = typeof broken === 'object' && !Array.isArray(broken) ? { ...head, ...broken } : broken;
        assert.equal((await askReview(port, reviewOf({ object: whole }))).allowed, false);
      }
      assert.equal((await askReview(port, free)).allowed, true);
    }));
});

describe('bounds', () => {
  const limits = { maxBodyBytes: 10_000 };

  it('a body that is too long gets 413, announced or not', () =>
    withWebhook(
      async ({ port }) => {
        assert.equal((await ask(port, { body: 'x'.repeat(10_001) })).status, 413);
        const chunked = { 'transfer-encoding': 'chunked' };
        assert.equal((await ask(port, { body: 'x'.repeat(50_000), headers: chunked })).status, 413);
        const expecting = await open(port);
        expecting.write(
          'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999\r\nExpect: 100-continue\r\n\r\n',
        );
        assert.match(await readToEnd(expecting), /^HTTP\/1\.1 413 /);
        assert.equal((await askReview(port, free)).allowed, true);
      },
      { limits },
    ));

  it('an endless body is cut off', () =>
    withWebhook(
      async ({ port }) => {
        const socket = await open(port);
        const end = readToEnd(socket);
        socket.write(
          'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
        );
        const piece = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
        const pump = (): void => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on('drain', pump);
        pump();
        assert.match(await end, /^(?:HTTP\/1\.1 413 |$)/);
      },
      { limits },
    ));

  it('bodies together are bounded: 503 with a time to come back', () =>
    withWebhook(
      async ({ port }) => {
        const body = JSON.stringify(free);
        const holder = await open(port);
        const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
        holder.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`);
        let answer = await ask(port, { body });
        // Until the first has arrived there is room.
        while (answer.status === 200) answer = await ask(port, { body });
        assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1']);
        holder.write('}');
        const [reply] = (await once(holder, 'data')) as [Buffer];
        assert.match(reply.toString(), /^HTTP\/1\.1 200 /);
        holder.destroy();
        assert.equal((await ask(port, { body })).status, 200);
      },
      { limits: { maxHeldBytes: JSON.stringify(free).length + 10 } },
    ));

  it('clients that are slow or silent are given up', () =>
    withWebhook(
      async ({ port }) => {
        const slowHead = await open(port);
        slowHead.write('POST / HTTP/1.1\r\nHost');
        const slowBody = await open(port);
        slowBody.write(
          'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        );
        const silent = connectTcp(port, '127.0.0.1');
        silent.on('error', () => undefined).resume();
        await Promise.all([readToEnd(slowHead), readToEnd(slowBody), once(silent, 'close')]);
        assert.equal((await askReview(port, free)).allowed, true);
      },
      { limits: { headMs: 100, requestMs: 200, handshakeMs: 100 } },
    ));

  it('idle connections keep nobody out', () =>
    withWebhook(
      async ({ port }) => {
        const idle = await Promise.all(Array.from({ length: 10 }, () => open(port)));
        assert.equal((await askReview(port, free)).allowed, true);
        await Promise.any(idle.map((socket) => readToEnd(socket)));
        for (const socket of idle) socket.destroy();
      },
      { limits: { maxConnections: 10 } },
    ));
});

describe('start and stop', () => {
  it('a port that is taken is told by its code', () =>
    withWebhook(async ({ port }) => {
      await assert.rejects(startWebhook({ port }), { code: 'EADDRINUSE' });
    }));

  it('old versions of TLS are not spoken', () =>
    withWebhook(async ({ port }) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      await assert.rejects(once(socket, 'secureConnect'));
    }));

  it('stopping ends connections that are idle, and those that never end', async () => {
    const { server, port } = await startWebhook({ limits: { stopMs: 50 } });
    const idle = await open(port);
    const hanging = await open(port);
    hanging.write(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    const ends = Promise.all([readToEnd(idle), readToEnd(hanging)]);
    await server.stop();
    await ends;
    await assert.rejects(ask(port, { method: 'GET', path: '/healthz' }), { code: 'ECONNREFUSED' });
    await server.stop();
  });
});
