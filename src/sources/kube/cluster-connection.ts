// ClusterConnection: where an API server is, whom to trust and who we are: what a kubeconfig or a Pod's service account says.
import type { TextFile } from './text-file.ts';

export interface ClusterConnection {
  /** Base URL; may have a path. Never has a user or password. */
  readonly server: URL;
  /** For messages: which kubeconfig and context, or the Pod's service account. */
  readonly origin: string;
  /** The context's namespace; `default` if it names none. */
  readonly namespace: string;
  readonly tls: ClusterTls;
  readonly credentials: Credentials;
  /** May hold a password. Null: directly. */
  readonly proxy: URL | null;
  /** Headers of impersonation; empty: none. */
  readonly impersonation: readonly (readonly [string, string])[];
  /** What the user should know, for instance that the server's certificate is not verified. */
  readonly warnings: readonly string[];
}

export interface ClusterTls {
  /** PEM. Null: the system's certificate authorities. */
  readonly authorities: TextFile | null;
  readonly isVerified: boolean;
  /** Name to ask for and to verify; null: the server's host. */
  readonly serverName: string | null;
}

/** What proves who we are, at one moment. */
export interface Credential {
  /** Value of the Authorization header. */
  readonly authorization: string | null;
  /** PEM. */
  readonly certificate: { readonly chain: string; readonly key: string } | null;
}

export interface Credentials {
  /** @throws {CredentialError} */
  current: () => Promise<Credential>;
  /** The server did not accept `refused`: another one, or null when there is none. @throws {CredentialError} */
  renew: (refused: Credential) => Promise<Credential | null>;
}

/** Credentials could not be had. The message says where they were sought, never what they are. */
export class CredentialError extends Error {}

export const noCredential: Credential = { authorization: null, certificate: null };

export const anonymous: Credentials = {
  current: () => Promise.resolve(noCredential),
  renew: () => Promise.resolve(null),
};
