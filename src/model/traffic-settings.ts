// What the settings say of traffic, where it is not what the flags said at start. Workers follow it while it changes.
import type { Http2Settings, HttpLimits, HttpTimeouts, PoolSettings } from './proxy-settings.ts';

/** Members that are absent: the flags hold. */
export interface FlagOverrides {
  readonly limits: Partial<HttpLimits>;
  readonly timeouts: Partial<HttpTimeouts>;
  readonly http2: Partial<Http2Settings>;
  readonly pool: Partial<PoolSettings>;
}

export interface TrafficSettings {
  readonly overrides: FlagOverrides;
  /** Request fields with `_` in their names pass. */
  readonly keepsUnderscores: boolean;
}

/** Of a controller without settings. */
export const defaultTrafficSettings: TrafficSettings = {
  overrides: { limits: {}, timeouts: {}, http2: {}, pool: {} },
  keepsUnderscores: false,
};
