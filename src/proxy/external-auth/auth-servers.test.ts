// AuthServers: how many servers a worker knows, and who may fill the room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthServer } from '../../model/index.ts';
import { Deadlines } from '../deadlines.ts';
import type { EndpointSet } from '../endpoint-set.ts';
import type { UpstreamPool } from '../upstream-pool.ts';
import { AuthServers } from './auth-servers.ts';

const server: AuthServer = {
  scheme: 'http',
  host: null,
  port: 80,
  service: null,
  verifies: true,
  allowsLoopback: false,
};

function makeServers(): { readonly servers: AuthServers; readonly sets: Map<string, EndpointSet> } {
  const sets = new Map<string, EndpointSet>();
  // The members that are used here; the whole of a pool needs a worker.
  const pool = {
    lookupSet: (id: string) => sets.get(id),
    setUpstream: ({ id }: { readonly id: string }) => {
      const set = { id } as EndpointSet;
      sets.set(id, set);
      return set;
    },
    removeUpstream: (id: string) => sets.delete(id),
  } as unknown as UpstreamPool;
  return { servers: new AuthServers(pool, new Deadlines(), 'auth'), sets };
}

test('hosts that clients choose leave room for the servers that the table names', () => {
  const { servers, sets } = makeServers();
  let chosen = 0;
  while (servers.join(server, `h${chosen}.evil.test`) !== null) chosen += 1;
  assert.ok(chosen > 0);
  assert.equal(servers.size, chosen, 'all of them are being asked');
  const named = servers.join({ ...server, host: 'auth.test' }, 'a.test');
  assert.notEqual(named, null);
  assert.equal(sets.size, chosen + 1);
  assert.equal(servers.join(server, 'one-more.evil.test'), null);
});

test('a server that the table names is not given up for one that a client chooses', () => {
  const { servers, sets } = makeServers();
  const named = servers.join({ ...server, host: 'auth.test' }, 'a.test');
  assert.ok(named);
  servers.leave(named);
  const known = new Set(sets.keys());
  let chosen = 0;
  while (servers.join(server, `h${chosen}.evil.test`) !== null) chosen += 1;
  for (const id of known) assert.ok(sets.has(id), id);
});

test('one that a client chose and that nobody waits for makes room for another', () => {
  const { servers } = makeServers();
  const first = servers.join(server, 'first.evil.test');
  assert.ok(first);
  let chosen = 1;
  while (servers.join(server, `h${chosen}.evil.test`) !== null) chosen += 1;
  servers.leave(first);
  assert.notEqual(servers.join(server, 'next.evil.test'), null);
  assert.equal(servers.size, chosen);
});
