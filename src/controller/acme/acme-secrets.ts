// AcmeSecrets: reads and writes the three kinds of Secrets of this room through the API: the account's key, the challenges, and the
// certificates. Every write is of the version that was read: who comes second reads again.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Secret } from '../../kube/index.ts';
import { type ObjectKey, splitObjectKey } from '../../model/index.ts';
import { type ApiClient, ApiStatusError, expectOk } from '../../sources/kube/api-client.ts';
import { textOf } from './acme-error.ts';
import {
  acmeLabel,
  describeCertificate,
  directoryAnnotation,
  fingerprintAnnotation,
  judgeSecret,
} from './held-certificate.ts';
import type { IssuedCertificate } from './order-certificate.ts';

/** The Secret of a certificate is not ours: nothing was written. */
export class ForeignSecretError extends Error {
  override readonly name = 'ForeignSecretError';
}

/** The API server takes no write of a certificate’s Secret, for a quota, a namespace that ends, an admission rule: nobody else’s concern. */
export class SecretRefusedError extends Error {
  override readonly name = 'SecretRefusedError';
}

interface SecretContent {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

const maxTries = 5;
/** Of the API server or our own account, whichever Secret is meant. Not 500: that is also one namespace’s webhook that fails. */
const ofServerItself: ReadonlySet<number> = new Set([401, 408, 429, 502, 503, 504]);
const failuresAnnotation = 'sallyport.dev/acme-failures';
const accountEntry = 'account.key';

export class AcmeSecrets {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Made and stored when there is none. @throws {Error} what is there is no key. */
  async ensureAccountKey(secret: ObjectKey): Promise<KeyObject> {
    const written = await this.#update(secret, (before) => {
      if (before?.data?.[accountEntry] !== undefined) return null;
      if (before !== null) throw new Error(`Secret "${secret}" has no "${accountEntry}"`);
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
      return { type: 'Opaque', labels: { [acmeLabel]: 'account' }, data: { [accountEntry]: encode(pem) } };
    });
    try {
      return createPrivateKey(Buffer.from(textOf(written.data?.[accountEntry]), 'base64').toString('latin1'));
    } catch {
      throw new Error(`"${accountEntry}" of Secret "${secret}" holds no private key`);
    }
  }

  async writeChallenges(secret: ObjectKey, data: Readonly<Record<string, string>>): Promise<void> {
    await this.#update(secret, (before) => ({ ...challengeContent(secret, before), data }));
  }

  /** What `writeFailures` wrote last; empty: nothing. */
  async readFailures(secret: ObjectKey): Promise<string> {
    const before = await this.#read(secret);
    return before?.metadata.annotations?.[failuresAnnotation] ?? '';
  }

  /** Into an annotation of the challenges' Secret. `render` is asked for each try, so that who comes second writes what is newer. */
  async writeFailures(secret: ObjectKey, render: () => string): Promise<void> {
    await this.#update(secret, (before) => ({
      ...challengeContent(secret, before),
      annotations: { [failuresAnnotation]: render() },
    }));
  }

  /**
   * Asks whether a certificate could be written, and writes nothing, so that none is ordered in vain.
   * @throws {ForeignSecretError | SecretRefusedError}
   */
  async tryCertificate(secret: ObjectKey, directoryUrl: string): Promise<void> {
    await this.#putCertificate(secret, directoryUrl, true, (before) => ({
      data: before?.data ?? { 'tls.crt': '', 'tls.key': '' },
    }));
  }

  /**
   * @throws {ForeignSecretError} the Secret came to hold something else meanwhile.
   * @throws {SecretRefusedError}
   */
  async writeCertificate(
    secret: ObjectKey,
    { chainPem, keyPem }: IssuedCertificate,
    directoryUrl: string,
  ): Promise<void> {
    const { fingerprint } = describeCertificate(chainPem);
    await this.#putCertificate(secret, directoryUrl, false, () => ({
      annotations: { [directoryAnnotation]: directoryUrl, [fingerprintAnnotation]: fingerprint },
      data: { 'tls.crt': encode(chainPem), 'tls.key': encode(keyPem) },
    }));
  }

  async #putCertificate(
    secret: ObjectKey,
    directoryUrl: string,
    isTrial: boolean,
    contentOf: (before: Secret | null) => Pick<SecretContent, 'annotations' | 'data'>,
  ): Promise<void> {
    const change = (before: Secret | null): SecretContent => {
      const state = judgeSecret(before, secret, directoryUrl);
      if (state.kind === 'foreign') throw new ForeignSecretError(state.message);
      return { type: 'kubernetes.io/tls', labels: { [acmeLabel]: 'certificate' }, ...contentOf(before) };
    };
    try {
      await this.#update(secret, change, isTrial);
    } catch (error) {
      if (!(error instanceof ApiStatusError) || ofServerItself.has(error.status)) throw error;
      throw new SecretRefusedError(error.message);
    }
  }

  async #read(secret: ObjectKey): Promise<Secret | null> {
    const { namespace, name } = splitObjectKey(secret);
    const found = await this.#client.call({ method: 'GET', path: `${collectionOf(namespace)}/${name}` });
    // What an API server calls a Secret.
    return found.status === 404 ? null : (expectOk(found) as Secret);
  }

  /** `change` gives the content to write; null: it stays as it is. */
  async #update(
    secret: ObjectKey,
    change: (before: Secret | null) => SecretContent | null,
    isTrial = false,
  ): Promise<Secret> {
    const { namespace, name } = splitObjectKey(secret);
    const collection = collectionOf(namespace);
    const path = `${collection}/${name}`;
    const query: Readonly<Record<string, string>> = isTrial ? { dryRun: 'All' } : {};
    for (let tries = 1; ; tries += 1) {
      const before = await this.#read(secret);
      const content = change(before);
      if (content === null && before !== null) return before;
      const body = renderSecret(namespace, name, before, content);
      const reply =
        before === null
          ? await this.#client.call({ method: 'POST', path: collection, query, body })
          : await this.#client.call({ method: 'PUT', path, query, body });
      if (reply.status !== 409 || tries >= maxTries) return expectOk(reply) as Secret;
    }
  }
}

/** As it is. @throws {Error} the Secret is another's. */
function challengeContent(secret: ObjectKey, before: Secret | null): SecretContent {
  if (before !== null && before.metadata.labels?.[acmeLabel] !== 'challenges') {
    throw new Error(`Secret "${secret}" exists and is not one of challenges`);
  }
  return { type: 'Opaque', labels: { [acmeLabel]: 'challenges' }, data: before?.data ?? {} };
}

function collectionOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

/** What others have added to the object's metadata stays. */
function renderSecret(
  namespace: string,
  name: string,
  before: Secret | null,
  content: SecretContent | null,
): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...before?.metadata,
      namespace,
      name,
      labels: { ...before?.metadata.labels, ...content?.labels },
      annotations: { ...before?.metadata.annotations, ...content?.annotations },
    },
    type: content?.type ?? 'Opaque',
    data: content?.data ?? {},
  };
}

function encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64');
}
