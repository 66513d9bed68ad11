// Reflector of an optional resource, which may be refused (403) or not served (404) without anything being wrong.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusal } from './fake-api-server.fixture.ts';
import { ReflectorBench, things } from './reflector-bench.fixture.ts';

const definitions = '/apis/sallyport.dev/v1alpha1/sallyportparameters';

describe('Reflector of an optional resource', () => {
  it('takes 404 for absence, looks again, and finds it when it is served', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true, path: definitions });
    assert.deepEqual(await bench.start(), ['refused 404']);
    assert.equal(bench.reflector.state().isStale, false);
    await bench.timing.advance(50_000);
    assert.ok(bench.take().every((line) => line === 'refused 404'));
    bench.server.serve(definitions);
    bench.server.put(definitions, 'a');
    await bench.timing.advance(80_000);
    assert.deepEqual(bench.take(), ['set a 101', 'listed']);
  });

  it('asks soon at first, then rarely', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true, path: definitions }, () => 0.5);
    await bench.start();
    await bench.timing.advance(300_000);
    assert.deepEqual(bench.timing.asked.slice(0, 7), [1_200, 2_400, 4_800, 9_600, 19_200, 60_000, 60_000]);
  });

  it('asks at once when it is told that the resource may be there now', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true, path: definitions });
    await bench.start();
    await bench.timing.advance(300_000);
    bench.take();
    bench.server.serve(definitions);
    bench.reflector.poke();
    assert.deepEqual(await bench.taken(), ['listed']);
    const asked = bench.server.calls.length;
    bench.reflector.poke();
    await bench.timing.settle();
    assert.equal(bench.server.calls.length, asked, 'what is read already is not asked for');
  });

  it('believes that what it holds is no longer served when it was told so for a while', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true });
    bench.server.put(things, 'a');
    await bench.start();
    bench.server.faults.push(() => refusal(404, 'NotFound'));
    bench.server.endWatches();
    await bench.timing.advance(30_000);
    assert.deepEqual(
      bench.take(),
      Array.from({ length: 5 }, () => 'refused 404'),
    );
    await bench.timing.advance(15_000);
    assert.deepEqual(bench.take(), ['removed a', 'refused 404']);
  });

  it('takes no notice of a 403 that passes, as when a server starts', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true });
    let refusals = 1;
    bench.server.faults.push(() => ((refusals -= 1) >= 0 ? refusal(403, 'Forbidden') : null));
    assert.deepEqual(await bench.start(), []);
    await bench.timing.advance(1_000);
    assert.deepEqual(bench.take(), ['listed']);
    await bench.timing.advance(10_000);
    refusals = 1;
    bench.server.endWatches();
    await bench.timing.advance(1_000);
    assert.deepEqual(bench.take(), ['listed']);
  });

  it('keeps what it holds when it may read it no longer', async (test) => {
    const bench = new ReflectorBench(test, { isOptional: true });
    bench.server.put(things, 'a');
    await bench.start();
    bench.server.faults.push(() => refusal(403, 'Forbidden'));
    bench.server.endWatches();
    await bench.timing.advance(600_000);
    const told = bench.take();
    assert.ok(told.length > 1 && told.every((line) => line === 'refused 403'));
    bench.server.faults.length = 0;
    bench.server.put(things, 'b');
    await bench.timing.advance(80_000);
    assert.deepEqual(bench.take(), ['set b 102', 'listed']);
  });
});

describe('Reflector after a long absence of the server', () => {
  it('lists at once when the version that it has is forgotten', async (test) => {
    const bench = new ReflectorBench(test, {}, () => 0.5);
    const { server, timing } = bench;
    await bench.start();
    server.faults.push(() => refusal(503, 'ServiceUnavailable'));
    server.endWatches();
    await timing.advance(300_000);
    server.put(things, 'a');
    server.compact();
    server.faults.length = 0;
    bench.take();
    timing.asked.length = 0;
    // The wait that is under way when the server comes back, of 22.5 s at most, and no second one.
    await timing.advance(23_000);
    assert.deepEqual(bench.take(), ['set a 101', 'listed']);
    assert.ok(
      timing.asked.every((timeMs) => timeMs >= 300_000),
      'only watches are waited for',
    );
  });
});
