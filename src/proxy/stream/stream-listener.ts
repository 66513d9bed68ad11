// What the listening ports of TCP and UDP services have in common.
import type { StreamRoute } from '../../model/index.ts';

export interface StreamListener {
  /** The present route of the port. */
  route: StreamRoute;
  /** Binds; resolves to the port, rejects with the system's error. Once. */
  listen(): Promise<number>;
  /** Also before, and while, it binds. */
  close(): void;
}
