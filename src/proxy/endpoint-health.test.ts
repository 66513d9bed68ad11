// Ejection and return of endpoints, with a clock that the test moves.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Logger } from '../observe/logger.ts';
import { Deadlines } from './deadlines.ts';
import { EndpointHealth } from './endpoint-health.ts';
import { LiveEndpoint } from './endpoint-set.ts';

function makeWorld(part: object = {}) {
  const lines: string[] = [];
  const log = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const logger: Logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: () => logger,
  };
  const counters = { ejections: 0, ejected: 0 };
  const settings = {
    maxFailures: 3,
    ejectMs: 10_000,
    maxEjectMs: 30_000,
    maxEjectedPercent: 50,
    panicPercent: 25,
    ...part,
  };
  let changes = 0;
  const deadlines = new Deadlines();
  const surroundings = { settings, deadlines, logger, counters, random: () => 0 };
  const health = new EndpointHealth('shop-web-80', surroundings, () => {
    changes += 1;
  });
  const endpoints = Array.from({ length: 4 }, (_, at) => new LiveEndpoint(`10.0.0.${at}`, 80));
  const fail = (at: number, times: number, nowMs: number) => {
    const endpoint = endpoints[at];
    assert.ok(endpoint);
    for (let i = 0; i < times; i += 1) health.fail(endpoint, 'connect-refused', endpoints.length, nowMs);
  };
  const succeed = (at: number, nowMs: number) => {
    const endpoint = endpoints[at];
    if (endpoint && endpoint.record !== null) health.succeed(endpoint, endpoint.record, nowMs);
  };
  const ejected = () => endpoints.flatMap(({ record }, at) => (record?.isEjected === true ? [at] : []));
  return { lines, counters, deadlines, health, endpoints, fail, succeed, ejected, changes: () => changes };
}

describe('endpoint health', () => {
  it('ejects after failures in a row, and a success in between begins anew', () => {
    const { fail, succeed, ejected, changes } = makeWorld();
    fail(0, 2, 0);
    succeed(0, 1);
    fail(0, 2, 2);
    assert.deepEqual(ejected(), []);
    assert.equal(changes(), 0);
    fail(0, 1, 3);
    assert.deepEqual(ejected(), [0]);
    assert.equal(changes(), 1);
  });

  it('returns by itself, on probation, and stays away longer each time up to a bound', () => {
    const { fail, ejected, deadlines } = makeWorld();
    fail(0, 3, 0);
    deadlines.sweep(9_999);
    assert.deepEqual(ejected(), [0]);
    deadlines.sweep(10_000);
    assert.deepEqual(ejected(), []);
    for (const [nowMs, backMs] of [
      [10_001, 30_001],
      [30_001, 60_001],
      [60_001, 90_001],
    ] as const) {
      fail(0, 1, nowMs);
      deadlines.sweep(backMs - 1);
      assert.deepEqual(ejected(), [0], `${backMs}`);
      deadlines.sweep(backMs);
      assert.deepEqual(ejected(), [], `${backMs}`);
    }
  });

  it('forgives an endpoint that has served for as long as it was out', () => {
    const { fail, succeed, endpoints, deadlines } = makeWorld();
    fail(0, 3, 0);
    deadlines.sweep(10_000);
    succeed(0, 11_000);
    assert.notEqual(endpoints[0]?.record, null);
    succeed(0, 20_000);
    assert.equal(endpoints[0]?.record, null);
  });

  it('ejects no more than the share that may be', () => {
    const { fail, ejected, deadlines } = makeWorld();
    for (const at of [0, 1, 2, 3]) fail(at, 10, 0);
    assert.deepEqual(ejected(), [0, 1]);
    deadlines.sweep(10_000);
    fail(3, 1, 10_001);
    assert.deepEqual(ejected(), [3]);
    const alone = makeWorld();
    const [only] = alone.endpoints;
    assert.ok(only);
    for (let i = 0; i < 10; i += 1) alone.health.fail(only, 'connect-refused', 1, 0);
    assert.deepEqual(alone.ejected(), []);
  });

  it('is off with 0, and heeds only what blames the endpoint', () => {
    const off = makeWorld({ maxFailures: 0 });
    off.fail(0, 100, 0);
    assert.deepEqual(off.ejected(), []);
    const { health, endpoints, ejected } = makeWorld();
    const [first] = endpoints;
    assert.ok(first);
    for (const kind of ['overload', 'downstream-closed', 'internal', 'upgrade-unexpected'] as const)
      for (let i = 0; i < 10; i += 1) health.fail(first, kind, 4, 0);
    assert.deepEqual(ejected(), []);
    assert.equal(first.record, null);
  });

  it('logs each ejection and return once, and no failure', () => {
    const { fail, deadlines, lines, counters } = makeWorld();
    fail(0, 30, 0);
    deadlines.sweep(10_000);
    deadlines.sweep(20_000);
    assert.deepEqual(lines, [
      'warn endpoint ejected {"upstream":"shop-web-80","endpoint":"10.0.0.0:80","reason":"connect-refused","failures":3,"forMs":10000}',
      'info endpoint returned {"upstream":"shop-web-80","endpoint":"10.0.0.0:80"}',
    ]);
    assert.deepEqual(counters, { ejections: 1, ejected: 0 });
  });

  it('keeps nothing of an endpoint that is gone', () => {
    const { fail, health, endpoints, deadlines, counters } = makeWorld();
    fail(0, 3, 0);
    assert.equal(deadlines.size, 1);
    const [first] = endpoints;
    assert.ok(first);
    first.remove();
    health.forget(first);
    assert.equal(deadlines.size, 0);
    assert.equal(counters.ejected, 0);
    fail(0, 3, 1);
    assert.equal(counters.ejected, 0);
  });
});
