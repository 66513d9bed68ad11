// ScopeGroup: the namespaced resources of one namespace, or of all: one mirror each. Secrets are optional: who may not list them
// reads them by name.
import { Mirror, type MirrorParts } from './mirror.ts';
import { endpointSlices, ingresses, secrets, services } from './watched-resources.ts';

export interface ScopeGroupOptions {
  readonly parts: MirrorParts;
  /** Null: all. */
  readonly namespace: string | null;
  /** False: Secrets are read by name only. */
  readonly listsSecrets: boolean;
  readonly onSecretsRefused: (namespace: string | null, message: string) => void;
}

export class ScopeGroup {
  readonly namespace: string | null;
  readonly mirrors: readonly Mirror[];
  readonly #secrets: Mirror | null;

  constructor({ parts, namespace, listsSecrets, onSecretsRefused }: ScopeGroupOptions) {
    this.namespace = namespace;
    this.#secrets = listsSecrets
      ? new Mirror(parts, {
          resource: secrets,
          namespace,
          isOptional: true,
          onRefused: (_status, message) => onSecretsRefused(namespace, message),
        })
      : null;
    const required = [ingresses, services, endpointSlices];
    this.mirrors = [
      ...required.map((resource) => new Mirror(parts, { resource, namespace })),
      ...(this.#secrets === null ? [] : [this.#secrets]),
    ];
  }

  start(): this {
    for (const mirror of this.mirrors) mirror.start();
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.mirrors.map((mirror) => mirror.stop()));
  }

  /** Stops, and tells that all its objects are gone. */
  async end(): Promise<void> {
    await Promise.all(this.mirrors.map((mirror) => mirror.end()));
  }

  get isSettled(): boolean {
    return this.mirrors.every(({ isSettled }) => isSettled);
  }

  covers(namespace: string): boolean {
    return this.namespace === null || this.namespace === namespace;
  }

  /** Whether all Secrets of the scope are known without their names. */
  get isListingSecrets(): boolean {
    return this.#secrets?.isReading ?? false;
  }

  hasSecret(key: string): boolean {
    return this.#secrets?.has(key) ?? false;
  }
}
