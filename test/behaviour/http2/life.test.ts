// The life of requests over HTTP/2: streams side by side, bodies both ways, trailers, resets, and what ends a connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okResponse, passTime } from '../harness.ts';
import { flags, frameTypes, getFields, postFields } from './frame-client.ts';
import { codes, start } from './setup.ts';

const hasHead = (text: string): boolean => text.includes('\r\n\r\n');

test('streams side by side: answers go out as they come, on one connection', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields('/one'));
  client.headers(3, getFields('/three'));
  const [first, second] = [await upstream(0), await upstream(1)];
  await first.until(hasHead);
  await second.until(hasHead);
  const three = second.received.startsWith('GET /three') ? second : first;
  const one = three === first ? second : first;
  three.send(okResponse('3'));
  await client.untilEnd(3);
  assert.equal(client.body(1), '');
  one.send(okResponse('1'));
  await client.untilEnd(1);
  assert.deepEqual([client.body(1), client.body(3)], ['1', '3']);
  const lines = await proxy.log();
  assert.deepEqual(
    lines.map((line) => line['server_protocol']),
    ['HTTP/2.0', 'HTTP/2.0'],
  );
  assert.equal(proxy.worker.core.counters.active, 1);
});

test('a body of unknown length goes upstream in chunks, one of known length as it is', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, postFields('/'), false);
  client.data(1, 'abc');
  const connection = await upstream(0);
  await connection.until((text) => text.includes('3\r\nabc\r\n'));
  client.data(1, 'de', true);
  const text = await connection.until((received) => received.endsWith('0\r\n\r\n'));
  assert.ok(text.endsWith('\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'), text);
  connection.send(okResponse(''));
  await client.untilEnd(1);
  client.headers(3, postFields('/', ['content-length', '4']), false);
  client.data(3, 'f');
  client.data(3, 'ghi', true);
  await connection.until((received) => received.endsWith('\r\n\r\nfghi'));
  connection.send(okResponse(''));
  assert.equal(await client.untilStatus(3), 200);
});

test('M5: fewer bytes than announced: the stream ends, the upstream sees no complete message, others go on', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, postFields('/', ['content-length', '4']), false);
  client.data(1, 'abc');
  const connection = await upstream(0);
  await connection.until((received) => received.endsWith('abc'));
  client.data(1, '', true);
  assert.equal(await client.untilReset(1), codes.protocol);
  await connection.untilClosed();
  client.headers(3, getFields());
  (await upstream(1)).send(okResponse('ok'));
  assert.equal(await client.untilStatus(3), 200);
});

test('a body larger than it may be is answered 413, and the stream is closed without an error', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, postFields('/', ['content-length', String(2 ** 30)]), false);
  assert.equal(await client.untilStatus(1), 413);
  await client.untilEnd(1);
  // The client sends nothing and does not end its side.
  passTime(proxy, 1_500);
  assert.equal(await client.untilReset(1), codes.none);
  client.headers(3, getFields());
  (await upstream(0)).send(okResponse('ok'));
  assert.equal(await client.untilStatus(3), 200);
  assert.equal((await proxy.log())[0]?.['reason'], 'body-too-large');
});

test('trailers of a chunked answer go to a client that says TE: trailers, and to no other', async (t) => {
  const { client, upstream } = await start(t);
  const answer =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nGrpc-Status: 0\r\nContent-Type: x\r\n\r\n';
  client.headers(1, getFields('/', ['te', 'trailers']));
  const connection = await upstream(0);
  const request = await connection.until(hasHead);
  assert.match(request, /\r\nTE: trailers\r\nConnection: TE\r\n/i);
  connection.send(answer);
  await client.untilEnd(1);
  const [, trailers] = client.frames.filter(
    ({ type, stream }) => type === frameTypes.headers && stream === 1,
  );
  assert.ok(trailers !== undefined && (trailers.flags & flags.endStream) !== 0);
  assert.equal(client.body(1), 'ok');
  client.headers(3, getFields());
  await connection.until((text) => text.indexOf('\r\n\r\n', request.length) > 0);
  connection.send(answer);
  await client.untilEnd(3);
  assert.equal(
    client.frames.filter(({ type, stream }) => type === frameTypes.headers && stream === 3).length,
    1,
  );
});

