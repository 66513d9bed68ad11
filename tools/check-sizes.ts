// Keeps files small: over 400 lines fails unless listed with a reason. Over 300 is only told.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const maxLines = 400;
const wantedLines = 300;
const allowed: Readonly<Record<string, string>> = {};

const files = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', 'src', 'test', 'tools', 'bench'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter((name) => name.endsWith('.ts') && existsSync(name));

let failures = 0;
for (const name of files) {
  const lines = readFileSync(name, 'utf8').split('\n').length - 1;
  if (lines > maxLines && allowed[name] === undefined) {
    console.error(`${name}: ${lines} lines, at most ${maxLines}; split it by purpose`);
    failures += 1;
  } else if (lines > wantedLines && name.startsWith('src/')) {
    console.log(`${name}: ${lines} lines (over ${wantedLines})`);
  }
}
console.log(`sizes: ${files.length} files, ${failures} errors`);
process.exitCode = failures === 0 ? 0 : 1;
