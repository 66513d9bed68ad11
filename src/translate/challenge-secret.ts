// The Secret by which the replica that orders certificates tells all others what to answer to ACME servers: one entry for each
// challenge, named by its token. Whoever may write it can get certificates for every host, so only the one Secret that the
// controller was told of is read.
import type { Secret } from '../kube/index.ts';
import { type Challenge, challengeId } from '../model/index.ts';
import { compareText } from '../std/compare-text.ts';
import { entriesOf, textOf } from './shape.ts';

/** RFC 8555, 8.1: base64url of at least 128 bits. Such a name is one of a Secret's entries too. */
const tokenPattern = /^[\w-]{22,200}$/;
const thumbprintPattern = /^[\w-]{43}$/;
const hostPattern = /^[a-z\d.-]{1,253}$/;

/** Sorted by id. What is not one of ours is left out: nothing else belongs there. */
export function parseChallenges(secret: Secret): readonly Challenge[] {
  return entriesOf(secret.data)
    .flatMap(([token, text]) => parseChallenge(token, Buffer.from(text, 'base64').toString('utf8')) ?? [])
    .sort((a, b) => compareText(a.id, b.id));
}

/** The entries of the Secret, in base64. */
export function renderChallenges(challenges: Iterable<Challenge>): Record<string, string> {
  const entries: [string, string][] = [];
  for (const { kind, host, token, keyAuthorization } of challenges) {
    const text = JSON.stringify({ kind, host, keyAuthorization });
    entries.push([token, Buffer.from(text).toString('base64')]);
  }
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)));
}

function parseChallenge(token: string, text: string): Challenge | null {
  const value = parseObject(text);
  const kind = value['kind'];
  const host = textOf(value['host']);
  const keyAuthorization = textOf(value['keyAuthorization']);
  if (kind !== 'http-01' && kind !== 'tls-alpn-01') return null;
  if (!tokenPattern.test(token) || !hostPattern.test(host)) return null;
  const thumbprint = keyAuthorization.slice(token.length + 1);
  if (keyAuthorization !== `${token}.${thumbprint}` || !thumbprintPattern.test(thumbprint)) return null;
  return { id: challengeId(kind, host, token), kind, host, token, keyAuthorization };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    // What an object holds is looked at member by member.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
