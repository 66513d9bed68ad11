// Records what a real kube-apiserver answers to the parity corpus: `node tools/record-parity.ts --kubeconfig PATH [SUITE...]`. The server's
// state is changed: give it one that nobody needs, without controllers, that no one else writes to.
import { parseArgs } from 'node:util';
import { listSuites, readSuite } from '../test/parity/corpus.ts';
import { ApiExchange } from '../test/parity/exchange.ts';
import { writeRecording } from '../test/parity/golden.ts';
import { normaliseRun } from '../test/parity/normalise.ts';
import { runCase } from '../test/parity/run-case.ts';

/** For what the admission of a real server learns by watching. */
const settleMs = 400;

const { values, positionals } = parseArgs({
  options: { kubeconfig: { type: 'string' } },
  allowPositionals: true,
});
if (values.kubeconfig === undefined) {
  console.error('usage: node tools/record-parity.ts --kubeconfig PATH [SUITE...]');
  process.exit(2);
}
const exchange = await ApiExchange.open(values.kubeconfig);
const start = Date.now().toString(36);
const suites = positionals.length > 0 ? positionals : listSuites();
for (const [suiteIndex, suite] of suites.entries()) {
  const recording: Record<string, unknown> = {};
  for (const [index, parity] of readSuite(suite).entries()) {
    const options = { exchange, prefix: `r${start}-${suiteIndex}-`, settleMs };
    const run = await runCase(parity, index, options).catch((error: unknown) => {
      throw new Error(`${parity.name} cannot be recorded`, { cause: error });
    });
    recording[parity.name] = normaliseRun(run);
  }
  writeRecording(suite, recording);
  console.log(`${suite}: ${Object.keys(recording).length} cases`);
}
exchange.close();
