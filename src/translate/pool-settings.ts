// Settings of the controller about idle connections to endpoints: what the flags of the same names say, followed live.
import type { PoolSettings } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { countBetween, parseTimeMs, parseTimeOrZeroMs, readSetting, timeText } from './setting-values.ts';

const connections: ControllerSetting<number> = {
  name: 'upstream-keepalive-connections',
  parse: countBetween(0, 1_000_000),
  valueText: 'a whole number from 0 to 1000000; `0`: none is kept',
  defaultText: 'that of the flag, `320`',
  doc: 'Idle connections to endpoints that one worker keeps.',
};

const requests: ControllerSetting<number> = {
  name: 'upstream-keepalive-requests',
  parse: countBetween(1, 999_999_999),
  valueText: 'a whole number of at least 1',
  defaultText: 'that of the flag, `10000`',
  doc: 'Requests on one connection to an endpoint.',
};

const age: ControllerSetting<number> = {
  name: 'upstream-keepalive-time',
  parse: parseTimeMs,
  valueText: timeText,
  defaultText: 'that of the flag, `1h`',
  doc: 'Age after which a connection to an endpoint is not used again.',
};

const idle: ControllerSetting<number> = {
  name: 'upstream-keepalive-timeout',
  parse: parseTimeOrZeroMs,
  valueText: timeText,
  defaultText: 'that of the flag, `60s`',
  doc: 'How long an idle connection to an endpoint is kept; `0`: none is kept.',
};

export const poolSettings: readonly ControllerSetting[] = [connections, requests, age, idle];

export function readPoolOverrides(values: ControllerValues): Partial<PoolSettings> {
  const idleMs = readSetting(values, idle);
  const maxIdlePerWorker = idleMs === 0 ? 0 : readSetting(values, connections);
  const maxRequestsPerConnection = readSetting(values, requests);
  const maxAgeMs = readSetting(values, age);
  return {
    ...(maxIdlePerWorker !== undefined && { maxIdlePerWorker }),
    ...(maxRequestsPerConnection !== undefined && { maxRequestsPerConnection }),
    ...(maxAgeMs !== undefined && { maxAgeMs }),
    ...(idleMs !== undefined && idleMs > 0 && { idleMs }),
  };
}
