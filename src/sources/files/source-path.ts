// Paths as users give them to a source: their one form, what kind of thing they name, and what is said when they name nothing.
import { statSync } from 'node:fs';
import { normalize } from 'node:path';

/** The name of standard input in messages. */
export const stdinName = '<stdin>';

/** A path given by the user that cannot be read at all. */
export class SourcePathError extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`cannot read manifests from "${path}": ${reason}`);
    this.name = 'SourcePathError';
    this.path = path;
  }
}

/** The path in the one form in which it is joined and compared. */
export function cleanPath(path: string): string {
  if (path === '-') return stdinName;
  const clean = normalize(path);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

/** Standard input, and what is neither file nor folder, such as the pipe of a shell's `<(command)`: read once. */
export function isStream(path: string): boolean {
  if (path === stdinName) return true;
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && !stat.isFile() && !stat.isDirectory();
  } catch {
    // `start` says why.
    return false;
  }
}

/** @throws {SourcePathError} there is nothing at the path, or it cannot be looked at. */
export function ensureExists(path: string): void {
  let reason: string | null = null;
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) reason = 'no such file or folder';
  } catch (error) {
    reason = messageOf(error);
  }
  if (reason !== null) throw new SourcePathError(path, reason);
}

/** What an exception says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
