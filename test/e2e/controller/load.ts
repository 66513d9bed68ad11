// Requests without pause through a controller's listener, while the test does things to it; none of them may fail.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { SteadyClient } from '../worker-load.ts';

export interface Load {
  /** Resolves when so many more requests were answered. */
  readonly answers: (count: number) => Promise<void>;
  /** Ends it; fails if any request failed. */
  readonly end: () => Promise<void>;
}

/** Some hundred requests a second find what is lost, and leave the processors to those that are tested. */
const pauseMs = 5;

/** Two clients that ask for `a.test`, whose application answers `ok`. */
export function startLoad(t: TestContext, httpPort: number): Load {
  const clients = [new SteadyClient(httpPort, pauseMs), new SteadyClient(httpPort, pauseMs)];
  t.after(() => Promise.all(clients.map((client) => client.stop())));
  return {
    answers: async (count) => {
      await Promise.all(clients.map((client) => client.answers(count)));
    },
    end: async () => {
      await Promise.all(clients.map((client) => client.stop()));
      assert.deepEqual(
        clients.flatMap(({ failures }) => failures),
        [],
      );
      for (const client of clients) assert.ok(client.answered > 0, 'the load was none');
    },
  };
}
