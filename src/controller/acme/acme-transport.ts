// How requests reach an ACME server: HTTPS only, one answer of bounded size in bounded time, no redirects.
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { AcmeUnavailableError } from './acme-error.ts';

export interface AcmeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  /** Null: none. */
  readonly body: string | null;
}

export interface AcmeReply {
  readonly status: number;
  /** Replay-Nonce, Location, Retry-After; empty: not there. */
  readonly nonce: string;
  readonly location: string;
  readonly retryAfter: string;
  readonly text: string;
}

/** @throws {AcmeUnavailableError} */
export type AcmeTransport = (request: AcmeRequest) => Promise<AcmeReply>;

const timeoutMs = 30_000;
const maxAnswerBytes = 1_048_576;

/** `authorities`: PEM, trusted besides the public ones; null: none. */
export function createAcmeTransport(authorities: string | null, userAgent: string): AcmeTransport {
  const ca = authorities === null ? undefined : [...rootCertificates, authorities];
  return ({ method, url, body }) =>
    new Promise((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new AcmeUnavailableError(`cannot ask the ACME server at "${url}": ${reason}`));
      if (!url.startsWith('https://') || !URL.canParse(url)) {
        fail('an https URL is wanted');
        return;
      }
      const outgoing = httpsRequest(url, {
        method,
        headers: {
          'User-Agent': userAgent,
          'Accept-Language': 'en',
          ...(body === null
            ? {}
            : { 'Content-Type': 'application/jose+json', 'Content-Length': Buffer.byteLength(body) }),
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(ca === undefined ? {} : { ca }),
      });
      outgoing.on('error', (error) => fail(error.message));
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= maxAnswerBytes) chunks.push(chunk);
          else outgoing.destroy(new Error(`the answer has more than ${maxAnswerBytes} bytes`));
        });
        response.on('error', (error) => fail(error.message));
        response.on('end', () => {
          const field = (name: string): string => String(response.headers[name] ?? '');
          resolve({
            status: response.statusCode ?? 0,
            nonce: field('replay-nonce'),
            location: field('location'),
            retryAfter: field('retry-after'),
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      outgoing.end(body ?? undefined);
    });
}
