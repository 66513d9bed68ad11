// What all compared proxies have in common: started with the same two listeners, the same backend and the same certificate.
import type { Program } from './processes.ts';

/** What stands behind the proxies: the same for all requests, but gRPC and WebSocket need other words in front of it. */
export type Application = 'http' | 'grpc' | 'websocket';

/** What a measure asks of the proxies that it compares. */
export interface Service {
  readonly application: Application;
  /** HTTP/2 on both listeners; nginx speaks nothing else on the plain one then. */
  readonly offersHttp2: boolean;
  readonly tlsVersions: 'only 1.3' | '1.2 and 1.3';
}

export interface VariantContext {
  /** Its own, empty. Configuration, logs, sockets. */
  readonly folder: string;
  readonly core: number;
  readonly backendPort: number;
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly service: Service;
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
}

/** wrk sends the URL's host as SNI, so the TLS host must be a name that resolves to this machine. */
export const hosts = { plain: 'web.bench.example', tls: 'localhost' } as const;

/** The same for all proxies, or they would not do the same work: idle connections kept to the backend. */
export const upstreamKeepAlive = 320;

/** HTTP/2 of all proxies: h2load does not come back after a connection that has carried as many. */
export const http2RequestsPerConnection = 100_000_000;
