// DigestBook: the users of one Secret for one realm, and the check of digest authentication (RFC 7616) against them. The client hashes: a
// check costs a few sums, whoever asks.
import { hash, timingSafeEqual } from 'node:crypto';
import type { RequestView } from '../../features/index.ts';
import type { DigestUser } from '../../model/index.ts';
import { canonicalPath } from '../../wire/http1/path.ts';
import { quoteText } from './basic-scheme.ts';
import { type DigestFields, parseDigest } from './digest-fields.ts';
import type { KeyedSum } from './keyed-sum.ts';
import type { Nonces } from './nonces.ts';

type Algorithm = DigestUser['algorithm'];

/** `stale`: the password was right, the nonce is too old or was used. */
export type DigestOutcome = 'match' | 'mismatch' | 'stale';

export class DigestBook {
  readonly #realm: string;
  readonly #nonces: Nonces;
  readonly #sums: KeyedSum;
  /** By algorithm and name. */
  readonly #hashes = new Map<string, string>();
  /** What is offered, the better one first. */
  readonly #offered: readonly Algorithm[];

  constructor(users: readonly DigestUser[], realm: string, nonces: Nonces, sums: KeyedSum) {
    this.#realm = realm;
    this.#nonces = nonces;
    this.#sums = sums;
    const own = users.filter((user) => user.realm === realm);
    for (const { name, algorithm, hash: sum } of own) this.#hashes.set(`${algorithm} ${name}`, sum);
    this.#offered = choose(own);
  }

  /** The fields of an answer that asks for a password. `scope`: what the nonce is good for. */
  challenge(scope: string, isStale: boolean): string {
    const nonce = this.#nonces.issue(scope);
    return this.#offered
      .map(
        (algorithm) =>
          `WWW-Authenticate: Digest realm=${quoteText(this.#realm)}, qop="auth", algorithm=${algorithm}, nonce="${nonce}"${isStale ? ', stale=true' : ''}\r\n`,
      )
      .join('');
  }

  check(authorization: string, request: RequestView, scope: string): DigestOutcome {
    const fields = parseDigest(authorization);
    if (fields === null || fields.realm !== this.#realm || !this.#offered.includes(fields.algorithm)) {
      return 'mismatch';
    }
    const { username, algorithm, nonce, nc } = fields;
    const known = this.#hashes.get(`${algorithm} ${username}`);
    const wanted = renderResponse(known ?? this.#standInFor(username), fields, request.method);
    const isRight = isSame(wanted, fields.response) && known !== undefined;
    if (!isRight || !isForTarget(fields.uri, request)) return 'mismatch';
    return this.#nonces.use(nonce, Number.parseInt(nc, 16), scope) ? 'match' : 'stale';
  }

  /** For names that are not known: the same work. */
  #standInFor(username: string): string {
    return Buffer.from(this.#sums.of(username), 'latin1').toString('hex');
  }
}

/** A client takes the first one that it knows: a better one is offered only where it is there for everybody. */
function choose(users: readonly DigestUser[]): readonly Algorithm[] {
  const namesOf = (wanted: Algorithm): ReadonlySet<string> =>
    new Set(users.filter(({ algorithm }) => algorithm === wanted).map(({ name }) => name));
  const [better, older] = [namesOf('SHA-256'), namesOf('MD5')];
  const isForAll = better.size > 0 && users.every(({ name }) => better.has(name));
  if (!isForAll) return ['MD5'];
  return older.size === 0 ? ['SHA-256'] : ['SHA-256', 'MD5'];
}

function renderResponse(
  secret: string,
  { algorithm, nonce, nc, cnonce, uri }: DigestFields,
  method: string,
): string {
  const sum = (text: string): string =>
    hash(algorithm === 'MD5' ? 'md5' : 'sha256', Buffer.from(text, 'latin1'), 'hex');
  return sum(`${secret}:${nonce}:${nc}:${cnonce}:auth:${sum(`${method}:${uri}`)}`);
}

/** The client must have meant this target. Compared as they are read here, so that two spellings of one path are one. */
function isForTarget(uri: string, { path, query }: RequestView): boolean {
  const target = uri.replace(/^https?:\/\/[^/?#]*/i, '');
  const at = target.indexOf('?');
  const [uriPath, uriQuery] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
  if (uriQuery !== query) return false;
  if (uriPath === path) return true;
  const read = canonicalPath(uriPath);
  return 'path' in read && read.path === path;
}

function isSame(wanted: string, given: string): boolean {
  const [a, b] = [Buffer.from(wanted, 'latin1'), Buffer.from(given, 'latin1')];
  return a.length === b.length && timingSafeEqual(a, b);
}
