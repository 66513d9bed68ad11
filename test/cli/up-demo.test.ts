// `npm start` on free ports: every printed curl line is run, and the answer compared with the sentence above it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, runProcess } from './up-process.ts';

function runLine(line: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile('bash', ['-c', line], { cwd: root }, (error, out) => (error === null ? done(out) : fail(error)));
  });
}

async function tryLines(flags: readonly string[], wantedCount: number): Promise<void> {
  const demo = runProcess(join(root, 'tools/start-demo.ts'), ['--free-ports', '--workers', '1', ...flags]);
  try {
    await demo.waitFor(/Try \(Ctrl-C ends everything\):\n(?:\n#.*\ncurl.*\n)+/);
    const tried = [...demo.output().matchAll(/^# .*: (\S+)\n(curl .*)$/gm)];
    assert.equal(tried.length, wantedCount, demo.output());
    for (const [, wanted = '', line = ''] of tried) {
      const answer = await runLine(line);
      if (wanted === '308')
        assert.match(answer, /^HTTP\/1\.1 308 [^]*\nlocation: https:\/\/https-example\.foo\.com/i, line);
      else assert.equal(answer.split('\n')[0], wanted, line);
    }
    demo.child.kill('SIGINT');
    assert.equal(await demo.ended, 0);
  } finally {
    demo.child.kill('SIGTERM');
    await demo.ended;
  }
}

test('npm start: every curl line works', async () => {
  await tryLines([], 7);
});

test('npm start: every curl line works without plain HTTP', async () => {
  await tryLines(['--http-port', '0'], 6);
});

test('npm start: the end of the shell that npm put in between ends everything', async () => {
  const line = `"${process.execPath}" tools/start-demo.ts --free-ports --workers 1; true`;
  const demo = runProcess('-c', [line], { node: '/bin/sh' });
  await demo.waitFor(/Try \(Ctrl-C ends everything\)/);
  demo.child.kill('SIGTERM');
  // Resolves only when every process that holds the output is gone.
  assert.equal(await demo.ended, 'SIGTERM');
});
