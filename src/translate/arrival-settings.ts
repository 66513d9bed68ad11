// Settings of the controller about how connections of clients begin: the PROXY protocol, whom to believe, and TCP services.
import type { ParseResult } from '../features/index.ts';
import { goBool, refuseControls } from '../features/index.ts';
import { type ArrivalSettings, defaultArrivalSettings } from '../model/index.ts';
import { parseIp } from '../std/ip-address.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, '': 1_000, s: 1_000, m: 60_000, h: 3_600_000 };
/** As long as a timer of the runtime can wait. */
const maxMs = 2_147_483_647;
const maxNetworks = 1_000;

const wantsHeader: ControllerSetting<boolean> = {
  name: 'use-proxy-protocol',
  parse: goBool,
  valueText: '`true` or `false`',
  defaultText: 'that of the flag',
  doc: 'Whether connections to the HTTP and HTTPS ports have to begin with a PROXY protocol header, from the next connection on; see [TCP and UDP](../guides/tcp-and-udp.md).',
};

const headerTime: ControllerSetting<number> = {
  name: 'proxy-protocol-header-timeout',
  parse: parseTimeMs,
  valueText: 'a time such as `5s`',
  defaultText: 'that of the flag',
  doc: 'Time for that header.',
};

const trusted: ControllerSetting<readonly string[]> = {
  name: 'proxy-real-ip-cidr',
  parse: parseNetworks,
  // Who is to be believed is not known then: nobody is, rather than everybody.
  onInvalid: { value: [], effect: 'nobody is believed' },
  valueText: 'networks such as `10.0.0.0/8,fd00::/8`',
  defaultText: 'that of the flag',
  doc: 'Peers whose PROXY protocol headers and, with `--use-forwarded-headers`, X-Forwarded-* fields are believed. While the value cannot be read nobody is.',
};

const streamIdle: ControllerSetting<number> = {
  name: 'proxy-stream-timeout',
  parse: parseTimeMs,
  valueText: 'a time such as `600s` or `10m`',
  defaultText: 'that of the flag',
  doc: 'Longest silence in a connection of a TCP service, for connections from then on.',
};

export const arrivalSettings: readonly ControllerSetting[] = [wantsHeader, headerTime, trusted, streamIdle];

export function readArrivalSettings(values: ControllerValues): ArrivalSettings {
  const read = <T>(key: ControllerSetting<T>, absent: T | null): T | null =>
    // The value under a key's name was made by that key's own parser.
    values.has(key.name) ? (values.get(key.name) as T) : absent;
  return {
    wantsProxyHeader: read(wantsHeader, defaultArrivalSettings.wantsProxyHeader),
    proxyHeaderMs: read(headerTime, defaultArrivalSettings.proxyHeaderMs),
    trustedCidrs: read(trusted, defaultArrivalSettings.trustedCidrs),
    tcpIdleMs: read(streamIdle, defaultArrivalSettings.tcpIdleMs),
  };
}

/** nginx's times, as far as they make sense here. */
function parseTimeMs(text: string): ParseResult<number> {
  const match = /^([0-9]{1,9})(ms|s|m|h|)$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
  if (ms >= 1 && ms <= maxMs) return { value: ms };
  return refuseControls(text) ?? { wanted: 'a time such as "5s", "500ms" or "10m"' };
}

function parseNetworks(text: string): ParseResult<readonly string[]> {
  const networks = text.split(',').map((network) => network.trim());
  const isWhole = networks.length <= maxNetworks && networks.every(isNetwork);
  return isWhole ? { value: networks } : { wanted: 'networks such as "10.0.0.0/8,fd00::/8"' };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const bytes = parseIp(address);
  if (bytes === null || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32);
}
