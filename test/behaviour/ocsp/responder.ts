// An OCSP responder for tests: `openssl ocsp` answers the questions that come.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Certificate } from '../../../src/model/index.ts';
import { X509Certificate } from 'node:crypto';
import type { Identity, TestAuthority } from '../test-authority.ts';

export interface Signer {
  readonly cert: string;
  readonly key: string;
}

export interface AnswerOptions {
  /** Absent: the certificate is not known. */
  readonly known?: { readonly identity: Identity; readonly isRevoked?: boolean };
  /** Absent: the authority itself. */
  readonly signer?: Signer;
}

/** What a responder of the authority says to a question (DER), valid for a day. */
export async function answerQuestion(
  authority: TestAuthority,
  question: Buffer,
  { known, signer = { cert: authority.pem, key: authority.keyPem } }: AnswerOptions,
): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ocsp-'));
  try {
    const at = (name: string): string => join(folder, name);
    const files = { ca: authority.pem, cert: signer.cert, key: signer.key, index: indexOf(known) };
    for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
    writeFileSync(at('question'), question);
    const args = ['-index', at('index'), '-CA', at('ca'), '-rsigner', at('cert'), '-rkey', at('key')];
    const ends = ['-reqin', at('question'), '-respout', at('answer'), '-ndays', '1'];
    await promisify(execFile)('openssl', ['ocsp', ...args, ...ends]);
    return readFileSync(at('answer'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line of OpenSSL's database. */
function indexOf(known: AnswerOptions['known']): string {
  if (known === undefined) return '';
  const serial = known.identity.serial.toString('hex').toUpperCase();
  const state = known.isRevoked === true ? 'R\t400101000000Z\t260101000000Z' : 'V\t400101000000Z\t';
  return `${state}\t${serial}\tunknown\t/CN=a.test\n`;
}

/** An HTTP server that gives each question to `answer`. */
export async function startResponder(
  t: TestContext,
  answer: (
    question: Buffer,
  ) => Promise<{ readonly status?: number; readonly body: Buffer; readonly location?: string }>,
): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void answer(Buffer.concat(chunks)).then(({ status = 200, body, location }) => {
        response.writeHead(status, location === undefined ? {} : { Location: location });
        response.end(body);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ocsp`, count: () => count };
}

/** A unit of the table, the issuer in its chain. */
export function makeUnit(id: Certificate['id'], authority: TestAuthority, identity: Identity): Certificate {
  const fingerprint = new X509Certificate(identity.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    id,
    chainPem: identity.cert + authority.pem,
    keyPem: identity.key,
    names: ['a.test'],
    fingerprint,
    notAfterMs: Date.now() + 86_400_000,
  };
}
