// Files with secrets: written whole, readable by the owner alone, and refused when somebody else could have read or made them.
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename } from 'node:path';

/** Keys, certificates and tokens are small; a larger file is something else. */
const maxFileBytes = 1024 * 1024;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What is wrong with who owns `path` or who may use it; @throws {Error} for that. `kind` for the text. */
function checkPrivate(path: string, kind: 'file' | 'folder'): void {
  const state = statSync(path);
  if (kind === 'file' ? !state.isFile() : !state.isDirectory())
    throw new Error(`cannot use "${path}": it is no ${kind}`);
  const own = process.getuid?.();
  if (own === undefined) return; // No owners and modes on this platform.
  if (state.uid !== own) throw new Error(`cannot use "${path}": owned by user ${state.uid}, wanted ${own}`);
  const mode = state.mode & 0o777;
  const wanted = kind === 'file' ? '0600' : '0700';
  if ((mode & 0o077) !== 0)
    throw new Error(
      `cannot use "${path}": mode 0${mode.toString(8)} lets others use it, wanted ${wanted}; ` +
        'when nobody else has read it, `chmod go= ` it, else remove it to have it made anew',
    );
}

/** Makes the folder, with those above it, unless it is there; then it must be ours and private. */
export function ensurePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  checkPrivate(path, 'folder');
}

/** Its text; null when it is not there. @throws {Error} It is not ours, not private, or not readable. */
export function readPrivateFile(path: string): string | null {
  try {
    checkPrivate(path, 'file');
    const { size } = statSync(path);
    if (size > maxFileBytes)
      throw new Error(`cannot use "${path}": ${size} bytes, wanted at most ${maxFileBytes}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Never a moment with half a file: a crash leaves the old one or the new one. */
export function writeWholeFile(path: string, text: string, mode: number = 0o600): void {
  const draft = writeDraft(path, text, mode);
  renameSync(draft, path);
}

/** As `writeWholeFile`, but leaves a file that is there, also one that came this moment; whether it was written. */
export function createWholeFile(path: string, text: string): boolean {
  const draft = writeDraft(path, text, 0o600);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function writeDraft(path: string, text: string, mode: number): string {
  const draft = `${path}.${process.pid}.tmp`;
  const fd = openSync(draft, 'w', mode);
  try {
    fchmodSync(fd, mode); // A draft of an earlier run keeps its mode otherwise.
    writeSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    throw new Error(`cannot write "${basename(path)}" (${path})`, { cause: error });
  } finally {
    closeSync(fd);
  }
  return draft;
}
