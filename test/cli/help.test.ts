// What `sallyport` answers to words: help, version, unknown words.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { runCommandLine } from '../../src/cli/commands.ts';
import { flagTable } from '../../src/config/index.ts';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** As a user runs it. */
function runProgram(...words: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(root, 'bin/sallyport.js'), ...words],
      (_error, out, err) => {
        done({ code: child.exitCode ?? -1, out, err });
      },
    );
  });
}

/** The same without a process of its own. */
async function sallyport(...words: string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const code = await runCommandLine(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

test('sallyport: the program prints results to one stream, complaints to the other, and sets its exit code', async () => {
  const [good, bad] = await Promise.all([runProgram('help'), runProgram('upp')]);
  assert.deepEqual(good, await sallyport('help'));
  assert.deepEqual(bad, await sallyport('upp'));
  assert.equal(good.code, 0);
  assert.equal(bad.code, 2);
});

test('sallyport: help lists every command, to standard output', async () => {
  const help = await sallyport('help');
  assert.equal(help.code, 0);
  assert.equal(help.err, '');
  for (const name of ['up', 'check', 'explain', 'version', 'help', 'completion']) {
    assert.match(help.out, new RegExp(`^  ${name} +[A-Z]`, 'm'));
  }
  assert.deepEqual(await sallyport('--help'), help);
});

test('sallyport: without a word it prints the help to standard error and fails', async () => {
  const { code, out, err } = await sallyport();
  assert.equal(code, 2);
  assert.equal(out, '');
  assert.match(err, /^Usage: sallyport COMMAND/m);
});

test('sallyport: help of up names every flag with its default', async () => {
  const help = await sallyport('help', 'up');
  assert.equal(help.code, 0);
  assert.deepEqual(await sallyport('up', '--help'), help);
  for (const name of Object.keys(flagTable)) assert.match(help.out, new RegExp(`--${name}\\b`));
  assert.match(help.out, /-f, --filename PATH/);
  assert.match(help.out, /--shutdown-grace-period DURATION[^]*?\(default:\s+30s\)/);
});

test('sallyport: version', async () => {
  const word = await sallyport('version');
  assert.deepEqual(word, {
    code: 0,
    out: `sallyport ${version} (Node.js ${process.versions.node})\n`,
    err: '',
  });
  assert.deepEqual(await sallyport('--version'), word);
});

const refusals: readonly (readonly [readonly string[], RegExp])[] = [
  [['upp'], /^sallyport: unknown command "upp"; did you mean "up"\?/],
  [['chekc'], /^sallyport: unknown command "chekc"; did you mean "check"\?/],
  [['qqqqqqqq'], /^sallyport: unknown command "qqqqqqqq"; "sallyport help" lists the commands\n$/],
  [['--verbose'], /^sallyport: unknown flag "--verbose"/],
  [['help', 'ups'], /^sallyport: unknown command "ups"; did you mean "up"\?/],
  [['up', '--api-port=0'], /^sallyport up: --api-port 0 and no manifests .* is wanted/],
  [
    ['up', '-f', 'x', '--http-port', '70000'],
    /^sallyport up: --http-port "70000": a port from 0 to 65535 is wanted\n$/,
  ],
  [
    ['up', '-f', 'x', '--wrokers', '2'],
    /^sallyport up: unknown flag "--wrokers"; did you mean "--workers"\?\n$/,
  ],
  [['completion', 'fish'], /^sallyport completion: shell "fish": one of bash, zsh is wanted\n$/],
];
for (const [words, message] of refusals) {
  test(`sallyport: refuses "${words.join(' ')}" with exit code 2`, async () => {
    const { code, out, err } = await sallyport(...words);
    assert.match(err, message);
    assert.equal(out, '');
    assert.equal(code, 2);
  });
}

test('sallyport: the completion script completes commands and flags', async () => {
  const { out } = await sallyport('completion', 'bash');
  const ask = `${out}\nCOMP_WORDS=(sallyport up --http-p); COMP_CWORD=2; _sallyport; echo "\${COMPREPLY[*]}"
COMP_WORDS=(sallyport exp); COMP_CWORD=1; _sallyport; echo "\${COMPREPLY[*]}"`;
  const answer = await new Promise<string>((done, fail) => {
    execFile('bash', ['-c', ask], (error, stdout) => (error === null ? done(stdout) : fail(error)));
  });
  assert.equal(answer, '--http-port\nexplain\n');
});
