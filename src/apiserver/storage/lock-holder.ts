// lookupLockHolder: which process holds SQLite's lock on a file, for messages only: whether it is locked decides the lock itself.
import { readFileSync, statSync } from 'node:fs';

/** SQLite locks bytes at this offset (https://www.sqlite.org/lockingv3.html, PENDING_BYTE). */
const sqliteLockOffset = 0x40000000;

/** One line of /proc/locks: `1: POSIX  ADVISORY  WRITE 27105 fe:00:9977959 1073741824 1073742335`. */
const lockPattern = /^\d+: POSIX +ADVISORY +(?:READ|WRITE) +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+) /;

/**
 * The device is not compared: /proc/locks and stat disagree about it on btrfs and overlay file systems. Pids of other
 * containers are not in the list.
 */
export function parseLockHolder(locks: string, inode: number): number | null {
  for (const line of locks.split('\n')) {
    const match = lockPattern.exec(line);
    if (match === null) continue;
    const [, pid, lockedInode, offset] = match;
    if (Number(lockedInode) === inode && Number(offset) >= sqliteLockOffset && Number(pid) > 0)
      return Number(pid);
  }
  return null;
}

/** Null: unknown, as always on systems other than Linux. */
export function lookupLockHolder(path: string): number | null {
  try {
    return parseLockHolder(readFileSync('/proc/locks', 'latin1'), statSync(path).ino);
  } catch {
    return null;
  }
}
