// `npm run bench:memory`: what many connections that do little cost a worker, in memory and in event-loop delay. Prints a table, writes it
// into docs/performance.md (a whole run). Exit 1 when a bound is missed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseCores } from '../macro/cores.ts';
import { readMachineFacts } from '../macro/facts.ts';
import { renderNumber, renderTable } from '../macro/markdown.ts';
import { replaceSection } from '../macro/page-section.ts';
import { beginStep, planSteps, say } from '../macro/progress.ts';
import { projectRoot } from '../macro/sallyport.ts';
import { type CrowdFigures, type CrowdSpec, measureCrowd } from './measure-crowd.ts';

const help = `Usage: npm run bench:memory -- [flags]

  --quick   a tenth of the connections, a short while: does everything work?
`;

const mebibyte = 1_048_576;
const bodyBytes = 100 * mebibyte;

interface BoundedCrowd extends CrowdSpec {
  /** What a connection may add to the worker's memory, buffers of the proxy included. */
  readonly maxKiBPerConnection: number;
}

/**
 * An idle connection holds two sockets' worth of objects and no buffer. A slow reader may hold the high-water mark and the one read that
 * passed it (docs/design/hot-path.md); a slow writer nothing but what is on its way.
 */
const crowds: readonly BoundedCrowd[] = [
  { crowd: 'idle', connections: 10_000, bodyBytes, seconds: 10, maxKiBPerConnection: 24 },
  { crowd: 'slow readers', connections: 1_000, bodyBytes, seconds: 20, maxKiBPerConnection: 384 },
  { crowd: 'slow writers', connections: 1_000, bodyBytes, seconds: 20, maxKiBPerConnection: 128 },
];
const loopDelayLimitMs = 50;

interface Check {
  readonly text: string;
  readonly measured: string;
  readonly bound: string;
  readonly isKept: boolean;
}

function checkCrowd(figures: CrowdFigures, maxKiBPerConnection: number): Check[] {
  const { crowd, connections, opened, lost, beforeMiB, mostMiB, loopDelayP99Ms, requestFailures } = figures;
  const kibibytes = ((mostMiB - beforeMiB) * 1_024) / connections;
  const failed = lost + requestFailures + connections - opened;
  return [
    {
      text: `${crowd}: memory of the worker per connection`,
      measured: `${renderNumber(kibibytes)} KiB`,
      bound: `≤ ${maxKiBPerConnection} KiB`,
      isKept: kibibytes <= maxKiBPerConnection,
    },
    {
      text: `${crowd}: event-loop delay, p99`,
      measured: `${renderNumber(loopDelayP99Ms)} ms`,
      bound: `≤ ${loopDelayLimitMs} ms`,
      isKept: loopDelayP99Ms <= loopDelayLimitMs,
    },
    {
      text: `${crowd}: connections lost and requests of others failed`,
      measured: String(failed),
      bound: '0',
      isKept: failed === 0,
    },
  ];
}

function renderReport(all: readonly CrowdFigures[], checks: readonly Check[], command: string): string {
  const facts = readMachineFacts();
  const rows = all.map((each) => [
    each.crowd,
    String(each.opened),
    ...[each.beforeMiB, each.mostMiB, each.afterMiB].map(renderNumber),
    ...[each.loopDelayP99Ms, each.loopDelayMaxMs, each.requestP99Ms].map(renderNumber),
  ]);
  const head = [
    '',
    'connections',
    'RSS before, MiB',
    'at most',
    'after',
    'loop delay p99, ms',
    'max',
    'other requests p99, ms',
  ];
  return `## Many slow connections

This section is written by \`npm run bench:memory\`; it is not edited by hand.

- Command: \`${command}\` on ${facts.date}, commit ${facts.commit}.
- Machine: ${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB; ${facts.system}, Linux ${facts.kernel}; Node.js ${facts.versions['Node.js'] ?? ''}.
- A fresh Sallyport with one worker for each row; clients and application share the other core. Idle connections have had one answer. Slow readers ask for 100 MB and take 4 KiB a second; slow writers promise 100 MB and send 4 KiB a second. Another client asks all the while, a connection for each request.
- Memory is that of the worker; the delay is that of the worst process while the crowd was there, its arrival included.

${renderTable(
  ['', 'measured', 'bound', ''],
  checks.map((check) => [check.text, check.measured, check.bound, check.isKept ? 'pass' : '**miss**']),
)}

${renderTable(head, rows)}
`;
}

function writeReport(report: string, isQuick: boolean): string {
  if (isQuick) {
    const folder = join(projectRoot, 'bench/results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'memory.md'), report);
    return join(folder, 'memory.md');
  }
  const page = join(projectRoot, 'docs/performance.md');
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), 'bench:memory', report));
  return page;
}

async function run(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const cores = chooseCores();
  spawnSync('taskset', ['-a', '-c', '-p', String(cores.load), String(process.pid)]);
  planSteps(crowds.length);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-memory-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const all: CrowdFigures[] = [];
  const checks: Check[] = [];
  for (const [index, { maxKiBPerConnection, ...spec }] of crowds.entries()) {
    const connections = values.quick ? spec.connections / 10 : spec.connections;
    const seconds = values.quick ? 5 : spec.seconds;
    beginStep(`${connections} ${spec.crowd}`);
    const figures = await measureCrowd({ ...spec, connections, seconds }, cores, join(folder, String(index)));
    all.push(figures);
    checks.push(...checkCrowd(figures, maxKiBPerConnection));
  }
  const command = ['npm run bench:memory', ...(words.length === 0 ? [] : ['--', ...words])].join(' ');
  const report = renderReport(all, checks, command);
  say(`\n${report}`);
  say(`Written: ${relative(process.cwd(), writeReport(report, values.quick))}`);
  return checks.every(({ isKept }) => isKept) ? 0 : 1;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage === true ? 2 : 1;
}
// Companions and connections that are left over must not keep it.
process.exit();
