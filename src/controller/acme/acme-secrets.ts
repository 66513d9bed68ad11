// AcmeSecrets: reads and writes the three kinds of Secrets of this room through the API: the account's key, the challenges, and the
// certificates. Every write is of the version that was read: who comes second reads again.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Secret } from '../../kube/index.ts';
import { type ObjectKey, splitObjectKey } from '../../model/index.ts';
import { type ApiClient, expectOk } from '../../sources/kube/api-client.ts';
import { textOf } from './acme-error.ts';
import {
  acmeLabel,
  describeCertificate,
  directoryAnnotation,
  fingerprintAnnotation,
  judgeSecret,
} from './held-certificate.ts';
import type { IssuedCertificate } from './order-certificate.ts';

/** The Secret is not ours: nothing was written. */
export class ForeignSecretError extends Error {
  override readonly name = 'ForeignSecretError';
}

interface SecretContent {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

const maxTries = 5;
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
      if (before !== null) throw new ForeignSecretError(`Secret "${secret}" has no "${accountEntry}"`);
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
    await this.#update(secret, (before) => {
      if (before !== null && before.metadata.labels?.[acmeLabel] !== 'challenges') {
        throw new ForeignSecretError(`Secret "${secret}" exists and is not one of challenges`);
      }
      return { type: 'Opaque', labels: { [acmeLabel]: 'challenges' }, data };
    });
  }

  /** @throws {ForeignSecretError} the Secret came to hold something else meanwhile. */
  async writeCertificate(
    secret: ObjectKey,
    { chainPem, keyPem }: IssuedCertificate,
    directoryUrl: string,
  ): Promise<void> {
    const { fingerprint } = describeCertificate(chainPem);
    await this.#update(secret, (before) => {
      const state = judgeSecret(before, secret, directoryUrl);
      if (state.kind === 'foreign') throw new ForeignSecretError(state.message);
      return {
        type: 'kubernetes.io/tls',
        labels: { [acmeLabel]: 'certificate' },
        annotations: { [directoryAnnotation]: directoryUrl, [fingerprintAnnotation]: fingerprint },
        data: { 'tls.crt': encode(chainPem), 'tls.key': encode(keyPem) },
      };
    });
  }

  /** `change` gives the content to write; null: it stays as it is. */
  async #update(secret: ObjectKey, change: (before: Secret | null) => SecretContent | null): Promise<Secret> {
    const { namespace, name } = splitObjectKey(secret);
    const collection = `/api/v1/namespaces/${namespace}/secrets`;
    const path = `${collection}/${name}`;
    for (let tries = 1; ; tries += 1) {
      const found = await this.#client.call({ method: 'GET', path });
      // What an API server calls a Secret.
      const before = found.status === 404 ? null : (expectOk(found) as Secret);
      const content = change(before);
      if (content === null && before !== null) return before;
      const body = renderSecret(namespace, name, before, content);
      const reply =
        before === null
          ? await this.#client.call({ method: 'POST', path: collection, body })
          : await this.#client.call({ method: 'PUT', path, body });
      if (reply.status !== 409 || tries >= maxTries) return expectOk(reply) as Secret;
    }
  }
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
