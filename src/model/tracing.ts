// Tracing: what a trace says of requests that went through here. Plain readonly data; carried out in proxy/tracing.
import type { RequestTemplate } from './text-template.ts';

/** Of the requests of a route. */
export interface RouteTracing {
  /** A request that belongs to a trace goes on in it. */
  readonly trustsIncoming: boolean;
  /** Name of the spans; empty: that of the settings. */
  readonly operationName: string;
}

/** Who is told of spans: OTLP over HTTP. */
export interface Collector {
  /** A name in lower case, or an IP address. */
  readonly host: string;
  readonly port: number;
}

/** Of all traces. */
export interface TracingSettings {
  /** The share of traces that are recorded, from 0 to 1. */
  readonly ratio: number;
  /** Whoever began the trace decides; `ratio` is for those that begin here. */
  readonly isParentBased: boolean;
  /** Name of the spans; null: method and path of the rule. */
  readonly operationName: RequestTemplate | null;
  /** Null: spans reach nobody, though traces go on. */
  readonly collector: Collector | null;
  readonly serviceName: string;
  /** Spans that wait in one worker; more are dropped. */
  readonly maxQueued: number;
  /** Longest time that a span waits for others. */
  readonly delayMs: number;
  /** Spans of one request to the collector. */
  readonly maxBatch: number;
}

/** Those of ingress-nginx. */
export const defaultTracingSettings: TracingSettings = {
  ratio: 1,
  isParentBased: true,
  operationName: null,
  collector: null,
  serviceName: 'nginx',
  maxQueued: 2_048,
  delayMs: 5_000,
  maxBatch: 512,
};
