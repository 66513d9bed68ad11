// Builders of small tables for the tests of this folder and of test/property: everything not named has a plain value.
import {
  emptyTable,
  type Backend,
  type Certificate,
  type PathMatchKind,
  type Route,
  type RouteTable,
  type VirtualHost,
} from '../model/index.ts';

/** A route by kind and path; `to` is an upstream's id, or a status that the proxy answers itself. */
export function sampleRoute(
  id: string,
  kind: PathMatchKind,
  path: string,
  to: string | number = 'shop/web:80',
): Route {
  const backend: Backend =
    typeof to === 'number'
      ? { kind: 'status', status: to, reason: 'sample' }
      : { kind: 'upstream', upstream: to };
  return {
    id,
    match: { kind, path },
    backend,
    labels: { namespace: '', ingress: '', service: '', servicePort: '', path },
    policies: {},
  };
}

export function sampleHost(
  host: string,
  routes: readonly Route[],
  rest: Partial<VirtualHost> = {},
): VirtualHost {
  return { host, routes, fallback: null, tls: null, ...rest };
}

export function sampleCertificate(id: Certificate['id'], names: readonly string[]): Certificate {
  return {
    id,
    chainPem: 'CHAIN',
    keyPem: 'SECRET KEY',
    names,
    fingerprint: '0123456789abcdef'.repeat(4),
    notAfterMs: 4_000_000_000_000,
  };
}

export function sampleTable(hosts: readonly VirtualHost[], rest: Partial<RouteTable> = {}): RouteTable {
  return { ...emptyTable, version: 1, hosts: new Map(hosts.map((host) => [host.host, host])), ...rest };
}
