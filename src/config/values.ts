// Text to value for every flag type, the same for the command line and the configuration file. Whole-value parse, never throws.
import { isIP } from 'node:net';
import type { ObjectKey } from '../model/index.ts';
import type { FlagSpec, FlagType, FlagValueTypes, ServiceName } from './flag-spec.ts';

/** The value, or a phrase that says what was wanted, e.g. `a port from 0 to 65535 is wanted`. */
export type Parsed<Value> = { readonly value: Value } | { readonly wanted: string };

const durationUnitsMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const sizeUnits = new Map([
  ['', 1],
  ['k', 1_024],
  ['m', 1_048_576],
  ['g', 1_073_741_824],
]);

/** Longest delay that a timer of the runtime keeps (2^31 - 1 ms); a longer one would fire at once. */
const maxDurationMs = 2_147_483_647;

/** Milliseconds from `30s`, `1m30s`, `500ms`, `1.5h`; a bare number is seconds. */
export function parseDuration(text: string): Parsed<number> {
  const wanted = { wanted: 'a duration such as 30s, 1m30s or 500ms is wanted, at most 24 days' };
  if (/^\d+(\.\d+)?$/.test(text)) return boundedDuration(Number(text) * 1_000) ?? wanted;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return wanted;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(amount) * (durationUnitsMs.get(unit ?? '') ?? Number.NaN);
  }
  return boundedDuration(totalMs) ?? wanted;
}

function boundedDuration(ms: number): Parsed<number> | null {
  const rounded = Math.round(ms);
  return rounded <= maxDurationMs ? { value: rounded } : null;
}

/** Bytes from `4096`, `8k`, `1m`, `2g`; units are powers of 1024, as in nginx. */
export function parseSize(text: string): Parsed<number> {
  const match = /^(\d{1,12})([kmg]?)$/i.exec(text);
  const unit = sizeUnits.get((match?.[2] ?? '').toLowerCase());
  const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
  return bytes > 0 ? { value: bytes } : { wanted: 'a size such as 4096, 8k or 1m is wanted' };
}

function parseCount(text: string, wanted: string): Parsed<number> {
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? { value: Number(text) } : { wanted };
}

function parsePort(text: string, wanted: string): Parsed<number> {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? { value: Number(text) } : { wanted };
}

function parsePublicPort(text: string): Parsed<number> {
  const wanted = 'a port from 1 to 65535 or auto is wanted';
  return Number(text) === 0 ? { wanted } : parsePort(text, wanted);
}

function parseSwitch(text: string): Parsed<boolean> {
  if (text === 'true' || text === '1') return { value: true };
  return text === 'false' || text === '0' ? { value: false } : { wanted: 'true or false is wanted' };
}

/** An IP address; brackets around a v6 address are accepted, a zone is not. */
function parseAddress(text: string): Parsed<string> {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return isIP(bare) !== 0 && !bare.includes('%')
    ? { value: bare }
    : { wanted: 'an IP address such as 127.0.0.1 or :: is wanted' };
}

/** `10.0.0.0/8,2001:db8::/32,192.0.2.7`: a bare address is a network of one. */
function parseNetworks(text: string): Parsed<readonly string[]> {
  const networks = splitList(text);
  const isNetwork = (network: string): boolean => {
    const [address = '', prefix, ...rest] = network.split('/');
    const maxPrefix = isIP(address) === 4 ? 32 : 128;
    if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return false;
    return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= maxPrefix);
  };
  if (!networks.every(isNetwork)) return { wanted: 'networks such as 10.0.0.0/8,fd00::/8 are wanted' };
  return {
    value: networks.map((network) =>
      network.includes('/') ? network : `${network}/${isIP(network) === 4 ? 32 : 128}`,
    ),
  };
}

const objectNamePattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

function parseObjectName(text: string): Parsed<ObjectKey | null> {
  if (text === '') return { value: null };
  return objectNamePattern.test(text)
    ? { value: text as ObjectKey }
    : { wanted: 'NAMESPACE/NAME is wanted, for example default/web' };
}

function parseServiceName(text: string): Parsed<ServiceName | null> {
  if (text === '') return { value: null };
  const wanted = { wanted: 'NAMESPACE/NAME or NAMESPACE/NAME:PORT is wanted, for example default/web:80' };
  const [service = '', port, ...rest] = text.split(':');
  if (!objectNamePattern.test(service) || rest.length > 0) return wanted;
  if (port !== undefined && !/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(port)) return wanted;
  return { value: { service: service as ObjectKey, port: port ?? null } };
}

/** `203.0.113.7,lb.example.com`: addresses and DNS names, lower-cased. */
function parseNames(text: string): Parsed<readonly string[]> {
  const names = splitList(text).map((name) => name.toLowerCase());
  const isName = (name: string): boolean =>
    isIP(name) !== 0 || (name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name));
  return names.every(isName)
    ? { value: names }
    : { wanted: 'IP addresses and host names, separated by commas, are wanted' };
}

function parsePercent(text: string): Parsed<number> {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return value <= 100 ? { value } : { wanted: 'a whole number from 0 to 100 is wanted' };
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

function orAuto<Value>(text: string, parse: (text: string) => Parsed<Value>): Parsed<Value | null> {
  return text === 'auto' ? { value: null } : parse(text);
}

function parseTimeout(text: string, spec: FlagSpec): Parsed<number> {
  const parsed = parseDuration(text);
  const isRefused = 'value' in parsed && parsed.value === 0 && !('allowsZero' in spec && spec.allowsZero);
  return isRefused ? { wanted: 'a duration above 0 is wanted' } : parsed;
}

function parseChoice(text: string, spec: FlagSpec): Parsed<string> {
  const choices = 'choices' in spec ? spec.choices : [];
  return choices.includes(text) ? { value: text } : { wanted: `one of ${choices.join(', ')} is wanted` };
}

type Parsers = {
  readonly [Type in FlagType]: (text: string, spec: FlagSpec) => Parsed<FlagValueTypes[Type]>;
};

const parsers: Parsers = {
  text: (text) => ({ value: text }),
  texts: (text) => ({ value: text === '' ? [] : [text] }),
  count: (text) => parseCount(text, 'a whole number above 0 is wanted'),
  'count-or-off': (text) =>
    text === '0' ? { value: 0 } : parseCount(text, 'a whole number of at least 0 is wanted'),
  percent: parsePercent,
  'auto-count': (text) =>
    orAuto(text, (number) => parseCount(number, 'a whole number above 0 or auto is wanted')),
  port: (text) => parsePort(text, 'a port from 0 to 65535 is wanted'),
  'auto-port': (text) => orAuto(text, parsePublicPort),
  duration: parseTimeout,
  size: parseSize,
  switch: parseSwitch,
  choice: parseChoice,
  address: parseAddress,
  networks: parseNetworks,
  names: parseNames,
  'object-name': parseObjectName,
  'service-name': parseServiceName,
};

/** Parses one text as the flag's type says; of a `texts` flag one member, of a `networks` flag all of them. */
export function parseFlagValue(spec: FlagSpec, text: string): Parsed<FlagValueTypes[FlagType]> {
  return parsers[spec.type](text, spec);
}
