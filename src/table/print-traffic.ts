// Prints what the settings say of all traffic, as far as it is not what holds without settings.
import { isDeepStrictEqual } from 'node:util';
import { defaultTrafficSettings, type TrafficSettings } from '../model/index.ts';
import { escapeUnprintable } from '../std/printable.ts';

/** One line: each member that is set, by name, with its value. */
export function printTraffic(traffic: TrafficSettings): string {
  const { overrides, ...others } = traffic;
  const defaults: Readonly<Record<string, unknown>> = { ...defaultTrafficSettings };
  const parts = [
    ...Object.values(overrides).flatMap((group) => Object.entries(group)),
    ...Object.entries(others).filter(([name, value]) => !isDeepStrictEqual(value, defaults[name])),
  ].map(([name, value]) => `${name} ${escapeUnprintable(JSON.stringify(value))}`);
  return `traffic  ${parts.length === 0 ? 'by the flags' : parts.join('  ')}`;
}
