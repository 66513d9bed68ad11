// Who is woken when an endpoint has room again, and how long a request waits that is woken in vain.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultUpstreamSettings } from '../model/index.ts';
import { Deadlines } from './deadlines.ts';
import { EndpointQueue, type WaitingPlace } from './endpoint-queue.ts';
import { LiveEndpoint } from './live-endpoint.ts';

/** Requests that were tried at some endpoints and take one request's room of another. */
function makeQueue(maxActive: number) {
  const endpoints = [new LiveEndpoint('10.0.0.1', 80), new LiveEndpoint('10.0.0.2', 80)];
  const [first, second] = endpoints;
  assert.ok(first && second);
  const deadlines = new Deadlines();
  deadlines.sweep(0);
  const queue = new EndpointQueue({ eligible: endpoints }, deadlines);
  queue.configure({ ...defaultUpstreamSettings, maxActive, maxWaitMs: 5_000 });
  const log: string[] = [];
  const wait = (name: string, tried: LiveEndpoint | null): void => {
    let place: WaitingPlace | null = null;
    const waiter = {
      onEndpointFree: () => {
        const avoided = queue.avoided(tried === null ? null : [tried]) ?? [];
        const free = endpoints.find((endpoint) => !avoided.includes(endpoint));
        if (free === undefined) {
          place = queue.join(waiter, place);
          return;
        }
        free.active += 1;
        log.push(`${name} at ${free.address}`);
      },
      onWaitedTooLong: () => log.push(`${name} waited too long`),
      onUpstreamBug: () => log.push(`${name} bug`),
    };
    place = queue.join(waiter, null);
  };
  return { first, second, deadlines, queue, log, wait };
}

describe('EndpointQueue', () => {
  it('goes on to the next one when the room is of no use to who came first', () => {
    const { first, second, queue, log, wait } = makeQueue(1);
    first.active = 1;
    second.active = 1;
    wait('picky', first);
    wait('any', null);
    first.active = 0;
    queue.wake();
    assert.deepEqual(log, ['any at 10.0.0.1']);
    assert.equal(queue.size, 1);
    second.active = 0;
    queue.wake();
    assert.deepEqual(log, ['any at 10.0.0.1', 'picky at 10.0.0.2']);
  });

  it('wakes nobody while there is no room, and as many as there is room for', () => {
    const { first, second, queue, log, wait } = makeQueue(2);
    first.active = 3;
    second.active = 2;
    for (const name of ['a', 'b', 'c', 'd']) wait(name, null);
    first.active = 2;
    queue.wake();
    assert.deepEqual(log, []);
    first.active = 0;
    second.active = 1;
    queue.wake();
    assert.deepEqual(log, ['a at 10.0.0.1', 'b at 10.0.0.1', 'c at 10.0.0.2']);
    assert.equal(queue.size, 1);
  });

  it('counts the time of a request from when it came, however often it is woken in vain', () => {
    const { first, second, deadlines, queue, log, wait } = makeQueue(1);
    first.active = 1;
    second.active = 1;
    wait('patient', null);
    for (let nowMs = 1_000; nowMs < 5_000; nowMs += 1_000) {
      deadlines.sweep(nowMs);
      queue.wakeAll();
    }
    assert.deepEqual(log, []);
    deadlines.sweep(5_500);
    assert.deepEqual(log, ['patient waited too long']);
    assert.equal(queue.size, 0);
  });
});
