// Who may sign in, out of a Secret as `auth-secret` names it: the lines of an htpasswd or htdigest file under the key `auth`, or a key for each
// user. As in nginx the first line of a user counts, and a line that cannot be used lets nobody in; but the owner is told.
import type { Secret } from '../kube/index.ts';
import {
  splitCredentialsId,
  type Credentials,
  type CredentialsId,
  type DigestUser,
  type PasswordUser,
} from '../model/index.ts';
import { judgeHash } from './password-hash.ts';
import { quoteValue } from './problems.ts';
import type { SecretReading } from './secret-units.ts';
import { entriesOf } from './shape.ts';

/** Of the Secret's content: every worker holds it. */
const maxBytes = 262_144;
const maxUsers = 10_000;
/** Lines that a problem names. */
const maxNamed = 3;

const fileKey = 'auth';

/** A user and what stands behind the first colon. Texts are latin1. */
interface Line {
  readonly user: string;
  readonly rest: string;
  /** For people: never holds what may be a password. */
  readonly place: string;
}

type Lines = { readonly lines: readonly Line[] } | { readonly message: string };

/** Whole-value parse. Never throws. */
export function parseCredentials(id: CredentialsId, secret: Secret): SecretReading<Credentials> {
  const { form } = splitCredentialsId(id);
  const found = form.endsWith('-map') ? readMap(secret) : readFile(secret);
  if ('message' in found) return { ok: false, message: found.message };
  const { lines } = found;
  if (lines.length > maxUsers) {
    return { ok: false, message: `it has ${lines.length} users, at most ${maxUsers} are taken` };
  }
  const complaints: string[] = [];
  const unit: Credentials = form.startsWith('basic')
    ? { id, kind: 'basic', users: readUsers(lines, readPasswordUser, complaints) }
    : { id, kind: 'digest', users: readUsers(lines, readDigestUser, complaints) };
  if (unit.users.length === 0) complaints.unshift('it has no user who could sign in');
  if (complaints.length === 0) return { ok: true, unit };
  const left = complaints.length - maxNamed;
  const named = complaints.slice(0, maxNamed).join('; ');
  return { ok: true, unit, warning: left > 0 ? `${named}; and ${left} more like this` : named };
}

function readFile({ data }: Secret): Lines {
  const entry = entriesOf(data).find(([key]) => key === fileKey);
  if (entry === undefined) return { message: `it has no key "${fileKey}"` };
  const text = decode(entry[1]);
  if (text === null) return { message: `"${fileKey}" is not base64` };
  if (text.length > maxBytes) return { message: sizeMessage(text.length) };
  const lines: Line[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const content = line.split('\r', 1)[0] ?? '';
    if (content === '' || content.startsWith('#')) continue;
    const colon = content.indexOf(':');
    const [user, rest] = colon < 0 ? ['', ''] : [content.slice(0, colon), content.slice(colon + 1)];
    lines.push({ user, rest, place: `line ${index + 1}` });
  }
  return { lines };
}

function readMap({ data }: Secret): Lines {
  const lines: Line[] = [];
  let bytes = 0;
  for (const [user, encoded] of entriesOf(data)) {
    const text = decode(encoded);
    if (text === null) return { message: `key ${quoteValue(user)} is not base64` };
    bytes += user.length + text.length;
    if (bytes > maxBytes) return { message: sizeMessage(bytes) };
    lines.push({ user, rest: text.replace(/\r?\n$/, ''), place: `key ${quoteValue(user)}` });
  }
  return lines.length === 0 ? { message: 'it has no keys' } : { lines };
}

function sizeMessage(bytes: number): string {
  return `it has ${bytes} bytes or more, at most ${maxBytes} are taken`;
}

function readUsers<User extends PasswordUser | DigestUser>(
  lines: readonly Line[],
  read: (line: Line) => User | string,
  complaints: string[],
): User[] {
  const users = new Map<string, User | null>();
  for (const line of lines) {
    if (line.user === '') {
      complaints.push(`${line.place} names no user`);
      continue;
    }
    const user = read(line);
    // A name may have a hash for each realm and algorithm.
    const key = typeof user === 'string' || !('realm' in user) ? line.user : keyOfDigest(user);
    if (users.has(key)) complaints.push(`${line.place} is for a user who is named before`);
    else if (typeof user === 'string') complaints.push(`${line.place} ${user}`);
    if (!users.has(key)) users.set(key, typeof user === 'string' ? null : user);
  }
  return [...users.values()].filter((user) => user !== null);
}

/** No part holds a line end. */
function keyOfDigest({ name, realm, algorithm }: DigestUser): string {
  return `${name}\n${realm}\n${algorithm}`;
}

/** Behind a further colon is a comment, as in nginx. */
function readPasswordUser({ user, rest }: Line): PasswordUser | string {
  const hash = rest.split(/[:\n]/, 1)[0] ?? '';
  const verdict = judgeHash(hash);
  return 'reason' in verdict ? verdict.reason : { name: user, scheme: verdict.scheme, hash };
}

function readDigestUser({ user, rest }: Line): DigestUser | string {
  const colon = rest.lastIndexOf(':');
  const hash = rest.slice(colon + 1);
  const realm = colon < 0 ? '' : rest.slice(0, colon);
  const isHex = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(hash);
  if (colon < 0 || !isHex || /[\r\n]/.test(realm)) {
    return 'is not USER:REALM:HASH with an MD5 or SHA-256 hash in hex';
  }
  return { name: user, realm, algorithm: hash.length === 32 ? 'MD5' : 'SHA-256', hash: hash.toLowerCase() };
}

/** Null: not base64. */
function decode(encoded: string): string | null {
  try {
    return atob(encoded);
  } catch {
    return null;
  }
}
