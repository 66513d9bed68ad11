// Golden cases: what the manifests of a case become (table.golden), what is said about them (status.golden) and what comes of requests
// (requests.yaml). Objects in given and in reversed order must give the same. `UPDATE_GOLDEN=1` writes the goldens anew, never in CI.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { features } from '../../src/features/index.ts';
import { printTable, type PrintOptions } from '../../src/table/index.ts';
import { translate } from '../../src/translate/index.ts';
import {
  type GoldenCase,
  goldenNowMs,
  listCases,
  listStrayFiles,
  readInput,
  readOptions,
  renderStatus,
} from './case-files.ts';
import { compareDecision, decide } from './decide.ts';
import { parseRequests } from './requests.ts';

const isUpdating = process.env['UPDATE_GOLDEN'] !== undefined && process.env['UPDATE_GOLDEN'] !== '';
const isCi = process.env['CI'] !== undefined && process.env['CI'] !== '';

const readFiles = new Set(['input.yaml', 'options.yaml', 'requests.yaml', 'status.golden', 'table.golden']);

const descriptions = new Map(features.map((feature) => [feature.name, feature.describe]));

const printOptions: PrintOptions = {
  describePolicy: (feature, policy) => descriptions.get(feature)?.(policy) ?? 'no such feature',
};

describe('golden cases', () => {
  it('are not updated in CI', () => assert.ok(!(isUpdating && isCi), 'UPDATE_GOLDEN must not be set in CI'));

  const cases = listCases();

  it('are there', () => assert.ok(cases.length > 50, `only ${cases.length} cases found`));

  it('have no stray files beside them', () => assert.deepEqual(listStrayFiles(), []));

  for (const golden of cases) {
    describe(golden.name, () => {
      it('has an input, and no file that nobody reads', () => checkFiles(golden));
      it('translates as recorded, in any order of objects', () => checkTranslation(golden));
      it('answers its requests', () => checkRequests(golden));
    });
  }
});

function checkFiles({ files, name }: GoldenCase): void {
  for (const file of files) assert.ok(readFiles.has(file), `${name}/${file} is read by nobody`);
  for (const file of ['input.yaml', 'requests.yaml'])
    assert.ok(files.includes(file), `${name}/${file} is missing`);
}

function checkTranslation(golden: GoldenCase): void {
  const { objects, refusals } = readInput(golden.folder);
  const options = readOptions(golden);
  const given = translate(objects, options, goldenNowMs);
  const reversed = translate(objects.toReversed(), options, goldenNowMs);
  const table = printTable(given.table, printOptions);
  const status = renderStatus(refusals, given.problems);
  assert.equal(printTable(reversed.table, printOptions), table, 'the order of objects changes the table');
  assert.equal(
    renderStatus(refusals, reversed.problems),
    status,
    'the order of objects changes the problems',
  );
  compareGolden(golden, 'table.golden', table);
  compareGolden(golden, 'status.golden', status);
}

function compareGolden({ folder, name }: GoldenCase, file: string, actual: string): void {
  const path = join(folder, file);
  if (isUpdating && !isCi) writeFileSync(path, actual);
  assert.ok(existsSync(path), `${name}/${file} is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(actual, readFileSync(path, 'utf8'), `${name}/${file} differs`);
}

function checkRequests(golden: GoldenCase): void {
  const { objects } = readInput(golden.folder);
  const { table } = translate(objects, readOptions(golden), goldenNowMs);
  const failures: string[] = [];
  for (const request of parseRequests(readFileSync(join(golden.folder, 'requests.yaml'), 'utf8'))) {
    const differences = compareDecision(request.want, decide(table, features, request));
    for (const difference of differences) failures.push(`${request.ask}: ${difference}`);
  }
  assert.deepEqual(failures, []);
}
