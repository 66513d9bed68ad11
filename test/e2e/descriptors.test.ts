// A worker without free file descriptors (EMFILE): it neither dies nor stops serving those it has, and recovers when some are free again.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../behaviour/harness.ts';
import { turnUntil } from '../behaviour/probe.ts';
import { ask, findFreePort } from '../cli/up-process.ts';
import { spawnLimited, startOrigin } from './worker-load.ts';

test('descriptors run out and come back', { timeout: 60_000 }, async (t) => {
  const origin = await startOrigin(t, (_request, response) => response.end('ok'));
  const port = await findFreePort();
  const primary = join(import.meta.dirname, 'orphan-primary.ts');
  await spawnLimited(t, 80, [primary, String(port), String(origin)]);
  const early = await RawClient.open(t, port);
  early.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  await early.until((text) => text.endsWith('ok'));
  const flood: Socket[] = [];
  let settled = 0;
  for (let count = 0; count < 300; count += 1) {
    const socket = connect(port, '127.0.0.1');
    flood.push(socket);
    socket.once('connect', () => (settled += 1));
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  }
  await turnUntil(() => settled === flood.length, 'a full kernel queue or table');
  // Its connections to the client and to the origin are there already: both go on.
  const before = early.received.length;
  early.send('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
  assert.match(
    (await early.until((text) => text.length > before && text.endsWith('ok'))).slice(before),
    / 200 OK/,
  );
  for (const socket of flood) socket.destroy();
  let answer = await ask(port, 'a.test').catch(() => null);
  for (let tries = 0; tries < 200 && answer?.status !== 200; tries += 1)
    answer = await ask(port, 'a.test').catch(() => null);
  assert.equal(answer?.status, 200);
  early.send('GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  await early.untilClosed();
});
