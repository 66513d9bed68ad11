// Certificates that change under a running server: files written anew, the links of a Secret volume, broken pairs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import type { CertificateTiming } from './certificate-files.ts';
import {
  askReview,
  createReview,
  type LogLine,
  ourIngress,
  readCertificate,
  recordingLog,
  startWebhook,
} from './reviews.fixture.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-certificates-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Looks only when told by the system. */
const byEvent: CertificateTiming = { pollMs: 3_600_000, settleMs: 20 };
/** Looks only by itself. */
const byPoll: CertificateTiming = { pollMs: 20, settleMs: 3_600_000 };

/** A server with the pair in a folder of its own, and its next log lines. */
async function start(name: string, timing: CertificateTiming, path: (file: string) => string) {
  const waiting: ((line: LogLine) => void)[] = [];
  const { log, lines } = recordingLog((line) => waiting.shift()?.(line));
  const nextLine = (): Promise<LogLine> => new Promise((resolve) => waiting.push(resolve));
  const { server, port } = await startWebhook({
    certificatePath: path('tls.crt'),
    keyPath: path('tls.key'),
    log,
    certificateTiming: timing,
  });
  return { server, port, lines, nextLine, name };
}

async function newFolder(name: string, fixture: string): Promise<string> {
  const own = join(folder, name);
  await mkdir(own);
  await writePair(own, fixture);
  return own;
}

async function writePair(own: string, fixture: string): Promise<void> {
  await writeFile(join(own, 'tls.crt'), readCertificate(`${fixture}.crt`));
  await writeFile(join(own, 'tls.key'), readCertificate(`${fixture}.key`));
}

/** The serial number of the certificate that a new connection gets. */
async function servedOn(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const serial = socket.getPeerX509Certificate()?.serialNumber ?? '';
  socket.destroy();
  return serial;
}

function serialOf(fixture: string): string {
  return new X509Certificate(readCertificate(`${fixture}.crt`)).serialNumber;
}

describe('a certificate that changes', () => {
  for (const [how, timing] of [
    ['by an event', byEvent],
    ['by a look now and then', byPoll],
  ] as const) {
    it(`is served from then on, found ${how}`, async () => {
      const own = await newFolder(how.replaceAll(' ', '-'), 'foo');
      const { server, port, lines, nextLine } = await start('x', timing, (file) => join(own, file));
      try {
        assert.equal(await servedOn(port), serialOf('foo'));
        const review = createReview(ourIngress('h', ['/']));
        assert.equal((await askReview(port, review)).allowed, true);
        await writePair(own, 'foo-renewed');
        // Between the two files a look may find a pair that does not fit.
        while (!lines.some(({ level }) => level === 'info')) await nextLine();
        assert.equal(await servedOn(port), serialOf('foo-renewed'));
        assert.equal((await askReview(port, review)).allowed, true);
      } finally {
        await server.stop();
      }
    });

    it(`is found behind the links of a Secret volume ${how}`, async () => {
      const own = join(folder, `volume-${how.replaceAll(' ', '-')}`);
      await mkdir(join(own, '..1'), { recursive: true });
      await writePair(join(own, '..1'), 'foo');
      await symlink('..1', join(own, '..data'));
      for (const file of ['tls.crt', 'tls.key']) await symlink(`..data/${file}`, join(own, file));
      const { server, port, nextLine } = await start('x', timing, (file) => join(own, file));
      try {
        const line = nextLine();
        // As the kubelet does it: the files, then one rename over the link.
        await mkdir(join(own, '..2'));
        await writePair(join(own, '..2'), 'rsa');
        await symlink('..2', join(own, '..data_tmp'));
        await rename(join(own, '..data_tmp'), join(own, '..data'));
        assert.equal((await line).message, 'the webhook has a new certificate');
        assert.equal(await servedOn(port), serialOf('rsa'));
      } finally {
        await server.stop();
      }
    });
  }

  it('into a pair that is not usable leaves the old one, with one line; the next good one is taken', async () => {
    const own = await newFolder('broken', 'foo');
    const { server, port, lines, nextLine } = await start('x', byPoll, (file) => join(own, file));
    try {
      for (const [text, reason] of [
        ['no certificate', /PEM|asn1|no start line/i],
        [readCertificate('rsa.crt'), /do not belong together/],
      ] as const) {
        const line = nextLine();
        await writeFile(join(own, 'next'), text);
        await rename(join(own, 'next'), join(own, 'tls.crt'));
        const { level, message, fields } = await line;
        assert.equal(level, 'error');
        assert.match(message, /not usable, the one before stays in use/);
        assert.match(JSON.stringify(fields), reason);
        assert.ok(!JSON.stringify(fields).includes('PRIVATE'));
        assert.equal(await servedOn(port), serialOf('foo'));
      }
      let line = nextLine();
      await rm(join(own, 'tls.key'));
      assert.match((await line).message, /cannot be read/);
      // Each is told once, however often it is found.
      assert.equal(lines.length, 3);
      line = nextLine();
      await writeFile(join(own, 'next'), readCertificate('rsa.key'));
      await rename(join(own, 'next'), join(own, 'tls.key'));
      assert.equal((await line).level, 'info');
      assert.equal(await servedOn(port), serialOf('rsa'));
    } finally {
      await server.stop();
    }
  });
});

describe('a first certificate that is not usable', () => {
  it('keeps the server from starting, with both names', async () => {
    const own = await newFolder('first', 'foo');
    const missing = start('x', byEvent, (file) => join(own, `no-${file}`));
    await assert.rejects(
      missing,
      /cannot use the webhook's certificate ".*no-tls\.crt" with key ".*": ENOENT/,
    );
    await writeFile(join(own, 'tls.key'), readCertificate('rsa.key'));
    await assert.rejects(
      start('x', byEvent, (file) => join(own, file)),
      /do not belong together/,
    );
    await writeFile(join(own, 'tls.key'), readCertificate('foo-encrypted.key'));
    await assert.rejects(
      start('x', byEvent, (file) => join(own, file)),
      /cannot use the webhook's certificate/,
    );
  });
});
