// Reflector, rule by rule, on a fake server in fake time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiUnavailableError } from './api-client.ts';
import { bookmarkOf, refusal, success } from './fake-api-server.fixture.ts';
import { ApiTooLargeError } from './http-exchange.ts';
import { ReflectorBench, things } from './reflector-bench.fixture.ts';

const away = new ApiUnavailableError('away');

describe('Reflector lists and watches', () => {
  it('tells the list, then each change once', async (test) => {
    const bench = new ReflectorBench(test);
    const { server } = bench;
    server.put(things, 'a/x');
    server.put(things, 'b/x');
    assert.deepEqual(await bench.start(), ['set a/x 101', 'set b/x 102', 'listed']);
    server.put(things, 'a/x');
    server.put(things, 'c');
    server.delete(things, 'b/x');
    assert.deepEqual(bench.take(), ['set a/x 103', 'set c 104', 'removed b/x']);
    assert.deepEqual(server.calls[0]?.query, { limit: '500' });
    const { query } = server.watchCalls[0] ?? {};
    assert.deepEqual(query, {
      watch: 'true',
      resourceVersion: '102',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
  });

  it('asks for a watch of 5 to 10 minutes', async (test) => {
    const bench = new ReflectorBench(test, {}, () => 0.999_999);
    await bench.start();
    assert.equal(bench.server.watchCalls[0]?.query?.['timeoutSeconds'], '600');
  });

  it('reads a long list in pages', async (test) => {
    const bench = new ReflectorBench(test);
    for (let index = 0; index < 1_201; index += 1) bench.server.put(things, `n/${index}`);
    assert.equal((await bench.start()).length, 1_202);
    assert.deepEqual(
      bench.server.calls.map(({ query }) => query?.['continue'] ?? ''),
      ['', '1301 500', '1301 1000'],
    );
    assert.equal(bench.reflector.state().objects, 1_201);
  });

  it('asks once in one piece when the pages expire between', async (test) => {
    const bench = new ReflectorBench(test);
    const { server } = bench;
    for (let index = 0; index < 600; index += 1) server.put(things, `n/${index}`);
    server.faults.push((call) => {
      // Between the pages one object goes and the state of the first page is forgotten.
      if (call.query?.['continue'] !== undefined) {
        server.delete(things, 'n/0');
        server.compact();
      }
      return null;
    });
    const told = await bench.start();
    assert.deepEqual(told.slice(-2), ['removed n/0', 'listed']);
    assert.deepEqual(
      server.calls.map(({ query }) => query),
      [{ limit: '500' }, { limit: '500', continue: '700 500' }, {}],
    );
    assert.equal(bench.known.size, 599);
  });

  it('makes pages smaller when one is too large', async (test) => {
    const bench = new ReflectorBench(test);
    for (let index = 0; index < 100; index += 1) bench.server.put(things, `n/${index}`);
    bench.server.faults.push(({ query }) =>
      Number(query?.['limit']) > 40 ? new ApiTooLargeError('too large') : null,
    );
    assert.equal((await bench.start()).at(-1), 'listed');
    assert.deepEqual(
      bench.server.calls.map(({ query }) => query?.['limit']),
      ['500', '125', '31', '31', '31', '31'],
    );
  });

  it('takes no page twice, and no list without a version', async (test) => {
    const bench = new ReflectorBench(test);
    const answers = [
      success({ items: [], metadata: {} }),
      success({ items: {}, metadata: { resourceVersion: '1' } }),
      success('garbage'),
    ];
    const endless = success({ items: [], metadata: { resourceVersion: '1', continue: 'x' } });
    bench.server.faults.push((_call, isWatch) => (isWatch ? null : (answers.shift() ?? endless)));
    await bench.start();
    await bench.timing.advance(20_000);
    assert.deepEqual(bench.take(), []);
    assert.equal(bench.troubles[0], 'the answer is no list');
    assert.equal(bench.troubles[3], 'the list gives the same page again and again');
  });

  it('resumes from the last frame when a watch ends, without a list', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    bench.server.put(things, 'a');
    await bench.timing.advance(10_000);
    bench.server.endWatches();
    await bench.timing.settle();
    assert.equal(bench.server.watchCalls[1]?.query?.['resourceVersion'], '101');
    bench.server.send(bookmarkOf(777));
    await bench.timing.advance(10_000);
    bench.server.endWatches();
    await bench.timing.settle();
    assert.equal(bench.server.watchCalls[2]?.query?.['resourceVersion'], '777');
    assert.equal(bench.server.calls.length, 1);
  });

  it('takes nothing that is repeated or out of date', async (test) => {
    const bench = new ReflectorBench(test);
    const { server } = bench;
    const first = server.put(things, 'a');
    await bench.start();
    server.send({ type: 'ADDED', object: first });
    assert.deepEqual(bench.take(), []);
    const second = server.put(things, 'a');
    server.send({ type: 'MODIFIED', object: second });
    server.send({ type: 'MODIFIED', object: first });
    assert.deepEqual(bench.take(), ['set a 102']);
    server.delete(things, 'a');
    server.send({ type: 'ADDED', object: first });
    server.send({ type: 'MODIFIED', object: second });
    server.send({ type: 'DELETED', object: second });
    assert.deepEqual(bench.take(), ['removed a']);
    const reborn = server.put(things, 'a');
    server.send({ type: 'DELETED', object: second });
    const late = { ...second, metadata: { ...second.metadata, resourceVersion: '999' } };
    server.send({ type: 'DELETED', object: late });
    assert.deepEqual(bench.take(), ['set a 104']);
    await bench.timing.advance(10_000);
    server.endWatches();
    await bench.timing.settle();
    const resumedAt = server.watchCalls.at(-1)?.query?.['resourceVersion'];
    assert.equal(resumedAt, reborn.metadata.resourceVersion);
  });

  it('overlooks frames of unknown types, and objects without a name', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    for (const object of [
      {},
      [],
      { metadata: null },
      { metadata: { name: 7 } },
      { metadata: { name: '' } },
    ]) {
      bench.server.send({ type: 'ADDED', object });
    }
    bench.server.send({ type: 'NEWTYPE', object: { metadata: { name: 'x', resourceVersion: '5' } } });
    bench.server.send({ type: 'DELETED', object: { metadata: { name: 'never' } } });
    assert.deepEqual(bench.take(), []);
    bench.server.put(things, 'a');
    assert.deepEqual(bench.take(), ['set a 101']);
  });
});

