// `sallyport compare` by its function: logs that do not name their hosts, are packed, or hostile; what is shown; exit codes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../../src/config/index.ts';
import { folder, golden, run, summaryOf, told, type Told } from './run-compare.ts';

const nginxLine = (path: string, upstream: string, status = 200): string =>
  `10.0.0.9 - - [21/Nov/2026:20:00:01 +0000] "GET ${path} HTTP/1.1" ${status} 12 "-" "x" 80 0.002 [${upstream}] [] 10.1.0.1:80 12 0.001 ${status} id`;

describe('sallyport compare: logs', () => {
  const words = ['-f', join(golden, 'host-wide-regex-on/input.yaml')];

  it('without hosts are placed by the Service that had the request', async () => {
    const log = [
      nginxLine('/FOO', 'shop-b-80'),
      nginxLine('/foo', 'shop-b-80'),
      nginxLine('/foo', 'upstream-default-backend', 404),
      nginxLine('/other', 'shop-a-80'),
    ].join('\n');
    const { compared, unplaced, groups } = await told(words, log);
    assert.deepEqual([compared, unplaced], [2, 2]);
    assert.deepEqual(groups.map(summaryOf), ['1 route shop/plain shop/plain host-wide-regex']);
    assert.equal(groups[0]?.samples[0]?.url, 'http://a.test/FOO');
  });

  it('without hosts are of the host that is named', async () => {
    const log = [nginxLine('/FOO', 'shop-b-80'), nginxLine('/foo', 'shop-a-80')].join('\n');
    const { compared, notAsLogged, firstNotAsLogged, differ } = await told(
      [...words, '--host', 'A.test'],
      log,
    );
    assert.deepEqual([compared, notAsLogged, firstNotAsLogged, differ], [2, 1, 2, 1]);
  });

  it('packed by gzip are the same', async (test) => {
    const root = folder(test, { 'log.gz': gzipSync('http://a.test/FOO\n'.repeat(5)) });
    const { out } = await run(['-o', 'json', '-r', join(root, 'log.gz'), ...words]);
    assert.deepEqual((JSON.parse(out) as Told).groups.map(summaryOf), [
      '5 route shop/plain shop/plain host-wide-regex',
    ]);
  });

  it('that are hostile cost themselves alone', async (test) => {
    const bytes = Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7919) % 256));
    const long = `http://a.test/${'x'.repeat(200_000)}`;
    const odd = [
      'http://a.test/%',
      'http://a.test/%zz',
      'http://a.test/%2fFOO/..%2f',
      'http://a.test/../../etc',
      'http://a.test/%00',
      `http://a.test/${'a/'.repeat(2_000)}FOO`,
      nginxLine('/\\xZZ\\x1b[31m', 'shop-b-80'),
      '{"__proto__": {"request_uri": "/FOO"}, "host": "a.test"}',
      '{"request_uri": "/FOO", "host": "a.test", "constructor": 1}',
      '{"request_uri": ',
      'TRACE http://a.test/FOO',
    ].join('\n');
    const root = folder(test, {
      log: Buffer.concat([bytes, Buffer.from(`\n${long}\n${odd}\nhttp://a.test/FOO`)]),
    });
    const { code, out } = await run(['-o', 'json', '-r', join(root, 'log'), ...words]);
    assert.equal(code, 0);
    const { leftOut, groups, differ } = JSON.parse(out) as Told;
    assert.equal(leftOut.tooLong, 1);
    assert.ok(leftOut.notUnderstood > 0);
    assert.equal(differ, 2);
    assert.deepEqual(
      groups[0]?.samples.map(({ url }) => url),
      ['http://a.test/FOO'],
    );
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(out, /[\0-\x09\x0b-\x1f\x7f]/);
  });

  it('show a bounded number of samples and groups', async () => {
    const requests = Array.from({ length: 50 }, (_, index) => `http://a.test/FOO/${index}`).join('\n');
    const { groups } = await told([...words, '--samples', '2'], requests);
    assert.deepEqual(
      groups.map(({ count, samples }) => [count, samples.length]),
      [[50, 2]],
    );
    const slashes = ['-f', join(golden, 'trailing-slash-redirect-on/input.yaml'), '--top', '1'];
    const { out } = await run(
      ['-r', '-', ...slashes],
      'http://a.test/foo\nhttp://a.test/foo\nhttp://a.test/exact',
    );
    assert.match(out, /\n1 more in smaller groups\n$/);
  });
});

describe('sallyport compare: its exit code', () => {
  const words = ['-r', '-', '-f', join(golden, 'host-wide-regex-on/input.yaml')];

  it('says with --fail-on-difference whether any request differs', async () => {
    const codes = await Promise.all(
      ['http://a.test/FOO', 'http://a.test/foo', ''].map(
        async (requests) => (await run([...words, '--fail-on-difference'], requests)).code,
      ),
    );
    assert.deepEqual(codes, [1, 0, 0]);
    assert.match((await run(words, 'http://a.test/foo')).out, /no request would be answered otherwise\n$/);
  });

  it('says what cannot be read', async (test) => {
    const nowhere = join(folder(test, {}), 'nowhere');
    const noLog = await run(['-r', nowhere, '-f', golden]);
    assert.deepEqual([noLog.code, noLog.out], [1, '']);
    assert.ok(noLog.err.startsWith(`sallyport compare: cannot read requests from "${nowhere}"`), noLog.err);
    const noManifest = await run(['-r', '-', '-f', nowhere]);
    assert.equal(noManifest.code, 1);
    assert.ok(noManifest.err.includes(`cannot read manifests from "${nowhere}"`), noManifest.err);
  });

  it('is 2 where the words mean nothing', async () => {
    for (const wrong of [
      ['-f', golden],
      ['-r', '-', '-f', '-'],
      ['-r', '-'],
      ['-r', '-', '--old', golden],
      ['-r', '-', '--old', golden, '--new', golden, '-f', golden],
      ['-r', '-', '--new-revision', 'x', '-f', golden],
      ['-r', '-', '-f', golden, '--host', 'no host'],
      ['-r', '-', '-f', golden, 'word'],
    ])
      await assert.rejects(run(wrong), UsageError, wrong.join(' '));
  });
});
