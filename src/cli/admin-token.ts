// The token that opens the /debug/ pages of the admin listener: read from its file, or made at the first start. What cannot be
// read or kept never keeps traffic from being served: the pages stay shut, and a warning says why.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createWholeFile, readPrivateFile } from '../apiserver/http/private-files.ts';

const maxFileBytes = 4096;
const tokenBytes = 32;
const minTokenLength = 32;
const maxTokenLength = 1024;
/** `b64token` of RFC 6750. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;
const bearerPattern = /^Bearer +([^ ]+) *$/i;

/** Lets in who says the token. */
export interface AdminGate {
  /** What an Authorization field says; empty: there is none. */
  readonly admits: (authorization: string) => boolean;
}

export interface ProvidedGate {
  readonly gate: AdminGate;
  /** Why nobody is let in; null: the token is there. */
  readonly warning: string | null;
}

/** Where the token is; null: there is no place for it. */
export function adminTokenPath(tokenFile: string | null, dataDir: string | null): string | null {
  return tokenFile ?? (dataDir === null ? null : join(dataDir, 'admin-token'));
}

/** Reads the token, or makes one where there is none. Never throws for what the file system does. */
export function provideAdminGate(path: string | null): ProvidedGate {
  if (path === null) return { gate: shutGate, warning: null };
  try {
    return { gate: gateOf(readOwnToken(path) ?? makeToken(path)), warning: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { gate: shutGate, warning: `the /debug/ pages of the admin listener stay shut: ${reason}` };
  }
}

/** Of a client, who may read it as another user than the one it belongs to. @throws {Error} there is none, or none that can be used. */
export function readAdminToken(path: string): string {
  const { size } = statSync(path);
  if (size > maxFileBytes)
    throw new Error(`cannot use "${path}": ${size} bytes, wanted at most ${maxFileBytes}`);
  return parseToken(readFileSync(path, 'utf8'), path);
}

/** Null: there is no such file. @throws {Error} it cannot be used, or others can read it. */
function readOwnToken(path: string): string | null {
  const text = isMountedSecret(path) ? readFileSync(path, 'utf8') : readPrivateFile(path);
  return text === null ? null : parseToken(text, path);
}

/** A Secret in a pod belongs to root and, with `fsGroup`, to the group of the process; `defaultMode: 0440` keeps others out. */
function isMountedSecret(path: string): boolean {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined || state.uid !== 0 || process.getuid?.() === 0) return false;
  return state.isFile() && state.size <= maxFileBytes && (state.mode & 0o007) === 0;
}

/** @throws {Error} The message holds nothing of the content. */
function parseToken(text: string, path: string): string {
  const token = text.trim();
  if (token.length < minTokenLength || token.length > maxTokenLength || !tokenPattern.test(token))
    throw new Error(
      `cannot use "${path}": a token of ${minTokenLength} to ${maxTokenLength} letters, digits and -._~+/ is wanted`,
    );
  return token;
}

/** Two processes that start at once end with the same one. */
function makeToken(path: string): string {
  const token = randomBytes(tokenBytes).toString('base64url');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (createWholeFile(path, `${token}\n`)) return token;
  const other = readOwnToken(path);
  if (other === null) throw new Error(`cannot use "${path}": it was removed while it was being made`);
  return other;
}

const shutGate: AdminGate = { admits: () => false };

/** Sums of equal length are compared, in a time that tells nothing of where they differ. */
function gateOf(token: string): AdminGate {
  const wanted = digest(token);
  return {
    admits: (authorization) => {
      const said = bearerPattern.exec(authorization)?.[1];
      return said !== undefined && timingSafeEqual(digest(said), wanted);
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