describe('Reflector after trouble', () => {
  it('lists again after 410, as refusal and as frame, and tells only the difference', async (test) => {
    const bench = new ReflectorBench(test);
    const { server, timing } = bench;
    for (const name of ['same', 'changed', 'gone', 'replaced']) server.put(things, name);
    await bench.start();
    server.isPrompt = false;
    server.put(things, 'changed');
    server.delete(things, 'gone');
    server.delete(things, 'replaced');
    server.put(things, 'replaced');
    server.compact();
    await timing.advance(10_000);
    server.endWatches();
    assert.deepEqual(await bench.taken(), ['set changed 105', 'set replaced 108', 'removed gone', 'listed']);
    await timing.advance(10_000);
    server.isPrompt = true;
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    server.send({ type: 'ERROR', object: status });
    assert.deepEqual(await bench.taken(), ['listed']);
    await timing.advance(10_000);
    server.send({ type: 'ERROR', object: { ...status, code: 0, reason: 'Gone' } });
    assert.deepEqual(await bench.taken(), ['listed']);
    assert.equal(bench.reflector.state().relists, 3);
    assert.deepEqual(
      bench.troubles.filter((reason) => reason !== null),
      [],
    );
  });

  it('does not list in a loop while everything expires', async (test) => {
    const bench = new ReflectorBench(test);
    bench.server.faults.push((_call, isWatch) => (isWatch ? refusal(410, 'Expired') : null));
    await bench.start();
    await bench.timing.advance(60_000);
    assert.ok(bench.server.calls.length < 12, `${bench.server.calls.length} lists`);
  });

  it('keeps everything while the server is away, and waits longer and longer, at most 30 s', async (test) => {
    const bench = new ReflectorBench(test, {}, () => 0.5);
    const { server, timing } = bench;
    server.put(things, 'a');
    await bench.start();
    bench.take();
    server.faults.push(() => away);
    server.endWatches(away);
    server.delete(things, 'a');
    server.put(things, 'b');
    timing.asked.length = 0;
    await timing.advance(600_000);
    const delays = timing.asked.filter((timeMs) => timeMs < 100_000);
    assert.deepEqual(delays.slice(0, 7), [1_200, 2_400, 4_800, 9_600, 19_200, 22_500, 22_500]);
    assert.deepEqual(bench.take(), []);
    assert.equal(bench.troubles.at(-1), 'away');
    assert.equal(bench.reflector.state().isStale, true);
    server.faults.length = 0;
    await timing.advance(30_000);
    assert.deepEqual(bench.take(), ['removed a', 'set b 103']);
    assert.equal(bench.reflector.state().isStale, false);
    assert.equal(bench.troubles.at(-1), null);
  });

  it('does not wait less than the server asks for', async (test) => {
    const bench = new ReflectorBench(test);
    bench.server.faults.push(() => refusal(429, 'TooManyRequests', 7_000));
    await bench.start();
    assert.deepEqual(bench.timing.asked, [7_000]);
    bench.server.faults[0] = () => refusal(503, 'ServiceUnavailable', 10_000_000);
    await bench.timing.advance(7_000);
    assert.equal(bench.timing.asked.at(-1), 300_000);
  });

  it('does not ask in a loop where watches end at once', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      bench.server.send(bookmarkOf(1_000 + seconds));
      bench.server.endWatches();
      await bench.timing.advance(1_000);
    }
    assert.ok(bench.server.watchCalls.length < 10, `${bench.server.watchCalls.length} watches`);
  });

  it('does not trust a version from which nothing can be watched', async (test) => {
    const bench = new ReflectorBench(test);
    bench.server.faults.push((_call, isWatch) => (isWatch ? refusal(500, 'InternalError') : null));
    await bench.start();
    await bench.timing.advance(20_000);
    assert.equal(bench.reflector.state().relists, 1);
    assert.deepEqual(bench.take(), ['listed']);
  });

  it('keeps its version when the server is only busy or away', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    const faults = [
      away,
      refusal(503, 'ServiceUnavailable'),
      refusal(429, 'TooManyRequests'),
      refusal(504, 'Timeout'),
    ];
    bench.server.faults.push((_call, isWatch) => (isWatch ? (faults.shift() ?? null) : null));
    bench.server.endWatches(away);
    await bench.timing.advance(120_000);
    assert.equal(faults.length, 0);
    assert.equal(bench.reflector.state().relists, 0);
  });

  it('lists again after a frame that is too large to take', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    bench.server.endWatches(new ApiTooLargeError('a frame of the watch has more than 4 bytes'));
    await bench.timing.advance(2_000);
    assert.deepEqual(bench.take(), ['listed']);
  });

  it('cuts a watch from which nothing came for longer than it should last, and resumes', async (test) => {
    const bench = new ReflectorBench(test);
    await bench.start();
    await bench.timing.advance(200_000);
    bench.server.bookmark();
    await bench.timing.advance(329_000);
    assert.equal(bench.server.watchCalls.length, 1);
    await bench.timing.advance(1_000);
    assert.equal(bench.server.watchCalls.length, 2);
    assert.equal(bench.server.openWatches, 1);
    assert.equal(bench.server.calls.length, 1);
    assert.equal(bench.reflector.state().staleWatches, 1);
  });

  it('tells nothing after it was stopped', async (test) => {
    const bench = new ReflectorBench(test);
    bench.server.put(things, 'a');
    bench.reflector.start();
    await bench.reflector.stop();
    assert.deepEqual(bench.take(), []);
    const other = new ReflectorBench(test);
    await other.start();
    await other.reflector.stop();
    assert.equal(other.server.openWatches, 0);
    await other.timing.advance(1_000_000);
    assert.equal(other.server.watchCalls.length, 1);
  });
});
