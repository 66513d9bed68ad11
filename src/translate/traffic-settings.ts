// Settings of the controller about all traffic, gathered for the workers.
import { isDeepStrictEqual } from 'node:util';
import { defaultTrafficSettings, type TrafficSettings } from '../model/index.ts';
import { clientSettings, readClientOverrides, readKeepsUnderscores } from './client-settings.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { poolSettings, readPoolOverrides } from './pool-settings.ts';

export const trafficSettings: readonly ControllerSetting[] = [...clientSettings, ...poolSettings];

/** Never throws. The default object itself while nothing is set. */
export function readTrafficSettings(values: ControllerValues): TrafficSettings {
  const settings: TrafficSettings = {
    overrides: { ...readClientOverrides(values), pool: readPoolOverrides(values) },
    keepsUnderscores: readKeepsUnderscores(values),
  };
  return isDeepStrictEqual(settings, defaultTrafficSettings) ? defaultTrafficSettings : settings;
}
