// Settings of the controller about how connections of clients begin: the PROXY protocol, whom to believe, and TCP services.
import type { ParseResult } from '../features/index.ts';
import { goBool } from '../features/index.ts';
import { type ArrivalSettings, defaultArrivalSettings } from '../model/index.ts';
import { parseIp } from '../std/ip-address.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { parseTimeMs, readSetting, switchText } from './setting-values.ts';

const maxNetworks = 1_000;

const wantsHeader: ControllerSetting<boolean> = {
  name: 'use-proxy-protocol',
  parse: goBool,
  valueText: switchText,
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
  onInvalid: { salvage: () => [], effect: 'nobody is believed' },
  valueText: 'networks such as `10.0.0.0/8,fd00::/8`',
  defaultText: 'that of the flag',
  doc: 'Peers whose PROXY protocol headers and, with `use-forwarded-headers`, X-Forwarded-* fields are believed. While the value cannot be read nobody is.',
  difference: 'While the value cannot be read nobody is believed.',
};

const streamIdle: ControllerSetting<number> = {
  name: 'proxy-stream-timeout',
  parse: parseTimeMs,
  valueText: 'a time such as `600s` or `10m`',
  defaultText: 'that of the flag',
  doc: 'Longest silence in a connection of a TCP service, for connections from then on.',
};

const trustsForwarded: ControllerSetting<boolean> = {
  name: 'use-forwarded-headers',
  parse: goBool,
  valueText: switchText,
  defaultText: 'that of the flag',
  doc: 'Whether the X-Forwarded-* fields of the peers that `proxy-real-ip-cidr` names are believed, on connections from then on; else they are replaced.',
};

const realIp: ControllerSetting<boolean> = {
  name: 'enable-real-ip',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether those peers are believed about the address of the client, even without `use-forwarded-headers`, and about nothing else.',
};

const appendsFor: ControllerSetting<boolean> = {
  name: 'compute-full-forwarded-for',
  parse: goBool,
  valueText: switchText,
  defaultText: 'that of the flag',
  doc: 'With `use-forwarded-headers`: whether the peer is appended to the incoming list of addresses instead of replacing it.',
};

const forwardedFor: ControllerSetting<string> = {
  name: 'forwarded-for-header',
  parse: parseFieldName,
  valueText:
    'the name of a field; of the names that only proxies write just `X-Forwarded-For`, `X-Real-IP` and `X-Original-Forwarded-For`',
  defaultText: '`X-Forwarded-For`',
  doc: 'Field of those peers with the address of the client.',
};

export const arrivalSettings: readonly ControllerSetting[] = [
  trustsForwarded,
  realIp,
  appendsFor,
  forwardedFor,
  trusted,
  wantsHeader,
  headerTime,
  streamIdle,
];

export function readArrivalSettings(values: ControllerValues): ArrivalSettings {
  const absent = defaultArrivalSettings;
  return {
    wantsProxyHeader: readSetting(values, wantsHeader) ?? absent.wantsProxyHeader,
    proxyHeaderMs: readSetting(values, headerTime) ?? absent.proxyHeaderMs,
    trustedCidrs: readSetting(values, trusted) ?? absent.trustedCidrs,
    trustsForwarded: readSetting(values, trustsForwarded) ?? absent.trustsForwarded,
    takesRealIp: readSetting(values, realIp) ?? absent.takesRealIp,
    appendsFor: readSetting(values, appendsFor) ?? absent.appendsFor,
    forwardedForName: readSetting(values, forwardedFor) ?? absent.forwardedForName,
    tcpIdleMs: readSetting(values, streamIdle) ?? absent.tcpIdleMs,
  };
}

/** The codec hands out these of the names that only proxies may write (wire/http1/request-fields.ts), and removes the others. */
const readableNames = new Set(['x-forwarded-for', 'x-real-ip', 'x-original-forwarded-for']);
const unreadableNames =
  /^(?:x-forwarded-|x-original-|ssl-client-|forwarded$|host$|cookie$|authorization$|content-length$|connection$)/;

function parseFieldName(text: string): ParseResult<string> {
  const name = text.toLowerCase();
  const isName = /^[a-z0-9][a-z0-9-]{0,127}$/.test(name);
  if (isName && (readableNames.has(name) || !unreadableNames.test(name))) return { value: name };
  return { wanted: 'the name of a field of letters, digits and "-" that a proxy in front writes' };
}

function parseNetworks(text: string): ParseResult<readonly string[]> {
  const networks = text.split(',').map((network) => network.trim());
  const isWhole = networks.length <= maxNetworks && networks.every(isNetwork);
  return isWhole ? { value: networks } : { wanted: 'networks such as "10.0.0.0/8,fd00::/8"' };
}

/** An address or a network. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const bytes = parseIp(address);
  if (bytes === null || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32);
}
