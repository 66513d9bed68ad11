// The access log of several processes on one standard output: lines stay whole, and a reader that stalls or leaves costs
// lines and nothing else (rule V2; "log consumer blocked or gone" of the reliability table).
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'shared-output-'));
after(() => rmSync(folder, { recursive: true }));
const script = join(import.meta.dirname, 'write-lines.ts');

interface Outcome {
  readonly exitCode: number | null;
  readonly dropped: number;
}

function startWriter(name: string, count: number, stdout: number | 'pipe'): ChildProcess {
  return spawn(process.execPath, [script, name, String(count)], {
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  });
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve) => {
    let dropped = -1;
    child.on('message', (message: { dropped: number }) => {
      dropped = message.dropped;
    });
    child.once('exit', (exitCode) => resolve({ exitCode, dropped }));
  });
}

/** Every line says its own length at the end, so that a mixed or cut one is seen. Returns the count by writer. */
function countWholeLines(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const next: Record<string, number> = {};
  const lines = text.split('\n');
  assert.equal(lines.pop(), '');
  for (const line of lines) {
    const match = /^((\w) (\d+) .*) (\d+)$/.exec(line);
    assert.ok(match !== null && match[1]?.length === Number(match[4]), `not whole: ${line.slice(0, 200)}`);
    const name = match[2] ?? '';
    assert.ok(Number(match[3]) >= (next[name] ?? 0), `out of order: ${line.slice(0, 40)}`);
    next[name] = Number(match[3]) + 1;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test('two processes write to one pipe: every line arrives whole and in the order of its writer', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    writable: false,
  });
  const output = openSync(path, constants.O_WRONLY);
  const chunks: Buffer[] = [];
  reader.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => reader.once('end', resolve));
  const writers = ['a', 'b'].map((name) => outcomeOf(startWriter(name, 3000, output)));
  closeSync(output);
  const outcomes = await Promise.all(writers);
  await ended;
  const counts = countWholeLines(Buffer.concat(chunks).toString('latin1'));
  for (const [index, name] of ['a', 'b'].entries()) {
    assert.equal(outcomes[index]?.exitCode, 0);
    assert.equal((counts[name] ?? 0) + (outcomes[index]?.dropped ?? 0), 3000);
    assert.ok((counts[name] ?? 0) > 100);
  }
});

test('two processes append to one file', async () => {
  const path = join(folder, 'file');
  const output = openSync(path, 'w');
  const writers = ['a', 'b'].map((name) => outcomeOf(startWriter(name, 2000, output)));
  closeSync(output);
  const outcomes = await Promise.all(writers);
  assert.deepEqual(outcomes, [
    { exitCode: 0, dropped: 0 },
    { exitCode: 0, dropped: 0 },
  ]);
  assert.deepEqual(countWholeLines(readFileSync(path, 'latin1')), { a: 2000, b: 2000 });
});

test('a socket as standard output that nobody reads costs lines; the process ends by itself', async () => {
  const child = startWriter('a', 8000, 'pipe');
  child.stdout?.pause();
  const { exitCode, dropped } = await outcomeOf(child);
  assert.equal(exitCode, 0);
  assert.ok(dropped > 1000, `dropped ${dropped}`);
});

test('a standard output that is closed at the other end costs lines; the process ends by itself', async () => {
  const child = startWriter('a', 500, 'pipe');
  child.stdout?.destroy();
  assert.deepEqual(await outcomeOf(child), { exitCode: 0, dropped: 500 });
});
