// Mirrors: a server that gets a copy of each request of a route, and whose answer nobody sees. Plain readonly data, made by
// features/mirror and carried out in proxy/mirror.
import type { AuthServer, AuthTemplate } from './external-auth.ts';

export interface Mirror {
  readonly server: AuthServer;
  /** Path and query. */
  readonly target: AuthTemplate;
  /** The Host of the copy. */
  readonly host: AuthTemplate;
  /** Whether the copy has the body. */
  readonly copiesBody: boolean;
}
