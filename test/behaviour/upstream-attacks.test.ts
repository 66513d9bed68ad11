// Upstreams that lie, leak and flood (rules R1 to R6, K1 to K3, L3, L13): what the client may see of it, and that no byte of one answer ever
// becomes part of another.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  getRequest as get,
  okResponse,
  RawClient,
  startProxy,
  startUpstream,
  type TestProxy,
} from './harness.ts';
import { turns, turnUntil } from './probe.ts';

type Script = (upstream: RawClient, requests: number) => void;

/** An upstream that runs the script for each request; `requests` counts over all connections. */
async function start(
  t: TestContext,
  script: Script,
): Promise<{ proxy: TestProxy; client: RawClient; upstreams: RawClient[] }> {
  const upstreams: RawClient[] = [];
  let requests = 0;
  const port = await startUpstream(t, (upstream) => {
    upstreams.push(upstream);
    const serve = async (): Promise<void> => {
      for (let served = 1; ; served += 1) {
        await upstream.until((text) => text.split('\r\n\r\n').length > served);
        script(upstream, requests);
        requests += 1;
      }
    };
    serve().catch(() => {});
  });
  const proxy = await startProxy(t, {
    hosts: { 'a.test': [{ upstream: 'web' }] },
    upstreams: { web: [port] },
  });
  return { proxy, client: await RawClient.open(t, proxy.port), upstreams };
}

const fill = (count: number): string => 'x'.repeat(count);

