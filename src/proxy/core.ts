// ProxyCore: what all connections of a worker share. Built once in worker.ts (or by a test), read everywhere in proxy/.
import type {
  ProxyProtocolSettings,
  ProxySettings,
  TracingSettings,
  TrafficSettings,
} from '../model/index.ts';
import type { Logger } from '../observe/logger.ts';
import type { RequestHeadParser } from '../wire/http1/request-head.ts';
import type { ResponseHeadParser } from '../wire/http1/response-head.ts';
import type { BlockTest } from './block-lists.ts';
import type { Compression } from './compression/choose-coding.ts';
import type { Deadlines } from './deadlines.ts';
import type { ForwardedTrust } from './forwarded-fields.ts';
import type { LiveTable } from './live-table.ts';
import type { MirrorCounters } from './mirror/mirror-desk.ts';
import type { Recorder } from './recorder.ts';
import type { RequestIds } from './request-ids.ts';
import type { RequestChange, ResponseChange } from './settled-fields.ts';
import type { SpanExporter } from './tracing/span-exporter.ts';
import type { Transports } from './transport/transports.ts';
import type { UpstreamPool } from './upstream-pool.ts';

export interface ProxyCore {
  /** Those of the start, with what the table's settings say otherwise: another object after a change. */
  settings: ProxySettings;
  readonly table: LiveTable;
  readonly pool: UpstreamPool;
  readonly transports: Transports;
  readonly deadlines: Deadlines;
  requestParser: RequestHeadParser;
  readonly responseParser: ResponseHeadParser;
  readonly recorder: Recorder;
  readonly spans: SpanExporter;
  readonly requestIds: RequestIds;
  /** `Server: name` line for responses that lack one; empty: none is added. */
  serverLine: string;
  /** By the flags, and the settings over them. */
  forwardedTrust: ForwardedTrust;
  /** Whose PROXY protocol headers are believed. */
  isTrustedProxy: (address: string) => boolean;
  /** By the flags, and the settings over them. */
  proxyProtocol: ProxyProtocolSettings;
  /** What the settings say of every request and response; null where they say nothing. */
  changeRequest: RequestChange;
  changeResponse: ResponseChange;
  /** Names (folded) of the fields that the settings put into requests, or take out of them. */
  settledNames: ReadonlySet<string>;
  /** Null: responses go as they come. */
  compression: Compression | null;
  isBlocked: BlockTest;
  /** What is answered to requests that a limit refuses. */
  limitStatuses: TrafficSettings['limitStatuses'];
  makesRequestIds: boolean;
  tracing: TracingSettings;
  readonly logger: Logger;
  readonly counters: ConnectionCounters;
  /** True from the moment the worker is asked to stop: answers say `Connection: close`. */
  isDraining: boolean;
}

/** Rule V1: an exception while serving is a defect of ours. It costs one connection, is counted and logged, and the worker lives. */
export function reportBug({ counters, logger }: ProxyCore, error: unknown): void {
  counters.bugs += 1;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  logger.error({ error: text }, 'unexpected error while serving a request');
}

export interface ConnectionCounters {
  accepted: number;
  active: number;
  handshakesFailed: number;
  /** Connections closed for want of a valid PROXY protocol header, by reason. */
  readonly proxyHeadersRefused: Map<string, number>;
  /** Copies for mirrors, by what became of them. */
  readonly mirrored: MirrorCounters;
  retries: number;
  /** Not tried again for want of budget. */
  retriesDenied: number;
  /** Open now. */
  tunnels: number;
  /** Exceptions caught while serving a request: each one is a defect of ours. */
  bugs: number;
}
