// Automatic certificates as the controller wants them told, from the settings: reads the files that they name, once, at start.
import { readFileSync } from 'node:fs';
import { type AcmeSettings, UsageError } from '../config/index.ts';
import type { AcmeOptions } from '../controller/index.ts';
import { readVersion } from './version.ts';

/** How long other replicas have to read a challenge before the ACME server is asked to look. */
const settleMs = 3_000;

/** `namespace`: where the settings say none. @throws {UsageError} a file cannot be used. */
export function readAcmeOptions(
  settings: AcmeSettings | null,
  namespace: string,
  hasReplicas: boolean,
): AcmeOptions | null {
  if (settings === null) return null;
  const { directoryUrl, email, challenge, authoritiesPath, externalAccount } = settings;
  return {
    directoryUrl,
    email,
    kind: challenge,
    authorities: authoritiesPath === null ? null : readText('--acme-ca-file', authoritiesPath),
    externalAccount:
      externalAccount === null
        ? null
        : { keyId: externalAccount.keyId, secret: readKey(externalAccount.keyPath) },
    namespace: settings.namespace ?? namespace,
    settleMs: hasReplicas ? settleMs : 0,
    userAgent: `sallyport/${readVersion()}`,
  };
}

function readKey(path: string): Uint8Array {
  const text = readText('--acme-eab-key-file', path).trim();
  const key = Buffer.from(text, 'base64url');
  if (!/^[\w+/-]+={0,2}$/.test(text) || key.length < 16) {
    throw new UsageError(`--acme-eab-key-file "${path}": a key of at least 16 bytes in base64url is wanted`);
  }
  return key;
}

function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${flag} "${path}" cannot be read: ${reason}`);
  }
}
