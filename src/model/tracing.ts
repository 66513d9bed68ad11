// Tracing: what a trace says of requests that went through here. Plain readonly data; carried out in proxy/tracing.
import type { RequestTemplate } from './text-template.ts';

/** Of the requests of a route. */
export interface RouteTracing {
  /** A request that belongs to a trace goes on in it. */
  readonly trustsIncoming: boolean;
  /** Name of the spans; empty: that of the settings. */
  readonly operationName: string;
}

/** Of all traces. */
export interface TracingSettings {
  /** The share of traces that are recorded, from 0 to 1. */
  readonly ratio: number;
  /** Whoever began the trace decides; `ratio` is for those that begin here. */
  readonly isParentBased: boolean;
  /** Name of the spans; null: method and path of the rule. */
  readonly operationName: RequestTemplate | null;
}

/** Those of ingress-nginx. */
export const defaultTracingSettings: TracingSettings = {
  ratio: 1,
  isParentBased: true,
  operationName: null,
};
