// Somebody else writes other addresses into the status of our Ingresses, such as a second controller with the same class.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedAddresses } from './address-source.ts';
import { World, writerOf } from './status-world.fixture.ts';

const own = '203.0.113.1';

test('StatusWriter: an answer to each foreign write has an end, and begins anew with the next look', async () => {
  const world = new World();
  const timers: (() => void)[] = [];
  let addresses = [own];
  const writer = writerOf(
    world,
    fixedAddresses(() => addresses),
    timers,
  );
  const contest = async (rounds: number): Promise<number> => {
    const before = world.writes.length;
    for (let round = 0; round < rounds; round += 1) {
      world.put('a', { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } });
      writer.onStep(world.sync());
      await writer.idle();
    }
    return world.writes.length - before;
  };
  world.put('a');
  world.put('b');
  writer.start();
  writer.onStep(world.sync());
  await writer.idle();
  assert.deepEqual([...world.ips('a'), ...world.ips('b')], [own, own]);
  const answers = await contest(50);
  assert.ok(answers >= 1 && answers <= 5, `${answers} answers`);
  assert.deepEqual(world.ips('a'), ['198.51.100.9']);
  world.put('b', { loadBalancer: { ingress: [] } });
  writer.onStep(world.sync());
  await writer.idle();
  assert.deepEqual(world.ips('b'), [own], 'others are put right as ever');
  for (const run of timers.splice(0)) run();
  // The look asks for the addresses first.
  await new Promise(setImmediate);
  await writer.idle();
  assert.deepEqual(world.ips('a'), [own], 'the next look puts it right');
  await contest(50);
  addresses = ['203.0.113.2'];
  world.put('a', { loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } });
  writer.onStep(world.sync());
  await writer.idle();
  assert.deepEqual(world.ips('a'), ['203.0.113.2'], 'what is new is written at once');
});
