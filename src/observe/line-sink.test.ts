import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LineSink } from './line-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'line-sink-'));
after(() => rmSync(folder, { recursive: true }));
let names = 0;

function newPath(): string {
  names += 1;
  return join(folder, String(names));
}

/** A named pipe with its reading end open. */
function makePipe(): { readonly path: string; readonly reader: number } {
  const path = newPath();
  execFileSync('mkfifo', [path]);
  return { path, reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) };
}

/** What is in the pipe now. */
function readPipe(reader: number): string {
  const buffer = Buffer.alloc(1024 * 1024);
  let text = '';
  for (;;) {
    try {
      const count = readSync(reader, buffer);
      if (count === 0) return text;
      text += buffer.toString('latin1', 0, count);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
      return text;
    }
  }
}

function numberedLine(index: number, length = 100): string {
  return `${String(index).padStart(6, '0')} ${'x'.repeat(length - 8)}\n`;
}

test('lines reach a file in order, as latin1, in one write when flushed', async () => {
  const path = newPath();
  const sink = new LineSink({ path });
  sink.append('one \xe9\n');
  sink.append('two\n');
  assert.equal(readFileSync(path, 'latin1'), '');
  await sink.flush();
  assert.equal(readFileSync(path, 'latin1'), 'one \xe9\ntwo\n');
  await sink.close();
  assert.equal(sink.dropped, 0);
});

test('an existing file is appended to', async () => {
  const path = newPath();
  for (const line of ['first\n', 'second\n']) {
    const sink = new LineSink({ path });
    sink.append(line);
    await sink.close();
  }
  assert.equal(readFileSync(path, 'latin1'), 'first\nsecond\n');
});

test('a path that cannot be opened is an error of the constructor', () => {
  assert.throws(() => new LineSink({ path: join(folder, 'no', 'such', 'folder') }), { code: 'ENOENT' });
});

test('flushBytes starts a write; zero writes at once, on files and pipes', () => {
  const path = newPath();
  const file = new LineSink({ path, flushBytes: 0 });
  file.append('now\n');
  assert.equal(readFileSync(path, 'latin1'), 'now\n');
  const pipe = makePipe();
  const sink = new LineSink({ path: pipe.path, flushBytes: 0 });
  sink.append('now\n');
  assert.equal(readPipe(pipe.reader), 'now\n');
  closeSync(pipe.reader);
});

test('flushNow writes before it returns', () => {
  const path = newPath();
  const sink = new LineSink({ path });
  sink.append('last words\n');
  sink.flushNow();
  assert.equal(readFileSync(path, 'latin1'), 'last words\n');
});

test('after reopen the renamed file keeps its lines and a new one gets the next', async () => {
  const path = newPath();
  const sink = new LineSink({ path });
  sink.append('before\n');
  await sink.flush();
  renameSync(path, `${path}.1`);
  sink.reopen();
  sink.append('after\n');
  await sink.close();
  assert.equal(readFileSync(`${path}.1`, 'latin1'), 'before\n');
  assert.equal(readFileSync(path, 'latin1'), 'after\n');
});

test('a reopen that fails keeps the old file and tells', async () => {
  const path = newPath();
  const errors: Error[] = [];
  const sink = new LineSink({ path, onError: (error) => errors.push(error) });
  renameSync(path, `${path}.1`);
  execFileSync('mkdir', [path]);
  sink.reopen();
  sink.append('still here\n');
  await sink.close();
  assert.equal(readFileSync(`${path}.1`, 'latin1'), 'still here\n');
  assert.deepEqual(
    errors.map((error) => (error as NodeJS.ErrnoException).code),
    ['EISDIR'],
  );
});

