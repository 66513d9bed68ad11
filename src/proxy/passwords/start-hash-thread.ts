// Starts a thread for costly hashes (hash-thread.ts).
import { Worker } from 'node:worker_threads';
import type { HashQuestion } from './hash-thread.ts';
import type { HashThread } from './hash-queue.ts';

/** Far more than a hash needs. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 };

export function startHashThread(): HashThread {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./hash-thread.${extension}`, import.meta.url);
  // Nothing of the worker's flags and environment is needed there.
  const thread = new Worker(entry, { resourceLimits, execArgv: [], env: {} });
  let asked: PromiseWithResolvers<boolean> | null = null;
  const fail = (error: Error): void => {
    asked?.reject(error);
    asked = null;
  };
  thread.on('message', (isMatch: unknown) => {
    asked?.resolve(isMatch === true);
    asked = null;
  });
  thread.on('error', fail);
  thread.on('exit', () => fail(new Error('the thread ended')));
  // A worker process that is done must not wait for it.
  thread.unref();
  return {
    verify(user, password) {
      asked = Promise.withResolvers();
      // A copy: what is sent of a part of a buffer is all of it.
      const question: HashQuestion = {
        user: { scheme: user.scheme, hash: user.hash },
        password: new Uint8Array(password),
      };
      thread.postMessage(question);
      return asked.promise;
    },
    close() {
      void thread.terminate();
    },
  };
}