test('100 and 103 reach the client before the answer', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, postFields('/', ['expect', '100-continue'], ['content-length', '2']), false);
  assert.equal(await client.untilStatus(1), 100);
  client.data(1, 'ab', true);
  const connection = await upstream(0);
  await connection.until((text) => text.endsWith('ab'));
  connection.send(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${okResponse('ok')}`);
  await client.untilEnd(1);
  assert.equal(
    client.frames.filter(({ type, stream }) => type === frameTypes.headers && stream === 1).length,
    3,
  );
});

test('K7: a stream that the client resets stops its upstream at once; the others go on', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields('/one'));
  const one = await upstream(0);
  await one.until(hasHead);
  client.headers(3, getFields('/three'));
  const three = await upstream(1);
  await three.until(hasHead);
  client.reset(1);
  await one.untilClosed();
  three.send(okResponse('ok'));
  await client.untilEnd(3);
  const [line] = await proxy.log();
  assert.deepEqual([line?.['status'], line?.['reason']], [499, 'downstream-closed']);
});

test('R5: an answer that breaks off ends its stream with an error, never as complete', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until(hasHead);
  connection.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
  await client.until((frame) => frame.type === frameTypes.data);
  connection.socket.destroy();
  assert.equal(await client.untilReset(1), codes.internal);
  client.headers(3, getFields());
  (await upstream(1)).send(okResponse('ok'));
  assert.equal(await client.untilStatus(3), 200);
});

test('an answer before the end of the body goes out whole; a small rest is thrown away', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, postFields(), false);
  client.data(1, 'abc');
  const connection = await upstream(0);
  await connection.until((text) => text.includes('abc'));
  connection.send(okResponse('no'));
  await client.untilEnd(1);
  client.data(1, Buffer.alloc(10_000), true);
  client.headers(3, getFields());
  (await upstream(1)).send(okResponse('ok'));
  await client.untilEnd(3);
  assert.equal(client.frames.filter(({ type }) => type === frameTypes.reset).length, 0);
});

test('an answer before the end of a long body goes out whole, then the client is told to stop', async (t) => {
  const { client, upstream } = await start(t);
  client.headers(1, postFields(), false);
  client.data(1, 'abc');
  const connection = await upstream(0);
  await connection.until((text) => text.includes('abc'));
  connection.send(okResponse('no'));
  await client.untilEnd(1);
  assert.equal(client.body(1), 'no');
  for (let i = 0; i < 5; i += 1) {
    client.data(1, Buffer.alloc(15_000));
    await client.settle();
  }
  assert.equal(await client.untilReset(1), codes.none);
});

test('deadlines: a body that stops is answered 408, a silent upstream 504', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, postFields(), false);
  const connection = await upstream(0);
  await connection.until(hasHead);
  passTime(proxy, 61_000);
  assert.equal(await client.untilStatus(1), 408);
  client.headers(3, getFields());
  await (await upstream(1)).until(hasHead);
  await client.settle();
  passTime(proxy, 4_000_000);
  assert.equal(await client.untilStatus(3), 504);
  assert.deepEqual(
    (await proxy.log()).map((line) => line['reason']),
    ['body-timeout', 'upstream-read-timeout'],
  );
});

test('M13: after the last request that a connection may carry the client is told twice, and its streams finish', async (t) => {
  const { client, upstream } = await start(t, { limits: { maxRequestsPerConnection: 2 } });
  client.headers(1, getFields('/one'));
  const one = await upstream(0);
  await one.until(hasHead);
  client.headers(3, getFields('/three'));
  const first = await client.untilGoaway();
  assert.deepEqual(first, { last: 2 ** 31 - 1, code: codes.none });
  assert.deepEqual(await client.untilGoaway((last) => last < 2 ** 31 - 1), { last: 3, code: codes.none });
  const three = await upstream(1);
  await three.until(hasHead);
  one.send(okResponse('1'));
  three.send(okResponse('3'));
  await client.untilClosed();
  assert.deepEqual([client.body(1), client.body(3)], ['1', '3']);
});

test('a drain: streams finish, the client is told, the worker ends', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until(hasHead);
  client.answersPings = false;
  const drained = proxy.worker.drain(60_000);
  await client.untilGoaway();
  // The PING is not answered: a second later the final GOAWAY goes out all the same.
  passTime(proxy, 1_300);
  await client.untilGoaway((last) => last === 1);
  connection.send(okResponse('ok'));
  await client.untilEnd(1);
  await client.untilClosed();
  await drained;
  assert.equal(client.body(1), 'ok');
});

test('M13: streams behind the final GOAWAY are passed over, the one before it finishes', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until(hasHead);
  const drained = proxy.worker.drain(60_000);
  await client.untilGoaway();
  passTime(proxy, 1_300);
  await client.untilGoaway((last) => last === 1);
  client.headers(3, postFields(), false);
  client.data(3, 'abc');
  client.frame(frameTypes.windowUpdate, 0, 3, Buffer.from([0, 0, 8, 0]));
  client.headers(3, [['x', 'y']]);
  client.headers(5, getFields());
  client.reset(5);
  await client.settle();
  connection.send(okResponse('ok'));
  await client.untilEnd(1);
  await client.untilClosed();
  await drained;
  assert.equal(client.body(1), 'ok');
  assert.deepEqual(
    client.frames.filter(({ stream }) => stream > 1),
    [],
  );
});

test('an idle connection is left after the keep-alive time, one whose client is gone after a PING', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until(hasHead);
  // A stream is open and nothing is said: is the client still there?
  proxy.worker.core.deadlines.sweep(performance.now() + 55_000);
  assert.equal(client.frames.filter(({ type }) => type === frameTypes.ping).length, 0);
  connection.send(okResponse('ok'));
  await client.untilEnd(1);
  passTime(proxy, 200_000);
  await client.untilGoaway();
  passTime(proxy, 300_000);
  passTime(proxy, 400_000);
  await client.untilClosed();
});

test('a client that no longer answers loses its streams', async (t) => {
  const { client, upstream, proxy } = await start(t);
  client.headers(1, getFields());
  const connection = await upstream(0);
  await connection.until(hasHead);
  connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  await client.untilStatus(1);
  client.answersPings = false;
  passTime(proxy, 61_000);
  await client.until(({ type }) => type === frameTypes.ping);
  passTime(proxy, 120_000);
  await client.untilClosed();
  await connection.untilClosed();
});
