// Recovery from a bug in translation: finds the objects that make it throw and goes on without their new versions. Slow, and only
// run after an exception; the table that was published serves meanwhile.
import type { KubeObject } from '../kube/index.ts';
import type { RouteTable, TablePatch, UnitChanges } from '../model/index.ts';
import type { ObjectChange } from '../sources/index.ts';
import type { TableTranslator } from './table-translator.ts';

/** After so many objects that cannot be translated, the rest of the changes waits for the next step. */
const maxRefused = 8;

export interface Recovery {
  /** Fresh; holds the objects of before and the accepted changes. */
  readonly translator: TableTranslator;
  readonly accepted: readonly ObjectChange[];
  readonly refused: readonly { readonly change: ObjectChange; readonly error: unknown }[];
}

/** Translates the objects of before from scratch, then each change by itself. Throws when even the former fails. */
export function recoverTranslation(
  createTranslator: () => TableTranslator,
  before: Iterable<KubeObject>,
  changes: readonly ObjectChange[],
  nowMs: number,
): Recovery {
  const base: ObjectChange[] = [...before].map((object) => ({ kind: 'set', object }));
  const accepted: ObjectChange[] = [];
  const refused: { change: ObjectChange; error: unknown }[] = [];
  let translator = startFresh(createTranslator, base, nowMs);
  for (const change of changes) {
    if (refused.length >= maxRefused) {
      refused.push({ change, error: new Error('too many objects of one step could not be translated') });
      continue;
    }
    try {
      translator.apply([change], nowMs);
      accepted.push(change);
    } catch (error) {
      refused.push({ change, error });
      // An exception may leave it half changed.
      translator = startFresh(createTranslator, [...base, ...accepted], nowMs);
    }
  }
  return { translator, accepted, refused };
}

function startFresh(
  create: () => TableTranslator,
  changes: readonly ObjectChange[],
  nowMs: number,
): TableTranslator {
  const translator = create();
  translator.apply(changes, nowMs);
  return translator;
}

/** The patch from one table to an unrelated other one: every unit anew, the others removed. */
export function replacementPatch(before: RouteTable, after: RouteTable): TablePatch {
  return {
    version: after.version,
    hosts: replaceUnits(before.hosts, after.hosts),
    upstreams: replaceUnits(before.upstreams, after.upstreams),
    certificates: replaceUnits(before.certificates, after.certificates),
    challenges: replaceUnits(before.challenges, after.challenges),
    clientTls: replaceUnits(before.clientTls, after.clientTls),
    authorities: replaceUnits(before.authorities, after.authorities),
    credentials: replaceUnits(before.credentials, after.credentials),
    streams: replaceUnits(before.streams, after.streams),
    fallback: after.fallback,
    defaultCertificate: after.defaultCertificate,
    tls: after.tls,
    arrivals: after.arrivals,
    traffic: after.traffic,
  };
}

function replaceUnits<Key, Unit>(
  before: ReadonlyMap<Key, Unit>,
  after: ReadonlyMap<Key, Unit>,
): UnitChanges<Key, Unit> {
  return { set: [...after.values()], removed: [...before.keys()].filter((key) => !after.has(key)) };
}
