// What the settings say of traffic, where it is not what the flags said at start. Workers follow it while it changes.
import type { CompressionSettings } from './compression.ts';
import type { Http2Settings, HttpLimits, HttpTimeouts, PoolSettings } from './proxy-settings.ts';
import type { FieldTemplate, RecordTemplate } from './text-template.ts';
import { defaultTracingSettings, type TracingSettings } from './tracing.ts';

/** Members that are absent: the flags hold. */
export interface FlagOverrides {
  readonly limits: Partial<HttpLimits>;
  readonly timeouts: Partial<HttpTimeouts>;
  readonly http2: Partial<Http2Settings>;
  readonly pool: Partial<PoolSettings>;
}

/** A text to compare a field of a request with. */
export type FieldPattern =
  /** The whole value, in any case. */
  | { readonly kind: 'whole'; readonly text: string }
  /** Found anywhere in the value. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly ignoresCase: boolean };

/** Whose requests are answered 403 for every host. */
export interface BlockLists {
  readonly cidrs: readonly string[];
  readonly userAgents: readonly FieldPattern[];
  readonly referers: readonly FieldPattern[];
}

export interface LogSettings {
  readonly isOff: boolean;
  /** Null: the format of the flag. */
  readonly template: RecordTemplate | null;
  /** Values are escaped for strings of JSON instead of nginx's way. */
  readonly escapesJson: boolean;
  /** Targets without their query whose requests have no line. */
  readonly skippedPaths: readonly string[];
}

export interface TrafficSettings {
  readonly overrides: FlagOverrides;
  /** Time for requests in flight when the program is asked to end; null: that of the flag. */
  readonly shutdownGraceMs: number | null;
  /** Request fields with `_` in their names pass. */
  readonly keepsUnderscores: boolean;
  /** Requests without an identifier get one. */
  readonly makesRequestIds: boolean;
  /** Fields of every request to an endpoint, instead of the client's of that name. */
  readonly requestFields: readonly FieldTemplate[];
  /** Fields of every response, instead of the endpoint's of that name. */
  readonly responseFields: readonly FieldTemplate[];
  /** Lower-case names of fields that responses of endpoints lose. */
  readonly hiddenFields: readonly string[];
  /** Whether responses say who we are; null: the flag holds. */
  readonly namesServer: boolean | null;
  readonly block: BlockLists;
  /** Statuses of what a limit refuses. */
  readonly limitStatuses: { readonly requests: number; readonly connections: number };
  readonly log: LogSettings;
  readonly compression: CompressionSettings;
  readonly tracing: TracingSettings;
}

/** Of a controller without settings. */
export const defaultTrafficSettings: TrafficSettings = {
  overrides: { limits: {}, timeouts: {}, http2: {}, pool: {} },
  shutdownGraceMs: null,
  keepsUnderscores: false,
  makesRequestIds: true,
  requestFields: [],
  responseFields: [],
  hiddenFields: [],
  namesServer: null,
  block: { cidrs: [], userAgents: [], referers: [] },
  limitStatuses: { requests: 503, connections: 503 },
  log: { isOff: false, template: null, escapesJson: false, skippedPaths: [] },
  compression: { gzip: null, brotli: null },
  tracing: defaultTracingSettings,
};