/** Answers that are 502, by the reason that is counted. */
const refusals: readonly (readonly [reason: string, answer: string])[] = [
  [
    'upstream-framing-conflict',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc',
  ],
  [
    'upstream-framing-conflict',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc',
  ],
  ['upstream-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc'],
  ['upstream-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
  ['upstream-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc'],
  ['upstream-content-length', 'HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nabc'],
  ['upstream-transfer-encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['upstream-transfer-encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc'],
  ['upstream-transfer-encoding', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['upstream-status-line', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['upstream-status-line', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['upstream-status-line', 'HTTP/1.1\r\n\r\n'],
  ['upstream-status', 'HTTP/1.1 099 OK\r\n\r\n'],
  ['upstream-status', 'HTTP/1.1 600 OK\r\n\r\n'],
  ['upstream-version', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['upstream-status-line', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n'],
  ['upstream-line-end', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['upstream-line-end', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\n\r\n'],
  ['upstream-field-syntax', 'HTTP/1.1 200 OK\r\nX : a\r\n\r\n'],
  ['upstream-field-syntax', 'HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n'],
  ['upstream-field-syntax', 'HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n'],
  ['upstream-head-too-large', `HTTP/1.1 200 OK\r\nX: ${fill(40_000)}\r\n\r\n`],
  ['upstream-head-too-large', `HTTP/1.1 200 OK\r\nX: ${fill(40_000)}`],
  ['upstream-too-many-fields', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(201)}\r\n`],
  ['upstream-switch', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'],
  ['upstream-interim-count', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17) + okResponse('x')],
];

describe('an answer that cannot be read is 502 and ends its connection', () => {
  for (const [index, [reason, answer]] of refusals.entries()) {
    test(`${reason} ${index}`, { timeout: 10_000 }, async (t) => {
      const { proxy, client, upstreams } = await start(t, (upstream, requests) =>
        upstream.send(requests === 0 ? answer : okResponse('good')),
      );
      client.send(get);
      await client.until((text) => /HTTP\/1\.1 502 Bad Gateway\r\n[^]*<\/html>/.test(text));
      client.send(get);
      assert.ok((await client.until((text) => text.endsWith('good'))).length > 0);
      await upstreams[0]?.untilClosed();
      assert.equal(proxy.worker.core.recorder.reasons.get(reason), 1);
      const [line] = await proxy.log();
      assert.equal(line?.['reason'], 'upstream-response-malformed');
      assert.equal(line?.['upstream_status'], '502');
    });
  }
});

/** Answers whose end is not what the bytes behind it suggest: the surplus must vanish. */
const surplus: readonly (readonly [name: string, request: string, answer: string, seen: RegExp])[] = [
  ['204 with a body', get, 'HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison', /204 No Content/],
  [
    '304 with a body',
    get,
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison',
    /304 Not Modified/,
  ],
  [
    'HEAD with a body',
    get.replace('GET', 'HEAD'),
    okResponse('poison'),
    /200 OK[^]*Content-Length: 6\r\n\r\n/,
  ],
  ['a second answer', get, okResponse('one') + okResponse('poison'), /one$/],
  ['bytes behind the length', get, `${okResponse('one')}poison`, /one$/],
  [
    'bytes behind the last chunk',
    get,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\npoison',
    /one/,
  ],
];

describe('bytes behind an answer are never part of another', () => {
  for (const [name, request, answer, seen] of surplus) {
    for (const isLate of [false, true]) {
      test(`${name}${isLate ? ', in a later packet' : ''}`, { timeout: 10_000 }, async (t) => {
        const end = answer.indexOf('poison');
        const { proxy, client, upstreams } = await start(t, (upstream, requests) => {
          if (requests > 0) upstream.send(okResponse('good'));
          else if (!isLate) upstream.send(answer);
          else {
            upstream.send(answer.slice(0, end));
            void turns(10).then(() => upstream.send(answer.slice(end)));
          }
        });
        client.send(request);
        await client.until((text) => seen.test(text));
        await upstreams[0]?.untilClosed();
        client.send(get);
        const text = await client.until((all) => all.endsWith('good'));
        assert.ok(!text.includes('poison'), text);
        assert.equal(upstreams.length, 2);
        assert.equal(proxy.worker.core.pool.counters.upstreamConnections, 1);
      });
    }
  }
});

test('bytes, an end or a reset on an idle connection take it out of the pool', async (t) => {
  const ends: readonly ((upstream: RawClient) => void)[] = [
    (upstream) => upstream.send('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'),
    (upstream) => upstream.send('x'),
    (upstream) => upstream.socket.end(),
    (upstream) => upstream.socket.resetAndDestroy(),
  ];
  for (const end of ends) {
    const { proxy, client, upstreams } = await start(t, (upstream) => upstream.send(okResponse('good')));
    client.send(get);
    await client.responses(1);
    const { counters } = proxy.worker.core.pool;
    assert.equal(counters.upstreamIdle, 1);
    end(upstreams[0] as RawClient);
    await turnUntil(() => counters.upstreamConnections === 0, 'an empty pool');
    assert.equal(counters.upstreamIdle, 0);
    client.send('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n');
    const text = await client.responses(2);
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200']);
  }
});

test('interim answers: 103 is relayed to HTTP/1.1, 100 is not, HTTP/1.0 gets none', async (t) => {
  const { client, proxy } = await start(t, (upstream) =>
    upstream.send(
      'HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n' +
        `\r\nHTTP/1.1 102 Processing\r\n\r\n${okResponse('good')}`,
    ),
  );
  client.send(get);
  const text = await client.until((all) => all.endsWith('good'));
  assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  const old = await RawClient.open(t, proxy.port);
  old.send('GET / HTTP/1.0\r\nHost: a.test\r\n\r\n');
  assert.match(await old.untilClosed(), /^HTTP\/1\.1 200 OK\r\n/);
});

test('an answer that drips in single bytes arrives whole', async (t) => {
  const answer =
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '4;a="b"\r\ndrip\r\n1\r\n!\r\n0\r\nExpires: never\r\n\r\n';
  const { client } = await start(t, (upstream) => {
    void (async () => {
      for (const byte of answer) {
        upstream.send(byte);
        await turns(1);
      }
    })();
  });
  client.send(get);
  const text = await client.until((all) => all.endsWith('0\r\n\r\n'));
  const body = text.slice(text.lastIndexOf('\r\n\r\n', text.length - 5) + 4);
  const head = text.slice(0, text.indexOf('\r\n\r\n', text.indexOf('200')));
  assert.ok(!text.includes('Expires') && !text.includes('a="b"'), text);
  assert.match(head, /HTTP\/1\.1 200 \r\n/);
  const chunks = text.slice(head.length + 4).matchAll(/([0-9a-f]+)\r\n([^\r]*)\r\n/g);
  assert.equal([...chunks].map(([, , data]) => data).join(''), 'drip!', body);
});

test('an answer that ends with its connection is chunked for HTTP/1.1 and bare for HTTP/1.0', async (t) => {
  const { client, proxy } = await start(t, (upstream) => {
    upstream.send('HTTP/1.1 200 OK\r\n\r\nuntil the end');
    upstream.socket.end();
  });
  client.send(get);
  assert.match(
    await client.until((text) => text.endsWith('0\r\n\r\n')),
    /Transfer-Encoding: chunked\r\n\r\nd\r\nuntil the end\r\n0\r\n\r\n$/,
  );
  const old = await RawClient.open(t, proxy.port);
  old.send('GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n');
  assert.match(await old.untilClosed(), /Connection: close\r\n\r\nuntil the end$/);
});

test('hop-by-hop fields of an answer stay behind, and what its Connection names', async (t) => {
  const { client } = await start(t, (upstream) =>
    upstream.send(
      okResponse(
        'good',
        'Connection: keep-alive, X-Secret\r\nKeep-Alive: timeout=9\r\nX-Secret: 1\r\nProxy-Connection: x\r\nUpgrade: h2c\r\n' +
          'Trailer: y\r\nX-Accel-Redirect: /private\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n',
      ),
    ),
  );
  client.send(get);
  const text = await client.responses(1);
  assert.ok(!/keep-alive|secret|proxy-connection|upgrade|trailer/i.test(text), text);
  assert.match(text, /X-Accel-Redirect: \/private\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n/);
});

test('equal lengths are one length', async (t) => {
  const { client } = await start(t, (upstream) => upstream.send(okResponse('four', 'Content-Length: 4\r\n')));
  client.send(get);
  const text = await client.responses(1);
  assert.equal(text.match(/Content-Length: 4/g)?.length, 1);
});
