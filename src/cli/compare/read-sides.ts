// What the flags of `compare` name, read: the tables of the two sides.
import { type FlagValues, UsageError } from '../../config/index.ts';
import { allQuirks, noQuirks } from '../../features/index.ts';
import type { RouteTable } from '../../model/index.ts';
import type { Terminal } from '../command.ts';
import { assumeClass, type fromFlags } from '../from-nginx.ts';
import { type ByteStream, type ManifestFlags, readManifests, type ReadObjects } from '../manifest-input.ts';
import { withRevision } from './git-folder.ts';
import { allBut, tableOf } from './manifest-tables.ts';
import type { BlameTables } from './quirk-blame.ts';

export interface SideFlags extends ManifestFlags, FlagValues<typeof fromFlags> {
  readonly requests: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
  readonly 'old-revision': string;
  readonly 'new-revision': string;
}

export interface Sides {
  readonly names: readonly [old: string, next: string];
  readonly old: RouteTable;
  readonly new: RouteTable;
  /** Null: the sides differ in more than quirks. */
  readonly blame: BlameTables | null;
  /** Files and objects that could not be read. */
  readonly failures: number;
}

/**
 * Null: a path cannot be read, and `terminal` was told. Rejects with GitFolderError.
 * @throws {UsageError} the flags name no two sides.
 */
export async function readSides(
  command: string,
  flags: SideFlags,
  terminal: Terminal,
  stdin: ByteStream,
): Promise<Sides | null> {
  const nowMs = Date.now();
  const read = async (paths: readonly string[]): Promise<ReadObjects | null> => {
    const objects = await readManifests(command, { ...flags, filename: paths }, terminal, stdin);
    return objects !== null && flags.from === 'ingress-nginx' ? assumeClass(objects, flags) : objects;
  };
  refuseStdinTwice(command, flags);
  const hasFolders = flags.old.length + flags.new.length > 0;
  const revisions = [flags['old-revision'], flags['new-revision']] as const;
  if (!hasFolders && revisions.every((revision) => revision === '')) {
    const objects = await read(flags.filename);
    return objects === null ? null : quirkSides(objects, flags, nowMs);
  }
  const pair = hasFolders
    ? await readFolders(command, flags, read)
    : await readRevisions(command, flags, revisions, read);
  if (pair === null) return null;
  const [old, next] = pair;
  return {
    names: hasFolders ? ['old', 'new'] : [revisions[0], revisions[1] === '' ? 'now' : revisions[1]],
    old: tableOf(old, flags, nowMs, null),
    new: tableOf(next, flags, nowMs, null),
    blame: null,
    failures: old.failures.length + next.failures.length,
  };
}

/** The same objects, with the quirks of ingress-nginx and without. */
function quirkSides(objects: ReadObjects, flags: SideFlags, nowMs: number): Sides {
  return {
    names: ['with quirks', 'without'],
    old: tableOf(objects, flags, nowMs, noQuirks),
    new: tableOf(objects, flags, nowMs, allQuirks),
    blame: {
      without: (quirk) => tableOf(objects, flags, nowMs, new Set([quirk])),
      only: (quirk) => tableOf(objects, flags, nowMs, allBut(quirk)),
    },
    failures: objects.failures.length,
  };
}

type Pair = readonly [ReadObjects, ReadObjects];
type Read = (paths: readonly string[]) => Promise<ReadObjects | null>;

async function readFolders(command: string, flags: SideFlags, read: Read): Promise<Pair | null> {
  if (flags.old.length === 0 || flags.new.length === 0)
    throw new UsageError(`${command}: --old and --new go together`);
  if (flags.filename.length > 0)
    throw new UsageError(`${command}: manifests are named with -f, or with --old and --new`);
  if (flags['old-revision'] !== '' || flags['new-revision'] !== '')
    throw new UsageError(`${command}: a revision is one of the folder of -f, not of --old and --new`);
  const old = await read(flags.old);
  if (old === null) return null;
  const next = await read(flags.new);
  return next === null ? null : [old, next];
}

async function readRevisions(
  command: string,
  flags: SideFlags,
  [oldRevision, newRevision]: readonly [string, string],
  read: Read,
): Promise<Pair | null> {
  const [folder, ...others] = flags.filename;
  if (folder === undefined || folder === '-' || others.length > 0)
    throw new UsageError(`${command}: revisions are those of one folder: one -f FOLDER is wanted`);
  if (oldRevision === '') throw new UsageError(`${command}: --new-revision needs --old-revision`);
  const readAt = (revision: string): Promise<ReadObjects | null> =>
    revision === '' ? read([folder]) : withRevision(folder, revision, (copy) => read([copy]));
  const old = await readAt(oldRevision);
  if (old === null) return null;
  const next = await readAt(newRevision);
  return next === null ? null : [old, next];
}

function refuseStdinTwice(command: string, flags: SideFlags): void {
  const named = [flags.requests, ...flags.filename, ...flags.old, ...flags.new];
  if (named.filter((path) => path === '-').length > 1)
    throw new UsageError(`${command}: standard input (-) can be only one of the requests and the manifests`);
}
