// `npm run bench`: Sallyport beside nginx, HAProxy and Caddy, on this machine, in one go. Prints the tables, writes them to
// docs/performance.md (a complete run) and the raw values to bench/results/. Exit 1 when a bound is missed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { checkBounds } from './macro/bounds.ts';
import { compareProxies, comparedMeasures } from './macro/compare.ts';
import { readMachineFacts } from './macro/facts.ts';
import { measureEdits } from './macro/measure-edit.ts';
import { measureRoutes } from './macro/measure-routes.ts';
import { measureRss } from './macro/measure-rss.ts';
import { measureStart } from './macro/measure-start.ts';
import {
  type BenchOptions,
  type MeasureName,
  OptionError,
  help,
  measureNames,
  parseOptions,
} from './macro/options.ts';
import { profileMeasure, profiledMeasures } from './macro/profile.ts';
import { planSteps, say } from './macro/progress.ts';
import { renderReport } from './macro/report.ts';
import { type BenchResults, type LoadResult, renderResultsJson } from './macro/results.ts';
import { projectRoot } from './macro/sallyport.ts';
import { ensureTools } from './macro/tools.ts';
import { type Workspace, openWorkspace } from './macro/workspace.ts';

/** Steps of a measure, for the progress line. Profiles come on top when they are needed. */
function countSteps({ only, rounds, editSizes, profileAll }: BenchOptions): number {
  const steps = (measure: MeasureName): number => {
    if (measure === 'edit') return editSizes.length;
    return rounds;
  };
  const profiles = profileAll ? profiledMeasures.filter((measure) => only.has(measure)).length : 0;
  return [...only].reduce((sum, measure) => sum + steps(measure), profiles);
}

async function measureAll(
  workspace: Workspace,
  options: BenchOptions,
  command: string,
): Promise<BenchResults> {
  const { only } = options;
  const loads: LoadResult[] = [];
  for (const measure of comparedMeasures)
    if (only.has(measure)) loads.push(await compareProxies(workspace, options, measure));
  if (only.has('routes')) loads.push(await measureRoutes(workspace, options));
  return {
    facts: readMachineFacts(),
    options,
    command,
    loads,
    start: only.has('start') ? await measureStart(workspace, options) : null,
    edits: only.has('edit') ? await measureEdits(workspace, options) : [],
    rss: only.has('rss') ? await measureRss(workspace, options) : null,
    profiles: [],
  };
}

/** Profiles of the measures whose bound is missed, or of all where that is wanted. */
async function addProfiles(workspace: Workspace, results: BenchResults): Promise<BenchResults> {
  const { options } = results;
  const missed = new Set(checkBounds(results).flatMap((check) => (check.isKept ? [] : [check.measure])));
  const wanted = profiledMeasures.filter(
    (each) => options.only.has(each) && (options.profileAll || missed.has(each)),
  );
  if (!options.profileAll) planSteps(countSteps(options) + wanted.length);
  const profiles = [];
  for (const measure of wanted) profiles.push(await profileMeasure(workspace, options, measure));
  return { ...results, profiles };
}

function isComplete({ only, isQuick }: BenchOptions): boolean {
  return !isQuick && measureNames.every((measure) => only.has(measure));
}

function writeFiles(results: BenchResults, report: string): void {
  const { options } = results;
  const resultsFolder = join(projectRoot, 'bench/results');
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const reportName =
    options.reportPath ?? (isComplete(options) ? 'docs/performance.md' : 'bench/results/report.md');
  const reportPath = resolve(projectRoot, reportName);
  const rawPath = join(resultsFolder, `${stamp}.json`);
  for (const path of [reportPath, rawPath]) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(rawPath, renderResultsJson(results));
  writeFileSync(reportPath, report);
  say(`Written: ${relative(process.cwd(), reportPath)}, ${relative(process.cwd(), rawPath)}`);
}

async function run(words: readonly string[]): Promise<number> {
  const options = parseOptions(words);
  if (options === null) {
    process.stdout.write(help);
    return 0;
  }
  ensureTools();
  planSteps(countSteps(options));
  const workspace = await openWorkspace();
  const command = ['npm run bench', ...(words.length === 0 ? [] : ['--', ...words])].join(' ');
  try {
    const results = await addProfiles(workspace, await measureAll(workspace, options, command));
    const report = renderReport(results);
    say(`\n${report}`);
    writeFiles(results, report);
    return checkBounds(results).every(({ isKept }) => isKept) ? 0 : 1;
  } finally {
    await workspace.close();
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof OptionError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage === true ? 2 : 1;
}
