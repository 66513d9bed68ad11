// What `sallyport compare` costs: time, requests a second and peak memory for a log of a million lines in each form; and how many decisions
// its core makes, without the reading. Each measure is a process of its own. Usage: node bench/compare/run.ts [LINES]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runCompare } from '../../src/cli/compare.ts';
import { resolveFlags } from '../../src/config/index.ts';
import { allQuirks, noQuirks } from '../../src/features/index.ts';
import { Fingerprints } from '../../src/cli/compare/fingerprint.ts';
import { tableOf } from '../../src/cli/compare/manifest-tables.ts';
import { RequestComparer } from '../../src/cli/compare/request-comparer.ts';
import { TableSide } from '../../src/cli/compare/table-side.ts';
import { manifestFlags, readManifests } from '../../src/cli/manifest-input.ts';
import {
  type ListedRequest,
  newTally,
  openRequestFile,
  readRequests,
} from '../../src/cli/request-list/index.ts';
import { renderManifests, writeLog } from './log.ts';

const silent = { out: () => {}, err: (text: string) => void process.stderr.write(text) };

/** Wanted, decisions a second of one core. */
const wantedDecisions = 200_000;

async function main(): Promise<void> {
  const [first = '1000000', manifests, log] = process.argv.slice(2);
  if (first === 'file' && manifests !== undefined && log !== undefined) return measureFile(manifests, log);
  if (first === 'core' && manifests !== undefined && log !== undefined) return measureCore(manifests, log);
  const lines = Number(first);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-compare-'));
  try {
    const path = join(folder, 'manifests.yaml');
    writeFileSync(path, renderManifests());
    for (const form of ['json', 'nginx'] as const) {
      const file = join(folder, form);
      await writeLog(file, lines, form);
      const bytes = Math.round(statSync(file).size / 1_000_000);
      console.log(`${form}: ${lines} lines, ${bytes} MB: ${again('file', path, file)}`);
    }
    console.log(`core: ${again('core', path, join(folder, 'json'))}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function again(...words: readonly string[]): string {
  return execFileSync(process.execPath, [import.meta.filename, ...words], { encoding: 'utf8' }).trim();
}

async function measureFile(manifests: string, log: string): Promise<void> {
  let report = '';
  const terminal = { ...silent, out: (text: string) => void (report += text) };
  const words = ['-f', manifests, '-r', log, '--from', 'ingress-nginx'];
  const startedMs = performance.now();
  await runCompare(words, terminal, Readable.from([]));
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage();
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const cpuSeconds = ((cpu.user + cpu.system) / 1_000_000).toFixed(1);
  console.log(
    `${seconds.toFixed(1)} s, ${cpuSeconds} s of CPU, peak RSS ${peakMb} MiB; ${report.split('\n')[0] ?? ''}`,
  );
}

async function measureCore(manifests: string, log: string): Promise<void> {
  const given = {
    'controller-class': { texts: ['k8s.io/ingress-nginx'], place: '' },
    filename: { texts: [manifests], place: '' },
  };
  const flags = resolveFlags('bench', manifestFlags, [new Map(Object.entries(given))]);
  const objects = await readManifests('bench', flags, silent, Readable.from([]));
  if (objects === null) throw new Error('the manifests of the benchmark cannot be read');
  const fingerprints = new Fingerprints();
  const side = (off: typeof allQuirks): TableSide =>
    new TableSide(tableOf(objects, flags, 0, off), fingerprints);
  const comparer = new RequestComparer(side(noQuirks), side(allQuirks));
  const requests: ListedRequest[] = [];
  for await (const batch of readRequests(openRequestFile(log, Readable.from([])).bytes, newTally())) {
    requests.push(...batch);
    if (requests.length > 100_000) break;
  }
  const asked = requests.map((request) => ({ ...request, scheme: 'https' as const }));
  const rounds: number[] = [];
  let differ = 0;
  for (let round = 0; round < 9; round += 1) {
    const started = process.cpuUsage();
    for (const request of asked) if (comparer.compare(request) !== 0) differ += 1;
    const { user, system } = process.cpuUsage(started);
    rounds.push((user + system) / asked.length);
  }
  const microseconds = rounds.sort((a, b) => a - b)[4] ?? 0;
  const perSecond = Math.round(1_000_000 / microseconds);
  console.log(
    `${microseconds.toFixed(2)} µs for a request by both tables, ${perSecond} a second; ${differ / 9} of ${asked.length} differ`,
  );
  if (perSecond < wantedDecisions) throw new Error(`wanted: ${wantedDecisions} a second`);
}

await main();
