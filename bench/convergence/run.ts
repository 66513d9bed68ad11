// `npm run bench:convergence`: how soon a change that the API server has accepted is served, at growing numbers of Ingresses, alone and
// while other objects churn. Prints the tables, writes them into docs/performance.md (a whole run) and the raw values to
// bench/results/. Exit 1 when a bound is missed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { chooseCores } from '../macro/cores.ts';
import { readMachineFacts } from '../macro/facts.ts';
import { OptionError } from '../macro/options.ts';
import { replaceSection } from '../macro/page-section.ts';
import { planSteps, say } from '../macro/progress.ts';
import { renderResultsJson } from '../macro/results.ts';
import { projectRoot } from '../macro/sallyport.ts';
import { checkBounds } from './bounds.ts';
import { help, isWhole, parseOptions } from './options.ts';
import { renderReport } from './report.ts';
import type { ConvergenceResults } from './results.ts';
import { countSteps, measureSettings } from './sequence.ts';

const pagePath = join(projectRoot, 'docs/performance.md');
const resultsFolder = join(projectRoot, 'bench/results');

function writeReport(results: ConvergenceResults, report: string): string {
  const { options, failures, sizes } = results;
  if (options.reportPath !== null || !isWhole(options) || failures.length > 0 || sizes.length === 0) {
    const path = resolve(projectRoot, options.reportPath ?? 'bench/results/convergence.md');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, report);
    return path;
  }
  const page = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : '# Performance\n';
  writeFileSync(pagePath, replaceSection(page, 'bench:convergence', report));
  return pagePath;
}

function writeFiles(results: ConvergenceResults, report: string): void {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const rawPath = join(resultsFolder, `convergence-${stamp}.json`);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(rawPath, renderResultsJson(results));
  const reportPath = writeReport(results, report);
  say(`Written: ${relative(process.cwd(), reportPath)}, ${relative(process.cwd(), rawPath)}`);
}

async function run(words: readonly string[]): Promise<number> {
  const options = parseOptions(words);
  if (options === null) {
    process.stdout.write(help);
    return 0;
  }
  const cores = chooseCores();
  // All threads of this process: it writes and polls, and must not be where Sallyport works.
  spawnSync('taskset', ['-a', '-c', '-p', String(cores.load), String(process.pid)]);
  planSteps(countSteps(options));
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-convergence-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const facts = readMachineFacts();
  const command = ['npm run bench:convergence', ...(words.length === 0 ? [] : ['--', ...words])].join(' ');
  const results = { facts, options, command, ...(await measureSettings(options, cores, folder)) };
  const report = renderReport(results);
  say(`\n${report}`);
  writeFiles(results, report);
  const isKept = checkBounds(results).every((check) => check.isKept);
  return isKept && results.failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof OptionError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage === true ? 2 : 1;
}
// Companions and connections that are left over must not keep it.
process.exit();
