// One order, from its beginning to a certificate (RFC 8555, 7.4): authorizations, challenges, the request, the chain. Challenges are
// taken away at the end, however it ends. Nothing is kept: an order that breaks off is forgotten, and the server forgets it too.
import { X509Certificate } from 'node:crypto';
import { type Challenge, challengeId } from '../../model/index.ts';
import type { AcmeClock } from './acme-clock.ts';
import {
  AcmeError,
  AcmeUnavailableError,
  HostsRefusedError,
  membersOf,
  parseProblem,
  textOf,
} from './acme-error.ts';
import type { AcmeAnswer, AcmeServer } from './acme-server.ts';
import { createCertificateRequest } from './certificate-request.ts';

export interface OrderOptions {
  readonly server: Pick<AcmeServer, 'post' | 'requireResource' | 'keyAuthorization'>;
  readonly clock: AcmeClock;
  readonly hosts: readonly string[];
  readonly kind: Challenge['kind'];
  /** RFC 9773, 5: the certificate that this one takes the place of; null: none. */
  readonly replaces: string | null;
  /** Resolves when every worker answers them. */
  readonly present: (challenges: readonly Challenge[]) => Promise<void>;
  readonly withdraw: (challenges: readonly Challenge[]) => void;
}

export interface IssuedCertificate {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
}

interface OpenAuthorization {
  readonly url: string;
  readonly challengeUrl: string;
  readonly challenge: Challenge;
}

const firstPollMs = 1_000;
const maxPollMs = 15_000;
const maxWaitMs = 600_000;
const maxAuthorizations = 100;

/** @throws {HostsRefusedError | AcmeError | AcmeUnavailableError} */
export async function orderCertificate(options: OrderOptions): Promise<IssuedCertificate> {
  const order = await createOrder(options);
  const open = await readAuthorizations(options, order.body['authorizations']);
  const challenges = open.map(({ challenge }) => challenge);
  try {
    if (open.length > 0) await options.present(challenges);
    const results = await Promise.all(open.map((each) => authorize(options, each)));
    const refused = new Map(results.filter((result) => result !== null));
    if (refused.size > 0) throw new HostsRefusedError(refused);
    return await finalize(options, order);
  } finally {
    options.withdraw(challenges);
  }
}

async function createOrder({ server, hosts, replaces }: OrderOptions): Promise<AcmeAnswer> {
  const url = await server.requireResource('newOrder');
  const identifiers = hosts.map((value) => ({ type: 'dns', value }));
  if (replaces === null) return await server.post(url, { identifiers });
  try {
    return await server.post(url, { identifiers, replaces });
  } catch (error) {
    const isReplaced =
      error instanceof AcmeError && ['alreadyReplaced', 'malformed'].includes(error.problem.type);
    if (!isReplaced) throw error;
    return await server.post(url, { identifiers });
  }
}

/** Those that are not valid already. */
async function readAuthorizations(options: OrderOptions, urls: unknown): Promise<OpenAuthorization[]> {
  const { server, kind } = options;
  const open: OpenAuthorization[] = [];
  const refused = new Map<string, string>();
  const list = Array.isArray(urls) ? (urls as readonly unknown[]).slice(0, maxAuthorizations) : [];
  for (const url of list.map(textOf)) {
    const { body } = await server.post(url, null);
    if (body['status'] === 'valid') continue;
    const host = textOf(membersOf(body['identifier'])['value']).toLowerCase();
    const offered = Array.isArray(body['challenges']) ? (body['challenges'] as readonly unknown[]) : [];
    const found = offered.map(membersOf).find(({ type }) => type === kind);
    const token = textOf(found?.['token']);
    if (body['status'] !== 'pending') refused.set(host, `the authorization is ${textOf(body['status'])}`);
    else if (found === undefined) refused.set(host, `the ACME server offers no ${kind} challenge`);
    else {
      const keyAuthorization = server.keyAuthorization(token);
      const challenge = { id: challengeId(kind, host, token), kind, host, token, keyAuthorization };
      open.push({ url, challengeUrl: textOf(found['url']), challenge });
    }
  }
  if (refused.size > 0) throw new HostsRefusedError(refused);
  return open;
}

/** Asks the server to look, and waits for what it finds: null for a host that is ours, else the host and the server's words. */
async function authorize(
  { server, clock }: OrderOptions,
  { url, challengeUrl, challenge }: OpenAuthorization,
): Promise<readonly [string, string] | null> {
  try {
    await server.post(challengeUrl, {});
  } catch (error) {
    // The answer to an earlier try was lost: what became of it says the authorization.
    if (!(error instanceof AcmeError) || error.problem.type !== 'malformed') throw error;
  }
  const { body } = await poll(
    server,
    clock,
    url,
    (status) => status !== 'pending' && status !== 'processing',
  );
  if (body['status'] === 'valid') return null;
  const tried = Array.isArray(body['challenges']) ? (body['challenges'] as readonly unknown[]) : [];
  const failed = tried.map(membersOf).find(({ error }) => error !== undefined && error !== null);
  const { detail } = parseProblem(failed?.['error']);
  return [challenge.host, detail === '' ? `the authorization is ${textOf(body['status'])}` : detail];
}

async function finalize(options: OrderOptions, order: AcmeAnswer): Promise<IssuedCertificate> {
  const { server, clock, hosts } = options;
  const ready = await poll(server, clock, order.location, (status) => status !== 'pending');
  const { der, key } = createCertificateRequest(hosts);
  if (ready.body['status'] === 'ready') {
    await server.post(textOf(ready.body['finalize']), { csr: der.toString('base64url') });
  }
  const done = await poll(
    server,
    clock,
    order.location,
    (status) => status !== 'processing' && status !== 'ready',
  );
  if (done.body['status'] !== 'valid') {
    throw new AcmeError(403, parseProblem(done.body['error']), null);
  }
  const { text: chainPem } = await server.post(textOf(done.body['certificate']), null);
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' });
  const leaf = parseLeaf(chainPem);
  const missing = hosts.find((host) => leaf.checkHost(host, { subject: 'never' }) === undefined);
  if (!leaf.checkPrivateKey(key))
    throw new AcmeUnavailableError('the certificate that was issued is for another key');
  if (missing !== undefined) {
    throw new AcmeUnavailableError(`the certificate that was issued is not for "${missing}"`);
  }
  return { chainPem, keyPem };
}

function parseLeaf(chainPem: string): X509Certificate {
  try {
    return new X509Certificate(chainPem);
  } catch {
    throw new AcmeUnavailableError('the certificate that was issued is not understood');
  }
}

/** Reads until `isDone`, as often as the server likes it. */
async function poll(
  server: OrderOptions['server'],
  clock: AcmeClock,
  url: string,
  isDone: (status: string) => boolean,
): Promise<AcmeAnswer> {
  const untilMs = clock.nowMs() + maxWaitMs;
  for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * 2, maxPollMs)) {
    const answer = await server.post(url, null);
    if (isDone(textOf(answer.body['status']))) return answer;
    if (clock.nowMs() > untilMs) {
      throw new AcmeUnavailableError(
        `the ACME server is not done with "${url}" after ${maxWaitMs / 60_000} minutes`,
      );
    }
    await clock.sleep(Math.min(Math.max(answer.retryAfterMs ?? pauseMs, 100), 60_000));
  }
}
