// The zone by the node: read once, asked again while the API server is away, and done without a right, a node or a label.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiClient, type ApiReply, ApiUnavailableError } from './api-client.ts';
import { FakeTiming } from './fake-timing.fixture.ts';
import { NodeZone } from './node-zone.ts';

const gone = new ApiUnavailableError('away');

function reply(status: number, value: unknown = {}): ApiReply {
  return { status, value, retryAfterMs: null };
}

function nodeWith(labels: unknown): ApiReply {
  return reply(200, { metadata: { name: 'n1', labels } });
}

/** What comes of these answers, one after the other. */
async function read(answers: readonly (ApiReply | Error)[]) {
  const paths: string[] = [];
  const zones: string[] = [];
  const lines: string[] = [];
  const timing = new FakeTiming();
  const client: ApiClient = {
    call: async ({ path }) => {
      const answer = answers[paths.length];
      paths.push(path);
      if (answer === undefined) assert.fail('asked once too often');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    watch: async () => assert.fail('no watch is wanted'),
  };
  const log = {
    info: (fields: object, message: string) => lines.push(`${message} ${JSON.stringify(fields)}`),
  };
  const zone = new NodeZone({ client, node: 'n1', log, timing, onZone: (found) => zones.push(found) });
  zone.start();
  while (paths.length < answers.length) await timing.advance(30_000);
  await timing.settle();
  return { zone, paths, zones, lines, timing };
}

test('the label of the node, asked for once', async () => {
  const { paths, zones, lines } = await read([
    nodeWith({ 'topology.kubernetes.io/zone': 'eu-1a', other: 'x' }),
  ]);
  assert.deepEqual(paths, ['/api/v1/nodes/n1']);
  assert.deepEqual(zones, ['eu-1a']);
  assert.deepEqual(lines, ['runs in the zone of its node {"node":"n1","zone":"eu-1a"}']);
});

test('without the right, the node or the label it says so once and is done', async () => {
  const told = 'cannot tell the zone by the node, --zone or NODE_ZONE would';
  const label = 'it has no label topology.kubernetes.io/zone';
  const cases: readonly (readonly [ApiReply, string])[] = [
    [reply(403), 'status 403'],
    [reply(404), 'status 404'],
    [nodeWith({}), label],
    [nodeWith(undefined), label],
    [nodeWith({ 'topology.kubernetes.io/zone': '' }), label],
    [nodeWith({ 'topology.kubernetes.io/zone': 7 }), label],
    [reply(200, null), label],
    [
      reply(200, JSON.parse('{"metadata":{"labels":{"__proto__":{"topology.kubernetes.io/zone":"x"}}}}')),
      label,
    ],
  ];
  for (const [answer, reason] of cases) {
    const { zones, lines, timing } = await read([answer]);
    assert.deepEqual(zones, []);
    assert.deepEqual(lines, [`${told} {"node":"n1","reason":"${reason}"}`]);
    assert.deepEqual(timing.asked, []);
  }
});

test('while the API server is away, or cannot answer, it is asked again, later each time', async () => {
  const answers = [
    gone,
    reply(503),
    reply(401),
    reply(429),
    nodeWith({ 'topology.kubernetes.io/zone': 'a' }),
  ];
  const { zones, lines, timing } = await read(answers);
  assert.deepEqual(zones, ['a']);
  assert.equal(lines.length, 1);
  assert.equal(timing.asked.length, 4);
  assert.deepEqual(
    timing.asked,
    timing.asked.toSorted((a, b) => a - b),
  );
});

test('stopping ends the waiting', async () => {
  const { zone, zones, lines } = await read([gone]);
  await zone.stop();
  assert.deepEqual([zones, lines], [[], []]);
});
