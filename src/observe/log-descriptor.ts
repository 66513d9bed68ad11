// Opens the place that log lines go to, so that writing there never blocks the event loop: pipes, terminals and sockets are
// made non-blocking and written directly; regular files are written on Node's thread pool. Linux is what it is made for;
// elsewhere, what cannot be made non-blocking is written on the thread pool too.
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** Where a sink writes. */
export type LogDestination = { readonly fd: number } | { readonly path: string };

export interface LogDescriptor {
  readonly fd: number;
  /** `direct`: a write takes what fits at once, or fails with EAGAIN. `threaded`: a write may block, so it runs on the thread pool. */
  readonly mode: 'direct' | 'threaded';
  /** A regular file: short blocking writes are acceptable at exit. */
  readonly isFile: boolean;
  /** Closes what was opened here; a descriptor that was handed in stays open. */
  close(): void;
}

const openFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;

/** Opens `destination`. Throws the system's error: a path that cannot be opened is a configuration error. */
export function openLogDescriptor(destination: LogDestination): LogDescriptor {
  if ('fd' in destination) return adoptDescriptor(destination.fd);
  // Non-blocking, because opening a FIFO that nobody reads would wait for ever (it fails with ENXIO instead).
  const fd = openSync(destination.path, openFlags | constants.O_CREAT, 0o640);
  const isFile = fstatSync(fd).isFile();
  return { fd, mode: isFile ? 'threaded' : 'direct', isFile, close: () => closeQuietly(fd) };
}

function adoptDescriptor(fd: number): LogDescriptor {
  const status = fstatSync(fd);
  // Not opened anew: processes that share the descriptor of a file share its offset, which a second opening would not.
  if (status.isFile()) return { fd, mode: 'threaded', isFile: true, close: leaveOpen };
  if (!status.isSocket()) {
    const own = reopenDescriptor(fd);
    if (own !== null) return { fd: own, mode: 'direct', isFile: false, close: () => closeQuietly(own) };
  }
  const mode = setNonBlocking(fd) ? 'direct' : 'threaded';
  return { fd, mode, isFile: false, close: leaveOpen };
}

/**
 * A descriptor of our own for the same pipe or terminal. O_NONBLOCK belongs to what was opened, so that other processes
 * which share the original keep it as it is. Null: not on this system, or not permitted (a pipe of another user).
 */
function reopenDescriptor(fd: number): number | null {
  if (process.platform !== 'linux') return null;
  try {
    return openSync(`/proc/self/fd/${fd}`, openFlags);
  } catch {
    return null;
  }
}

/** Held for the life of the process: closing one would close the descriptor. */
const heldSockets: Socket[] = [];

/** Node sets O_NONBLOCK on a descriptor that it wraps (as it does for `process.stdout`); there is no other way to ask for it. */
function setNonBlocking(fd: number): boolean {
  try {
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on('error', ignoreError);
    socket.unref();
    heldSockets.push(socket);
    return true;
  } catch {
    return false;
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Nothing is left to do for a descriptor that does not close.
  }
}

function ignoreError(): void {}

function leaveOpen(): void {}
