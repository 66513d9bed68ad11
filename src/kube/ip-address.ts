// IP addresses as the API server reads them: like Go's ParseIP before 1.17, which tolerates leading zeros in IPv4
// (k8s.io/utils/net ParseIPSloppy). Zones (`fe80::1%eth0`) are no addresses. Used for validation only, never for dialling.
import { type IpBytes, isLoopback, parseIp } from '../std/ip-address.ts';
import { invalidError } from './field-error.ts';
import type { FieldError } from './field-error.ts';

/** Zeros that Go's parser passes over: before the digits of a part of an IPv4 address, or of a group of an IPv6 address. */
const leadingZeros = /(^|[.:])0+(?=[0-9a-f])/gi;

/** The bytes of an address, or null. */
export function parseIpSloppy(text: string): IpBytes | null {
  return parseIp(text.replace(leadingZeros, '$1'));
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(text: string): boolean {
  const bytes = parseIpSloppy(text);
  return bytes !== null && isLoopback(bytes);
}

/** An IPv4 address in the clothes of an IPv6 one, which some programs take for the one and some for the other. */
function isMapped(text: string): boolean {
  return text.includes(':') && parseIpSloppy(text)?.length === 4;
}

/**
 * Errors unless `text` is an IP address of either family (apimachinery IsValidIPForLegacyField, strict as of 1.36). `known`: what
 * the stored object has already is tolerated.
 */
export function validateIp(field: string, text: string, known: readonly string[] = []): FieldError[] {
  if (known.includes(text)) return [];
  if (parseIpSloppy(text) === null) {
    return [invalidError(field, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  }
  if (parseIp(text) === null) return [invalidError(field, text, 'must not have leading 0s')];
  return isMapped(text) ? [invalidError(field, text, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** Errors unless `text` is an IP address as it is usually written (apimachinery IsValidIP): `2001:db8::1`. */
export function validateCanonicalIp(field: string, text: string): FieldError[] {
  const errors = validateIp(field, text);
  const canonical = renderIp(parseIpSloppy(text) ?? []);
  if (errors.length > 0 || canonical === text) return errors;
  return [invalidError(field, text, `must be in canonical form ("${canonical}")`)];
}

/** The longest run of zeros as `::`, in lower case (RFC 5952). */
function renderIp(bytes: IpBytes): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: bytes.length / 2 }, (_, at) =>
    ((bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0)).toString(16),
  );
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0(?![0-9a-f]))+/g)];
  const [first, ...others] = runs;
  if (first === undefined) return text;
  const [longest, at] = others.reduce(
    (best, run) => (run[0].length > best[0].length ? ([run[0], run.index] as const) : best),
    [first[0], first.index] as const,
  );
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

/**
 * Addresses that name no endpoint elsewhere (core validation, ValidateEndpointIP): unspecified, loopback, link-local.
 * `allowLoopback`: a single machine, whose endpoints are local processes; a cluster's API server refuses them.
 */
export function validateEndpointIp(field: string, text: string, allowLoopback: boolean): FieldError[] {
  const bytes = parseIpSloppy(text);
  if (bytes === null) return [invalidError(field, text, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  const [first = 0, second = 0, third = 0] = bytes;
  const isV4 = bytes.length === 4;
  const say = (detail: string): void => {
    errors.push(invalidError(field, text, detail));
  };
  if (bytes.every((byte) => byte === 0)) say(`may not be unspecified (${text})`);
  if (!allowLoopback && isLoopback(bytes)) say('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isV4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80) {
    say('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (isV4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 2) {
    say('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return errors;
}

/** Errors unless `text` is `ADDRESS/PREFIX` and names a whole network (apimachinery IsValidCIDRForLegacyField, strict as of 1.36). */
export function validateCidr(field: string, text: string, known: readonly string[] = []): FieldError[] {
  if (known.includes(text)) return [];
  const fault = findCidrFault(text);
  return fault === null ? [] : [invalidError(field, text, fault)];
}

function findCidrFault(text: string): string | null {
  const [, address = '', prefix = ''] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const bytes = parseIpSloppy(address);
  const maxPrefix = address.includes(':') ? 128 : 32;
  if (bytes === null || prefix === '' || Number(prefix) > maxPrefix) {
    return 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  }
  if (parseIp(address) === null || /^0./.test(prefix))
    return 'must not have leading 0s in IP or prefix length';
  if (isMapped(address)) return 'must not have an IPv4-mapped IPv6 address';
  return hasBitsBeyond(bytes, Number(prefix)) ? 'must not have bits set beyond the prefix length' : null;
}

function hasBitsBeyond(bytes: IpBytes, prefix: number): boolean {
  return bytes.some((byte, index) => (byte & (0xff >> Math.min(Math.max(prefix - index * 8, 0), 8))) !== 0);
}
