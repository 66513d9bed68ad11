// An ACME server without sockets, for tests: it believes every host but those of `badHosts`, takes each nonce once, and signs what is asked.
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { renderCertificate, renderPem, renderToBeSigned, subjectAltName } from '../../std/der/index.ts';
import type { AcmeReply, AcmeRequest, AcmeTransport } from './acme-transport.ts';

const base = 'https://acme.test';
export const directoryUrl = `${base}/directory`;

interface Order {
  readonly hosts: readonly string[];
  status: string;
  certificate: string;
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly detail: string;
  readonly retryAfter?: string;
  readonly subproblems?: readonly unknown[];
}

export class FakeAcme {
  readonly badHosts = new Set<string>();
  /** Of the next requests for a new order. */
  readonly refusals: Refusal[] = [];
  /** Hosts of each order that was made. */
  readonly orders: string[] = [];
  readonly accounts: unknown[] = [];
  isAway = false;
  lifeMs = 90 * 86_400_000;
  badNonces = 0;
  /** Told when a challenge is to be looked at. */
  onChallenge: (host: string, token: string) => void = () => {};
  readonly #nowMs: () => number;
  readonly #orders: Order[] = [];
  readonly #valid = new Map<string, string>();
  readonly #nonces = new Set<string>();
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly transport: AcmeTransport = async ({ method, url, body }: AcmeRequest) => {
    if (this.isAway) throw new Error('connection refused');
    const path = url.slice(base.length);
    if (path === '/directory') {
      return this.#reply(200, {
        newNonce: `${base}/nonce`,
        newAccount: `${base}/account`,
        newOrder: `${base}/order`,
      });
    }
    if (path === '/nonce') return this.#reply(200, {});
    if (method !== 'POST' || body === null)
      return this.#refuse({ status: 405, type: 'malformed', detail: 'no POST' });
    return this.#post(path, body);
  };

  #post(path: string, text: string): AcmeReply {
    const jws = JSON.parse(text) as { protected: string; payload: string };
    const header = decode(jws.protected) as { nonce: string };
    const payload = jws.payload === '' ? null : decode(jws.payload);
    if (!this.#nonces.delete(header.nonce) || this.badNonces > 0) {
      this.badNonces -= 1;
      return this.#refuse({ status: 400, type: 'badNonce', detail: 'an old nonce' });
    }
    const [, kind = '', name = ''] = path.split('/');
    if (kind === 'account') {
      this.accounts.push(payload);
      return this.#reply(201, {}, `${base}/account/1`);
    }
    if (kind === 'order') return this.#newOrder(payload as { identifiers: { value: string }[] });
    if (kind === 'orders') return this.#readOrder(Number(name));
    if (kind === 'authz') return this.#readAuthorization(name);
    if (kind === 'challenge') return this.#answerChallenge(name);
    if (kind === 'finalize') return this.#finalize(Number(name), (payload as { csr: string }).csr);
    return { ...this.#reply(200, {}), text: this.#orders[Number(name)]?.certificate ?? '' };
  }

  #newOrder({ identifiers }: { identifiers: readonly { value: string }[] }): AcmeReply {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return this.#refuse(refusal);
    const hosts = identifiers.map(({ value }) => value);
    this.orders.push(hosts.join(' '));
    const id = this.#orders.push({ hosts, status: 'pending', certificate: '' }) - 1;
    for (const host of hosts) this.#valid.delete(host);
    return this.#readOrder(id, 201);
  }

  #readOrder(id: number, status = 200): AcmeReply {
    const order = this.#orders[id];
    if (order === undefined) return this.#refuse({ status: 404, type: 'malformed', detail: 'no order' });
    if (order.status === 'pending' && order.hosts.every((host) => this.#valid.get(host) === 'valid')) {
      order.status = 'ready';
    }
    const body = {
      status: order.status,
      authorizations: order.hosts.map((host) => `${base}/authz/${host}`),
      finalize: `${base}/finalize/${id}`,
      certificate: `${base}/certificate/${id}`,
    };
    return this.#reply(status, body, `${base}/orders/${id}`);
  }

  #readAuthorization(host: string): AcmeReply {
    const status = this.#valid.get(host) ?? 'pending';
    const error = status === 'invalid' ? { error: { detail: `nobody answers at ${host}` } } : {};
    const token = Buffer.from(host.padEnd(32, '_')).toString('base64url');
    const challenge = { type: 'http-01', url: `${base}/challenge/${host}`, token, ...error };
    return this.#reply(200, {
      status,
      identifier: { type: 'dns', value: host },
      challenges: [{ type: 'dns-01' }, challenge],
    });
  }

  #answerChallenge(host: string): AcmeReply {
    this.onChallenge(host, Buffer.from(host.padEnd(32, '_')).toString('base64url'));
    this.#valid.set(host, this.badHosts.has(host) ? 'invalid' : 'valid');
    return this.#reply(200, {});
  }

  #finalize(id: number, csr: string): AcmeReply {
    const order = this.#orders[id];
    if (order === undefined) return this.#refuse({ status: 404, type: 'malformed', detail: 'no order' });
    order.certificate = this.#issue(order.hosts, Buffer.from(csr, 'base64url'));
    order.status = 'valid';
    return this.#readOrder(id);
  }

  /** For the key of the request, whose signature is checked. */
  #issue(hosts: readonly string[], request: Buffer): string {
    // SubjectPublicKeyInfo of a P-256 key: 91 bytes that begin like this.
    const at = request.indexOf(Buffer.from('3059301306072a8648ce3d0201', 'hex'));
    const publicKey = request.subarray(at, at + 91);
    const contentStart = request.indexOf(0x30, 1);
    const contentEnd =
      contentStart +
      2 +
      (request[contentStart + 1] === 0x81 ? 1 : request[contentStart + 1] === 0x82 ? 2 : 0);
    const lengthBytes = request.subarray(contentStart + 2, contentEnd);
    const length =
      lengthBytes.length === 0
        ? (request[contentStart + 1] ?? 0)
        : lengthBytes.readUIntBE(0, lengthBytes.length);
    const content = request.subarray(contentStart, contentEnd + length);
    const signature = request.subarray(contentEnd + length + 12 + 3);
    const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
    if (!verify('sha256', content, key, signature)) throw new Error('the request is not signed by its key');
    const toBeSigned = renderToBeSigned({
      serial: Buffer.concat([Buffer.from([0x41]), randomBytes(8)]),
      issuer: { commonName: 'Fake' },
      subject: { commonName: 'Fake leaf' },
      notBefore: new Date(this.#nowMs()),
      notAfter: new Date(this.#nowMs() + this.lifeMs),
      publicKey,
      extensions: [subjectAltName(hosts)],
    });
    return renderPem(
      'CERTIFICATE',
      renderCertificate(toBeSigned, sign('sha256', toBeSigned, this.#keys.privateKey)),
    );
  }

  #reply(status: number, body: object, location = ''): AcmeReply {
    const nonce = randomBytes(8).toString('hex');
    this.#nonces.add(nonce);
    return { status, nonce, location, retryAfter: '', text: JSON.stringify(body) };
  }

  #refuse({ status, type, detail, retryAfter = '', subproblems = [] }: Refusal): AcmeReply {
    const body = { type: `urn:ietf:params:acme:error:${type}`, detail, subproblems };
    return { ...this.#reply(status, body), retryAfter };
  }
}

function decode(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
