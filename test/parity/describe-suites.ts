// Tests of some suites of the corpus: the embedded API server against the recorded answers of kube-apiserver, but for what
// differences.yaml lists.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, mock } from 'node:test';
import { ApiServer } from '../../src/apiserver/index.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { judgeDifferences, readWantedDifferences } from './compare.ts';
import { readSuite } from './corpus.ts';
import { ApiExchange } from './exchange.ts';
import { readRecording } from './golden.ts';
import { normaliseRun } from './normalise.ts';
import { runCase } from './run-case.ts';

/** All suites, in parts that take about as long as each other: a test file has only so much time on a slow machine. */
export const suiteParts = {
  requests: ['content', 'delete', 'discovery', 'list', 'namespace', 'options', 'table', 'watch'],
  ingresses: [
    ...['ingress-class', 'ingress-create', 'ingress-metadata', 'ingress-spec', 'ingress-update'],
    ...['patch-json-merge', 'patch-strategic'],
  ],
  kinds: ['apply', 'config', 'custom', 'endpoints', 'lease-event', 'service', 'workloads'],
} as const;

/** Thousands of writes that wait for no disk. */
const memoryDir = '/dev/shm';

export function describeSuites(part: keyof typeof suiteParts): void {
  const wanted = readWantedDifferences();
  describe(`parity with kube-apiserver: ${part}`, () => {
    const exchangeOf = serveForTests();
    for (const [suiteIndex, suite] of suiteParts[part].entries()) {
      const recording = readRecording(suite);
      describe(suite, () => {
        for (const [index, parity] of readSuite(suite).entries()) {
          it(parity.name.slice(suite.length + 1), async () => {
            assert.ok(Object.hasOwn(recording, parity.name), 'not recorded');
            const options = { exchange: exchangeOf(), prefix: `s${suiteIndex}-`, settleMs: 0 };
            const ours = normaliseRun(await runCase(parity, index, options));
            const faults = judgeDifferences(recording[parity.name], ours, wanted.get(parity.name) ?? []);
            assert.equal(faults.join('\n'), '');
          });
        }
      });
    }
  });
}

/** A server while the tests of this suite run. */
function serveForTests(): () => ApiExchange {
  let dataDir = '';
  let server: ApiServer | null = null;
  let exchange: ApiExchange | null = null;
  before(async () => {
    // All in one second, as it was recorded: managers are sorted by the second in which they wrote.
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    dataDir = mkdtempSync(join(existsSync(memoryDir) ? memoryDir : tmpdir(), 'parity-'));
    const logger = createLogger({ level: 'warn', format: 'text' });
    server = new ApiServer({ dataDir, bind: '127.0.0.1', port: 0, packageVersion: '0.0.0', logger });
    exchange = await ApiExchange.open((await server.listen()).kubeconfigPath);
  });
  after(async () => {
    exchange?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
    mock.timers.reset();
  });
  return () => {
    assert.ok(exchange !== null, 'the server does not run');
    return exchange;
  };
}
