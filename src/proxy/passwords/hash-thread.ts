// A thread that checks passwords against costly hashes, one after the other. It yields to everything else on its processor, so that those who
// guess passwords take time from each other and not from requests.
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { PasswordUser } from '../../model/index.ts';
import { verifyHash } from './verify-hash.ts';

/** Sent to the thread; the answer is whether they belong together. */
export interface HashQuestion {
  readonly user: Pick<PasswordUser, 'scheme' | 'hash'>;
  readonly password: Uint8Array;
}

const niceness = 10;

// On Linux 0 is the calling thread; elsewhere it is the process, which keeps its priority.
if (process.platform === 'linux') {
  try {
    setPriority(0, niceness);
  } catch {
    // A sandbox may forbid the call: then the threads share the processor as equals.
  }
}

parentPort?.on('message', ({ user, password }: HashQuestion) => {
  parentPort?.postMessage(verifyHash(user, password));
});
