// AuthCore: what questions to authentication servers need of their worker.
import type { RouteTable } from '../../model/index.ts';
import type { ResponseHeadParser } from '../../wire/http1/response-head.ts';
import type { Deadlines } from '../deadlines.ts';
import type { Transports } from '../transport/transports.ts';
import type { UpstreamPool } from '../upstream-pool.ts';
import type { AuthServers } from './auth-servers.ts';

export interface AuthCore {
  readonly pool: UpstreamPool;
  readonly transports: Transports;
  readonly deadlines: Deadlines;
  readonly responseParser: ResponseHeadParser;
  readonly servers: AuthServers;
  /** The one of the moment. */
  readonly table: () => RouteTable;
  readonly reportBug: (error: unknown) => void;
}
