// Which fields the encoder puts into the dynamic table, by name. An entry costs the memory of both sides and pushes others out, so it must
// come again; and what an attacker could guess bit by bit must not be in a table at all (RFC 7541 7.1).
import { sampleHash } from './latin1.ts';
import { staticEntryCount, staticFields, staticNameIndex } from './static-table.ts';

export type Indexing =
  /** The value is the same in most messages of a connection: into the table when it comes first. */
  | 'at-once'
  /** Nobody knows: into the table when it comes again. */
  | 'repeated'
  /** Another value nearly every time: never in the table. */
  | 'never'
  /** Never in a table, not in one behind us either (RFC 7541 6.2.3). */
  | 'secret'
  /** `secret` while it is short enough to be guessed, otherwise `repeated`. */
  | 'secret-when-short';

export interface KnownName {
  readonly name: string;
  readonly indexing: Indexing;
  /** Of the first static entry with this name; 0: there is none. */
  readonly staticIndex: number;
  /** The values of the static entries from `staticIndex` on. */
  readonly staticValues: readonly string[];
  readonly hash: number;
}

/** Stands for all names that are not in `knownNames`. */
export const unknownName: KnownName = {
  name: '',
  indexing: 'repeated',
  staticIndex: 0,
  staticValues: [],
  hash: 0,
};
/** The hashes of known names are below. */
const firstUnknownHash = 256;

export function unknownHash(name: string): number {
  return firstUnknownHash + (sampleHash(name, 0, name.length) >>> 2);
}

const atOnce =
  'accept-ranges access-control-allow-credentials access-control-allow-headers access-control-allow-methods ' +
  'access-control-allow-origin access-control-expose-headers access-control-max-age allow alt-svc cache-control ' +
  'content-encoding content-language content-security-policy content-type cross-origin-embedder-policy ' +
  'cross-origin-opener-policy cross-origin-resource-policy nel permissions-policy pragma referrer-policy report-to ' +
  'server strict-transport-security vary via x-content-type-options x-frame-options x-powered-by x-xss-protection ' +
  ':authority :method :scheme accept accept-charset accept-encoding accept-language host user-agent';
/** Not `date`: all responses of one second share it, and where there are many of those it is an index like the rest. */
const never =
  ':path age content-disposition content-length content-location content-md5 content-range digest etag expires ' +
  'from if-match if-modified-since if-none-match if-range if-unmodified-since last-modified link location ' +
  'max-forwards range referer refresh retry-after traceparent x-correlation-id x-request-id x-runtime';
const secret = 'authorization proxy-authorization set-cookie set-cookie2 x-api-key x-auth-token x-csrf-token';

function makeKnownNames(): ReadonlyMap<string, KnownName> {
  const indexings = new Map<string, Indexing>();
  for (let index = 1; index <= staticEntryCount; index += 1) {
    indexings.set(staticFields[2 * index] ?? '', 'repeated');
  }
  for (const name of atOnce.split(' ')) indexings.set(name, 'at-once');
  for (const name of never.split(' ')) indexings.set(name, 'never');
  for (const name of secret.split(' ')) indexings.set(name, 'secret');
  indexings.set('cookie', 'secret-when-short');
  const names = new Map<string, KnownName>();
  for (const [name, indexing] of indexings) {
    const staticIndex = staticNameIndex(name);
    names.set(name, {
      name,
      indexing,
      staticIndex,
      staticValues: valuesFrom(staticIndex),
      hash: names.size + 1,
    });
  }
  return names;
}

/** Entries of one name stand together, and either all of them or the only one have a value. */
function valuesFrom(staticIndex: number): string[] {
  const values: string[] = [];
  for (let index = staticIndex; index > 0 && index <= staticEntryCount; index += 1) {
    const value = staticFields[2 * index + 1] ?? '';
    if (staticFields[2 * index] !== staticFields[2 * staticIndex] || value === '') break;
    values.push(value);
  }
  return values;
}

export const knownNames: ReadonlyMap<string, KnownName> = makeKnownNames();
