// The choice of an endpoint, as the proxy makes it for each request: ten endpoints, nothing tried.
import { HashBalancer } from '../../src/proxy/balancing/hash-balancer.ts';
import { renderRequestKey } from '../../src/proxy/balancing/request-key.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { Deadlines } from '../../src/proxy/deadlines.ts';
import { EndpointSet } from '../../src/proxy/endpoint-set.ts';
import { hashText } from '../../src/std/murmur-hash.ts';
import type { MicroCase } from './measure.ts';

const group = 'choose';

const surroundings = {
  settings: { maxFailures: 5, ejectMs: 10_000, maxEjectMs: 300_000, maxEjectedPercent: 50, panicPercent: 25 },
  retries: { budgetPercent: 20, minConcurrent: 3 },
  probes: null,
  deadlines: new Deadlines(),
  logger: createLogger({ level: 'error', format: 'text' }),
  counters: { ejections: 0, ejected: 0 },
  random: Math.random,
};

function makeSet(lastWeight: number): EndpointSet {
  const endpoints = Array.from({ length: 10 }, (_, at) => ({
    address: `10.0.0.${at + 1}`,
    port: 8080,
    ready: true,
    weight: at === 9 ? lastWeight : 1,
  }));
  const target = { kind: 'endpoints', endpoints } as const;
  const upstream = { id: 'shop/web:80', namespace: 'shop', service: 'web', port: '80', target };
  const set = new EndpointSet(upstream, surroundings);
  set.setEndpoints(endpoints);
  return set;
}

export function balancingCases(): MicroCase[] {
  const even = makeSet(1);
  const weighted = makeSet(3);
  const least = even.ensureBalancer('least-request');
  const ewma = even.ensureBalancer('ewma');
  const hash = new HashBalancer(even, even.ring, Math.random, { subsetSize: 1, maxLoadPercent: 0 });
  const request = {
    method: 'GET',
    host: 'shop.example.com',
    path: '/products/shoes/1234',
    query: '?size=42',
    scheme: 'https',
    clientAddress: '192.0.2.7',
    head: { fields: '' },
    field: () => '',
  };
  const key = [{ kind: 'request-uri' }] as const;
  for (const endpoint of even.eligible) ewma.observe?.(endpoint, 5, 0);
  return [
    { group, name: 'round robin', run: () => even.select(null, 1)?.port ?? 0 },
    { group, name: 'round robin, weighted', run: () => weighted.select(null, 1)?.port ?? 0 },
    { group, name: 'least request', run: () => least.select(0, null, 1)?.port ?? 0 },
    { group, name: 'peak EWMA', run: () => ewma.select(0, null, 1)?.port ?? 0 },
    {
      group,
      name: 'hash by request URI',
      run: () => hash.select(hashText(renderRequestKey(key, request)), null)?.port ?? 0,
    },
  ];
}
