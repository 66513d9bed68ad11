// What all compared proxies have in common: started with the same two listeners, the same backend and the same certificate.
import type { Program } from './processes.ts';

export interface VariantContext {
  /** Its own, empty. Configuration, logs, sockets. */
  readonly folder: string;
  readonly core: number;
  readonly backendPort: number;
  readonly certificatePath: string;
  readonly keyPath: string;
}

export interface RunningProxy {
  readonly program: Program;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** Rejects when it does not come up. Host names that must be served: see `hosts`. */
export type StartVariant = (context: VariantContext) => Promise<RunningProxy>;

export interface Variant {
  readonly name: string;
  readonly start: StartVariant;
  /** Measured with large bodies only. */
  readonly isForLargeBodies?: boolean;
}

/** wrk sends the URL's host as SNI, so the TLS host must be a name that resolves to this machine. */
export const hosts = { plain: 'web.bench.example', tls: 'localhost' } as const;

/** The same for all proxies, or they would not do the same work: idle connections kept to the backend. */
export const upstreamKeepAlive = 320;
