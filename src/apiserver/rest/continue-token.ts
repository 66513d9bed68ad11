// The token behind `continue`: where the next page starts and which state it shows (apiserver pkg/storage/continue.go). It is
// the client's to send back, so nothing in it is believed before it was checked.
import { Buffer } from 'node:buffer';
import { isJsonObject } from '../../kube/index.ts';
import { badRequest } from '../api-error.ts';
import { BodySyntaxError, parseJsonText } from './body-text.ts';

export interface ContinuePlace {
  /** Null: the newest state; the pages before showed another. */
  readonly revision: number | null;
  /** The last object of the page before. */
  readonly after: { readonly namespace: string; readonly name: string };
}

const tokenVersion = 'meta.k8s.io/v1';
/** Instead of a revision: go on in the newest state. */
const newestRevision = -1;

/** `isNamespaced`: the list is of one namespace, and the key is a name alone. */
export function renderContinueToken(place: ContinuePlace, isNamespaced: boolean): string {
  const { namespace, name } = place.after;
  const key = isNamespaced || namespace === '' ? name : `${namespace}/${name}`;
  const token = { v: tokenVersion, rv: place.revision ?? newestRevision, start: `${key}\0` };
  return Buffer.from(JSON.stringify(token), 'utf8').toString('base64url');
}

/**
 * `namespace`: of the list; null for all. `isCluster`: the resource has no namespaces.
 * @throws {ApiError} 400
 */
export function parseContinueToken(
  text: string,
  namespace: string | null,
  isCluster: boolean,
): ContinuePlace {
  const token = decodeToken(text);
  if (token['v'] !== tokenVersion) {
    throw refuse(
      `continue key is not valid: server does not recognize this encoded version ${showVersion(token['v'])}`,
    );
  }
  const revision = token['rv'] ?? 0;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) {
    throw refuse('continue key is not valid: rv is no integer');
  }
  if (revision === 0) {
    throw refuse(
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  const start = token['start'] ?? '';
  if (typeof start !== 'string') throw refuse('continue key is not valid: start is no text');
  if (start === '') {
    throw refuse('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision: revision < 0 ? null : revision, after: parseKey(start, namespace, isCluster) };
}

function refuse(message: string): Error {
  return badRequest(`invalid continue token: ${message}`);
}

function showVersion(version: unknown): string {
  return typeof version === 'string' ? version : '';
}

function decodeToken(text: string): Readonly<Record<string, unknown>> {
  const fault = /[^A-Za-z0-9_-]/.exec(text);
  if (fault !== null || text.length % 4 === 1) {
    const at = fault?.index ?? text.length - 1;
    throw refuse(`continue key is not valid: illegal base64 data at input byte ${at}`);
  }
  const value = parseToken(Buffer.from(text, 'base64url').toString('utf8'));
  if (!isJsonObject(value)) throw refuse('continue key is not valid: it holds no JSON object');
  return value;
}

function parseToken(json: string): unknown {
  try {
    return parseJsonText(json, false).value;
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error;
    throw refuse(`continue key is not valid: ${error.message}`);
  }
}

/** `namespace/name` or `name`, each ended by a zero byte; nothing that climbs out of the list. */
function parseKey(start: string, namespace: string | null, isCluster: boolean): ContinuePlace['after'] {
  const key = start.endsWith('\0') ? start.slice(0, -1) : start;
  const parts = key.split('/');
  const wanted = namespace !== null || isCluster ? 1 : 2;
  const isClean = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isClean || parts.length !== wanted) throw refuse(`continue key is not valid: ${start}`);
  if (wanted === 1) return { namespace: namespace ?? '', name: parts[0] ?? '' };
  return { namespace: parts[0] ?? '', name: parts[1] ?? '' };
}