test('a reader that stalls costs the lines beyond the buffer, and nothing that was taken once it reads again', async () => {
  const { path, reader } = makePipe();
  const maxBufferBytes = 100_000;
  const sink = new LineSink({ path, maxBufferBytes, flushBytes: 1000, flushMs: 20 });
  for (let index = 0; index < 500; index += 1) sink.append(numberedLine(index));
  // Resolves although nobody reads.
  await sink.flush();
  for (let index = 500; index < 5000; index += 1) sink.append(numberedLine(index));
  assert.ok(sink.dropped > 3000, `dropped ${sink.dropped}`);
  let text = readPipe(reader);
  const flushed = sink.flush();
  while (text.length < 100 * (5000 - sink.dropped)) {
    await new Promise((resolve) => setImmediate(resolve));
    text += readPipe(reader);
  }
  await flushed;
  const lines = text.split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, 5000 - sink.dropped);
  // The oldest are kept: what was lost is at the end.
  for (const [index, line] of lines.entries()) assert.equal(`${line}\n`, numberedLine(index));
  await sink.close();
  closeSync(reader);
});

test('a reader that goes away costs lines, tells once, and a new one is served', async () => {
  const { path, reader } = makePipe();
  const errors: Error[] = [];
  const sink = new LineSink({ path, flushMs: 20, onError: (error) => errors.push(error) });
  sink.append('heard\n');
  await sink.flush();
  assert.equal(readPipe(reader), 'heard\n');
  closeSync(reader);
  for (let round = 0; round < 3; round += 1) {
    sink.append('unheard\n');
    await sink.flush();
  }
  assert.equal(sink.dropped, 3);
  assert.deepEqual(
    errors.map((error) => (error as NodeJS.ErrnoException).code),
    ['EPIPE'],
  );
  const again = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  sink.append('heard again\n');
  await sink.flush();
  assert.equal(readPipe(again), 'heard again\n');
  closeSync(again);
  await sink.close();
});

test('a full disk costs lines and is told', async () => {
  const errors: Error[] = [];
  const sink = new LineSink({ path: '/dev/full', onError: (error) => errors.push(error) });
  for (let index = 0; index < 10; index += 1) sink.append(numberedLine(index));
  await sink.close();
  assert.equal(sink.dropped, 10);
  assert.equal((errors[0] as NodeJS.ErrnoException).code, 'ENOSPC');
});

test('a line of which only a part was written is ended before the next one', async () => {
  const { path, reader } = makePipe();
  const sink = new LineSink({ path, flushMs: 20 });
  sink.append(`${'a'.repeat(200_000)}\n`);
  await sink.flush();
  closeSync(reader);
  // The rest of the long line and this one are lost.
  sink.append('lost\n');
  await sink.flush();
  assert.equal(sink.dropped, 2);
  const again = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // The pipe itself still holds the first part.
  assert.ok(/^a+$/.test(readPipe(again)));
  sink.append('whole\n');
  await sink.flush();
  assert.equal(readPipe(again), '\nwhole\n');
  assert.equal(sink.dropped, 2);
  closeSync(again);
  await sink.close();
});

test('a blocking pipe that was handed in does not block, stays as it was, and is left open', async () => {
  const { path, reader } = makePipe();
  const fd = openSync(path, constants.O_WRONLY);
  const flagsBefore = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  const sink = new LineSink({ fd, flushBytes: 1000, flushMs: 20 });
  for (let index = 0; index < 3000; index += 1) sink.append(numberedLine(index));
  await sink.flush();
  assert.equal(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'), flagsBefore);
  assert.ok(readPipe(reader).startsWith(numberedLine(0)));
  await sink.close();
  assert.ok(sink.dropped > 0);
  closeSync(fd);
  closeSync(reader);
});

test('a descriptor that is not open is an error of the constructor; a closed sink drops', async () => {
  assert.throws(() => new LineSink({ fd: 9999 }), { code: 'EBADF' });
  const sink = new LineSink({ path: newPath() });
  await sink.close();
  await sink.close();
  sink.append('too late\n');
  assert.equal(sink.dropped, 1);
});
