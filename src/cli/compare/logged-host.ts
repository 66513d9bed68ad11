// LoggedHosts: hosts for the lines that name none, as those of ingress-nginx's default format: they say which Service port had the request
// (`NAMESPACE-SERVICE-PORT`), and the old table says on which hosts the path leads there.
import type { RouteTable, VirtualHost } from '../../model/index.ts';
import { canonicalPath } from '../../wire/http1/path.ts';
import type { TableSide } from './table-side.ts';

/** Hosts that are tried for one line, and that count. */
const maxTried = 64;
const maxHosts = 8;

/** A name that a wildcard stands for. */
const anyLabel = 'any-name';

const noHosts: readonly string[] = [];

export class LoggedHosts {
  readonly #side: TableSide;
  readonly #byUpstream: ReadonlyMap<string, readonly string[]>;
  /** Filled again for each line. */
  readonly #found: string[] = [];

  constructor(side: TableSide) {
    this.#side = side;
    this.#byUpstream = hostsByUpstream(side.table);
  }

  /** To be read before the next call. Empty: the line cannot be placed. */
  find(upstreamName: string, rawPath: string): readonly string[] {
    const hosts = this.#byUpstream.get(upstreamName);
    if (hosts === undefined) return noHosts;
    const read = canonicalPath(rawPath);
    if ('reason' in read) return noHosts;
    const found = this.#found;
    found.length = 0;
    for (const host of hosts) {
      const { upstreamName: name } = this.#side.match(this.#side.hostOf(host), read.path);
      if (name === upstreamName) found.push(host);
      if (found.length === maxHosts) break;
    }
    return found;
  }
}

function hostsByUpstream(table: RouteTable): ReadonlyMap<string, readonly string[]> {
  const byUpstream = new Map<string, string[]>();
  for (const virtualHost of table.hosts.values()) {
    for (const name of upstreamNames(virtualHost)) {
      const hosts = byUpstream.get(name) ?? [];
      if (hosts.length < maxTried) hosts.push(virtualHost.host.replace('*', anyLabel));
      byUpstream.set(name, hosts);
    }
  }
  return byUpstream;
}

function upstreamNames({ routes, groups = [], fallback }: VirtualHost): ReadonlySet<string> {
  const all = [
    ...routes,
    ...groups.flatMap((group) => group.routes),
    ...(fallback === null ? [] : [fallback]),
  ];
  return new Set(
    all.flatMap(({ labels: { namespace, service, servicePort } }) =>
      service === '' ? [] : [`${namespace}-${service}-${servicePort}`],
    ),
  );
}
