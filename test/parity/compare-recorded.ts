// The embedded API server against the recorded answers of kube-apiserver, but for what differences.yaml lists. Run by hand:
// `node --test test/parity/compare-recorded.ts`.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ApiServer } from '../../src/apiserver/index.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { judgeDifferences, readWantedDifferences } from './compare.ts';
import { listSuites, readSuite } from './corpus.ts';
import { ApiExchange } from './exchange.ts';
import { readRecording } from './golden.ts';
import { normaliseRun } from './normalise.ts';
import { runCase } from './run-case.ts';

const wanted = readWantedDifferences();
const suites = listSuites().map((suite) => ({
  suite,
  cases: readSuite(suite),
  recording: readRecording(suite),
}));

describe('parity with kube-apiserver', () => {
  let dataDir = '';
  let server: ApiServer | null = null;
  let exchange: ApiExchange | null = null;

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'parity-'));
    const logger = createLogger({ level: 'warn', format: 'text' });
    server = new ApiServer({ dataDir, bind: '127.0.0.1', port: 0, packageVersion: '0.0.0', logger });
    exchange = await ApiExchange.open((await server.listen()).kubeconfigPath);
  });

  after(async () => {
    exchange?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  for (const [suiteIndex, { suite, cases, recording }] of suites.entries()) {
    describe(suite, () => {
      for (const [index, parity] of cases.entries()) {
        it(parity.name.slice(suite.length + 1), async () => {
          assert.ok(exchange !== null && Object.hasOwn(recording, parity.name), 'not recorded');
          const run = await runCase(parity, index, { exchange, prefix: `s${suiteIndex}-`, settleMs: 0 });
          const faults = judgeDifferences(
            recording[parity.name],
            normaliseRun(run),
            wanted.get(parity.name) ?? [],
          );
          assert.equal(faults.join('\n'), '');
        });
      }
    });
  }

  it('has a recording for every case, no other, and no differences of cases that are gone', () => {
    const names = suites.flatMap(({ cases }) => cases.map(({ name }) => name));
    assert.equal(new Set(names).size, names.length, 'a name is given twice');
    const recorded = suites.flatMap(({ recording }) => Object.keys(recording));
    assert.deepEqual(recorded.toSorted(), names.toSorted());
    assert.deepEqual(
      [...wanted.keys()].filter((name) => !names.includes(name)),
      [],
    );
  });
});
