// Ingresses whose backends are missing, under the name and labels of ingress-nginx. Only those that are orphans now have a series, and
// at most so many: an alert on the value 1 finds the same as with a series for each Ingress.
import type { Route, RouteTable } from '../model/index.ts';
import type { MetricFamilySnapshot } from '../observe/metrics-snapshot.ts';
import { type Cells, gauge } from './metric-families.ts';

const maxOrphans = 1_000;

export function orphanFamily(table: RouteTable | null): MetricFamilySnapshot {
  const cells = new Map<string, Cells[number]>();
  for (const route of table === null ? [] : routesOf(table)) {
    const type = table === null ? null : orphanType(table, route);
    const { namespace, ingress } = route.labels;
    if (type === null || ingress === '') continue;
    cells.set(`${namespace}/${ingress}/${type}`, [[namespace, ingress, type], 1]);
    if (cells.size >= maxOrphans) break;
  }
  return gauge(
    'nginx_ingress_controller_orphan_ingress',
    'Ingresses with a Service that is not there or has no endpoint.',
    ['namespace', 'ingress', 'type'],
    [...cells.values()],
  );
}

function* routesOf(table: RouteTable): Generator<Route> {
  for (const { routes, fallback } of table.hosts.values()) {
    yield* routes;
    if (fallback !== null) yield fallback;
  }
}

/** Null: its backend is there. */
function orphanType(table: RouteTable, { backend }: Route): 'no-service' | 'no-endpoint' | null {
  if (backend.kind !== 'upstream') return null;
  const target = table.upstreams.get(backend.upstream)?.target;
  if (target === undefined || target.kind === 'unavailable') return 'no-service';
  return target.kind === 'endpoints' && target.endpoints.length === 0 ? 'no-endpoint' : null;
}
