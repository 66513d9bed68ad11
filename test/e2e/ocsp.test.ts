// OCSP from the responder to the handshake: the primary asks, every worker staples, one that takes another's place too.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { defaultTlsSettings } from '../../src/model/index.ts';
import { makePatch } from '../behaviour/table.ts';
import { TestAuthority } from '../behaviour/test-authority.ts';
import { answerQuestion, makeUnit, startResponder } from '../behaviour/ocsp/responder.ts';
import { startWorkers } from './worker-load.ts';

const handshakes = 8;

async function isStapled(port: number): Promise<boolean> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'a.test',
    requestOCSP: true,
    rejectUnauthorized: false,
  });
  const [[response]] = await Promise.all([once(socket, 'OCSPResponse'), once(socket, 'secureConnect')]);
  socket.destroy();
  return response !== null && (response as Buffer).length > 0;
}

test('what the responder says is stapled by every worker', { timeout: 120_000 }, async (t) => {
  const root = new TestAuthority('root');
  const responder = await startResponder(t, async (question) => ({
    body: await answerQuestion(root, question, { known: { identity } }),
  }));
  const identity = root.issue('a.test', { usage: 'serverAuth', ocspUrl: responder.url });
  const { supervisor, httpsPort } = await startWorkers(t);
  const table = {
    hosts: { 'a.test': [{ status: 200 }] },
    certificates: [makeUnit('test/a', root, identity)],
    tls: { 'a.test': 'test/a' },
  };
  supervisor.publish({ ...makePatch(table), tls: { ...defaultTlsSettings, ocspResponders: 'any' } });
  await supervisor.whenReady();
  // The answer is on its way; no handshake waits for it.
  while (!(await isStapled(httpsPort)));
  const [victim = 0] = supervisor.workerPids();
  process.kill(victim, 'SIGKILL');
  while (supervisor.workerPids().includes(victim)) await isStapled(httpsPort).catch(() => {});
  await supervisor.whenReady();
  // Each worker gets it in its own time, and has it from then on.
  let stapled = 0;
  while (stapled < handshakes) stapled = (await isStapled(httpsPort)) ? stapled + 1 : 0;
  assert.equal(responder.count(), 1);
});
