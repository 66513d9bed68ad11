// `npm run bench`: Sallyport beside nginx, HAProxy and Caddy, on this machine, in one go. Prints the tables, writes them to
// docs/performance.md (a complete run) and the raw values to bench/results/. Exit 1 when a bound is missed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { checkBounds } from './macro/bounds.ts';
import { compareProxies, comparedMeasures } from './macro/compare.ts';
import { readMachineFacts } from './macro/facts.ts';
import { measureAnnotations } from './macro/measure-annotations.ts';
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
import { keepSections } from './macro/page-section.ts';
import { type ProfileSummary, profileMeasure, profiledMeasures } from './macro/profile.ts';
import { planSteps, say } from './macro/progress.ts';
import { renderReport } from './macro/report.ts';
import { type BenchResults, type Failure, type LoadResult, renderResultsJson } from './macro/results.ts';
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

/** Makes measures one after the other; what fails is noted, and the rest goes on. */
class Attempts {
  readonly failures: Failure[] = [];

  /** Null when it failed. */
  async make<T>(measure: MeasureName, action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.failures.push({ measure, message });
      say(`${measure} failed: ${message}`);
      return null;
    }
  }
}

async function measureAll(
  workspace: Workspace,
  options: BenchOptions,
  command: string,
): Promise<BenchResults> {
  const attempts = new Attempts();
  const attempt = async <T>(measure: MeasureName, action: () => Promise<T>): Promise<T | null> =>
    options.only.has(measure) ? await attempts.make(measure, action) : null;
  const loads: (LoadResult | null)[] = [];
  for (const measure of comparedMeasures)
    loads.push(await attempt(measure, () => compareProxies(workspace, options, measure)));
  loads.push(await attempt('routes', () => measureRoutes(workspace, options)));
  loads.push(await attempt('annotations', () => measureAnnotations(workspace, options)));
  return {
    facts: readMachineFacts(),
    options,
    command,
    start: await attempt('start', () => measureStart(workspace, options)),
    edits: (await attempt('edit', () => measureEdits(workspace, options))) ?? [],
    rss: await attempt('rss', () => measureRss(workspace, options)),
    loads: loads.filter((load) => load !== null),
    profiles: [],
    failures: attempts.failures,
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
  const attempts = new Attempts();
  const profiles: ProfileSummary[] = [];
  for (const measure of wanted) {
    const profile = await attempts.make(measure, () => profileMeasure(workspace, options, measure));
    if (profile !== null) profiles.push(profile);
  }
  return { ...results, profiles, failures: [...results.failures, ...attempts.failures] };
}

function isComplete({ options: { only, isQuick, isAlone, beside }, failures }: BenchResults): boolean {
  const isUsual = !isQuick && !isAlone && beside === null;
  return isUsual && failures.length === 0 && measureNames.every((measure) => only.has(measure));
}

function writeFiles(results: BenchResults, report: string): void {
  const { options } = results;
  const resultsFolder = join(projectRoot, 'bench/results');
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const reportName =
    options.reportPath ?? (isComplete(results) ? 'docs/performance.md' : 'bench/results/report.md');
  const reportPath = resolve(projectRoot, reportName);
  const rawPath = join(resultsFolder, `${stamp}.json`);
  for (const path of [reportPath, rawPath]) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(rawPath, renderResultsJson(results));
  const page = existsSync(reportPath) ? keepSections(report, readFileSync(reportPath, 'utf8')) : report;
  writeFileSync(reportPath, page);
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
    const isKept = checkBounds(results).every((check) => check.isKept);
    return isKept && results.failures.length === 0 ? 0 : 1;
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
