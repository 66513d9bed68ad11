import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RouteTable, TablePatch, Upstream } from '../model/index.ts';
import { emptyTable } from '../model/index.ts';
import { applyPatch, fullPatch } from './apply-patch.ts';
import { diffTables, isEmptyDiff } from './diff.ts';
import { sampleCertificate, sampleHost, sampleRoute, sampleTable } from './sample-table.fixture.ts';

const none = { set: [], removed: [] };

const upstream: Upstream = {
  id: 'shop/web:80',
  namespace: 'shop',
  service: 'web',
  port: '80',
  target: { kind: 'endpoints', endpoints: [{ address: '10.0.0.1', port: 80, ready: true }] },
};

const table: RouteTable = sampleTable(
  [sampleHost('a.com', [sampleRoute('r', 'prefix', '/')]), sampleHost('b.com', [])],
  {
    version: 7,
    upstreams: new Map([[upstream.id, upstream]]),
    certificates: new Map([['x/y', sampleCertificate('x/y', ['a.com'])]]),
    defaultCertificate: 'x/y',
  },
);

function patchOf(rest: Partial<TablePatch>): TablePatch {
  return { version: 8, hosts: none, upstreams: none, certificates: none, ...rest };
}

describe('applyPatch', () => {
  it('makes the table from the empty one and its full patch', () => {
    const copy = applyPatch(emptyTable, fullPatch(table));
    assert.equal(isEmptyDiff(diffTables(copy, table)), true);
    assert.equal(copy.version, table.version);
    assert.deepEqual([...copy.hosts], [...table.hosts]);
  });

  it('shares the maps that the patch does not touch', () => {
    const next = applyPatch(table, patchOf({ hosts: { set: [sampleHost('c.com', [])], removed: [] } }));
    assert.equal(next.upstreams, table.upstreams);
    assert.equal(next.certificates, table.certificates);
    assert.equal(next.hosts.get('a.com'), table.hosts.get('a.com'));
    assert.equal(next.version, 8);
  });

  it('adds, replaces and removes units, and leaves its argument alone', () => {
    const changed = sampleHost('b.com', [sampleRoute('n', 'exact', '/')]);
    const next = applyPatch(
      table,
      patchOf({ hosts: { set: [changed, sampleHost('c.com', [])], removed: ['a.com'] } }),
    );
    assert.deepEqual(
      [...next.hosts.keys()].toSorted((a, b) => a.localeCompare(b)),
      ['b.com', 'c.com'],
    );
    assert.equal(next.hosts.get('b.com'), changed);
    assert.equal(next.hosts.get('a.com'), undefined);
    assert.equal(next.hosts.has('a.com'), false);
    assert.equal(next.hosts.size, 2);
    assert.deepEqual([...table.hosts.keys()], ['a.com', 'b.com']);
  });

  it('sets a unit that is removed and set', () => {
    const next = applyPatch(
      table,
      patchOf({ hosts: { set: [sampleHost('a.com', [])], removed: ['a.com'] } }),
    );
    assert.deepEqual(next.hosts.get('a.com')?.routes, []);
  });

  it('changes fallback and default certificate only when the patch names them', () => {
    const kept = applyPatch(table, patchOf({}));
    assert.equal(kept.fallback, table.fallback);
    assert.equal(kept.defaultCertificate, 'x/y');
    const fallback = sampleRoute('d', 'prefix', '/');
    const next = applyPatch(table, patchOf({ fallback, defaultCertificate: null }));
    assert.equal(next.fallback, fallback);
    assert.equal(next.defaultCertificate, null);
  });

  it('holds through a long chain of patches', () => {
    let next = emptyTable;
    const expected = new Map<string, string>();
    for (let step = 0; step < 300; step += 1) {
      const host = `${step % 17}.com`;
      const removed = `${(step * 5) % 17}.com`;
      expected.delete(removed);
      expected.set(host, String(step));
      const set = [sampleHost(host, [sampleRoute(String(step), 'prefix', '/')])];
      next = applyPatch(next, patchOf({ version: step, hosts: { set, removed: [removed] } }));
    }
    const found = new Map([...next.hosts].map(([host, unit]) => [host, unit.routes[0]?.id]));
    assert.deepEqual(found, expected);
    assert.equal(next.hosts.size, expected.size);
  });
});

describe('emptyTable', () => {
  it('answers everything with 404', () => {
    assert.deepEqual(emptyTable.fallback.backend.kind, 'status');
    assert.equal(emptyTable.version, 0);
    assert.equal(emptyTable.hosts.size, 0);
  });
});
