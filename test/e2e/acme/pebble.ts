// Runs Pebble, Let's Encrypt's ACME server for tests, with its random failures on, and a name server that knows every host but those
// that begin with `bad`: all of them are on this machine.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createSelfSigned } from '../../../src/cli/self-signed.ts';
import { ensurePebble } from '../../../tools/ensure-pebble.ts';
import { findFreePort, runProcess } from '../../cli/up-process.ts';

export interface Pebble {
  readonly directoryUrl: string;
  /** PEM file of the authority of Pebble's own listener. */
  readonly authorityPath: string;
  /** PEM of the root that signs what it issues. */
  readonly readRoot: () => Promise<string>;
}

export interface PebbleOptions {
  /** Where the hosts answer. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly validitySeconds?: number;
  /** Key id and key of the one account that may register. */
  readonly externalAccount?: readonly [string, string];
}

/** Ends with the test. */
export async function startPebble(t: TestContext, options: PebbleOptions): Promise<Pebble> {
  for (;;) {
    const pebble = await tryPebble(t, options);
    if (pebble !== null) return pebble;
  }
}

/** Null: a port that was free a moment ago is not any more. */
async function tryPebble(t: TestContext, options: PebbleOptions): Promise<Pebble | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pebble-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [port, managementPort] = [await findFreePort(), await findFreePort()];
  const dayMs = 86_400_000;
  const own = createSelfSigned({
    commonName: 'localhost',
    dnsNames: ['localhost'],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
  });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { externalAccount, validitySeconds = 86_400 * 90 } = options;
  const authorityPath = write('pebble.crt', own.chainPem);
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: authorityPath,
    privateKey: write('pebble.key', own.keyPem),
    httpPort: options.httpPort,
    tlsPort: options.httpsPort,
    certificateValidityPeriod: validitySeconds,
    externalAccountBindingRequired: externalAccount !== undefined,
    externalAccountMACKeys: Object.fromEntries(externalAccount === undefined ? [] : [externalAccount]),
  };
  const dnsPort = await startNameServer(t);
  const configPath = write('pebble.json', JSON.stringify({ pebble: config }));
  const running = runProcess('-config', [configPath, '-dnsserver', `127.0.0.1:${dnsPort}`, '-strict'], {
    node: ensurePebble(),
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '25' },
  });
  t.after(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  const directoryUrl = `https://localhost:${port}/dir`;
  const readRoot = (): Promise<string> =>
    readText(`https://localhost:${managementPort}/roots/0`, own.chainPem);
  const isListening = async (): Promise<boolean> => {
    try {
      await readText(directoryUrl, own.chainPem);
      await readRoot();
      return true;
    } catch {
      return false;
    }
  };
  // It says that it listens before it does.
  while (!(await isListening())) {
    if (running.child.exitCode === null) continue;
    await running.ended;
    assert.match(running.output(), /address already in use/);
    return null;
  }
  return { directoryUrl, authorityPath, readRoot };
}

async function readText(url: string, ca: string): Promise<string> {
  const sent = request(url, { ca, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return Buffer.concat(await response.toArray()).toString();
}

const typeA = 1;

/** Answers 127.0.0.1 for every name, NXDOMAIN for `bad…`, and no record for other types than A. */
async function startNameServer(t: TestContext): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const isBad = question.subarray(1, 4).toString('latin1').toLowerCase() === 'bad';
    const hasAnswer = !isBad && query.readUInt16BE(end - 4) === typeA;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(isBad ? 0x8583 : 0x8580, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(hasAnswer ? 1 : 0, 6);
    // The name by reference, A, IN, for a second, four bytes.
    const answer = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
    socket.send(Buffer.concat([head, question, ...(hasAnswer ? [answer] : [])]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket.address().port;
}
