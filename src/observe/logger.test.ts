import assert from 'node:assert/strict';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, constants } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { createLogger, type LoggerOptions } from './logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'logger-'));
after(() => rmSync(folder, { recursive: true }));

function collect(options: Omit<LoggerOptions, 'destination'>) {
  let text = '';
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  return { logger: createLogger({ ...options, destination }), read: (): string => text };
}

test('JSON lines carry level, time, fields and message', () => {
  const { logger, read } = collect({ level: 'info', format: 'json' });
  logger.warn({ host: 'a.example', count: 2 }, 'host is slow');
  const { time, ...rest } = JSON.parse(read()) as Record<string, unknown>;
  assert.deepEqual(rest, { level: 'warn', host: 'a.example', count: 2, message: 'host is slow' });
  assert.equal(new Date(String(time)).toISOString(), time);
});

test('levels below the wanted one are silent', () => {
  const { logger, read } = collect({ level: 'warn', format: 'text' });
  logger.debug({}, 'a');
  logger.info({}, 'b');
  logger.warn({}, 'c');
  logger.error({}, 'd');
  assert.deepEqual(read().replace(/^\S+ /gm, '').split('\n'), ['WARN  c', 'ERROR d', '']);
});

test('a child adds its fields, and its own child adds more', () => {
  const { logger, read } = collect({ level: 'debug', format: 'text' });
  logger.child({ worker: 3 }).child({ port: 80 }).debug({ x: 1 }, 'listening');
  assert.match(read(), /^\S+ DEBUG listening worker=3 port=80 x=1\n$/);
});

test('errors are logged with their stack, on one line, under either name', () => {
  for (const name of ['error', 'err']) {
    const { logger, read } = collect({ level: 'info', format: 'text' });
    logger.error({ [name]: new TypeError('no\nluck') }, 'failed');
    const start = ` ERROR failed ${name}="no\\nluck" ${name}.stack="TypeError: no\\nluck\\n    at `;
    assert.ok(read().includes(start), read());
    assert.ok(read().endsWith('"\n') && read().split('\n').length === 2, read());
  }
});

test('values that cannot be JSON do not throw', () => {
  const { logger, read } = collect({ level: 'info', format: 'json' });
  const circular: Record<string, unknown> = { size: 10n };
  circular['self'] = circular;
  logger.info({ circular }, 'odd');
  assert.match(read(), /"message":"odd"}\n$/);
});

test('a line to a descriptor is written at once, in UTF-8', () => {
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const logger = createLogger({ level: 'info', format: 'text', destination: fd });
  logger.info({ name: 'é 漢' }, 'hello');
  assert.match(readFileSync(path, 'utf8'), /INFO {2}hello name="é 漢"\n$/);
  assert.equal(logger.dropped, 0);
  closeSync(fd);
});

test('a log pipe without a reader costs lines, counted', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(path, 'w');
  const logger = createLogger({ level: 'info', format: 'json', destination: fd });
  logger.info({}, 'heard');
  closeSync(reader);
  logger.info({}, 'unheard');
  assert.equal(logger.dropped, 1);
  closeSync(fd);
});

test('a stream that fails or does not drain costs lines, counted', async () => {
  const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const lost = createLogger({ level: 'info', format: 'json', destination: failing });
  const failed = new Promise((resolve) => failing.once('error', resolve));
  lost.info({}, 'one');
  await failed;
  lost.info({}, 'two');
  assert.equal(lost.dropped, 2);
  const stalled = createLogger({
    level: 'info',
    format: 'json',
    destination: new Writable({ write: () => {}, decodeStrings: false }),
  });
  const text = 'x'.repeat(200_000);
  for (let index = 0; index < 10; index += 1) stalled.info({ text }, 'more');
  assert.equal(stalled.dropped, 4);
});
