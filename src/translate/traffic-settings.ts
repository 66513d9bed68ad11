// Settings of the controller about all traffic, gathered for the workers.
import { isDeepStrictEqual } from 'node:util';
import { defaultTrafficSettings, type TrafficSettings } from '../model/index.ts';
import { blockSettings, readBlockLists, readLimitStatuses } from './block-settings.ts';
import {
  clientSettings,
  readClientOverrides,
  readKeepsUnderscores,
  readShutdownGraceMs,
} from './client-settings.ts';
import { compressionSettings, readCompression } from './compression-settings.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import type { MappedFields } from './field-maps.ts';
import { fieldSettings, readFieldSettings } from './field-settings.ts';
import { logSettings, readLogSettings } from './log-settings.ts';
import { poolSettings, readPoolOverrides } from './pool-settings.ts';
import { readTracing, tracingSettings } from './tracing-settings.ts';

export const trafficSettings: readonly ControllerSetting[] = [
  ...clientSettings,
  ...poolSettings,
  ...fieldSettings,
  ...blockSettings,
  ...logSettings,
  ...compressionSettings,
  ...tracingSettings,
];

/** Never throws. The default object itself while nothing is set. */
export function readTrafficSettings(values: ControllerValues, mapped: MappedFields): TrafficSettings {
  const fields = readFieldSettings(values);
  const settings: TrafficSettings = {
    overrides: { ...readClientOverrides(values), pool: readPoolOverrides(values) },
    shutdownGraceMs: readShutdownGraceMs(values),
    keepsUnderscores: readKeepsUnderscores(values),
    ...fields,
    requestFields: [...fields.requestFields, ...mapped.requestFields],
    responseFields: mapped.responseFields,
    block: readBlockLists(values),
    limitStatuses: readLimitStatuses(values),
    log: readLogSettings(values),
    compression: readCompression(values),
    tracing: readTracing(values),
  };
  return isDeepStrictEqual(settings, defaultTrafficSettings) ? defaultTrafficSettings : settings;
}
