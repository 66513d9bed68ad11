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

/** Errors unless `text` is an IP address of either family (apimachinery IsValidIP). */
export function validateIp(field: string, text: string): FieldError[] {
  if (parseIpSloppy(text) !== null) return [];
  return [invalidError(field, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

/**
 * Errors unless `text` is an address that can name an endpoint: valid, of the wanted family (4, 6 or either), not special.
 * A text that is no address at all gets one error.
 */
export function validateEndpointIp(
  field: string,
  text: string,
  family: 4 | 6 | 'either',
  allowLoopback: boolean,
): FieldError[] {
  const errors = validateIp(field, text);
  if (errors.length > 0) return errors;
  const isV4 = parseIpSloppy(text)?.length === 4;
  const familyErrors =
    family === 'either' || isV4 === (family === 4)
      ? []
      : [invalidError(field, text, `must be an IPv${family} address`)];
  return [...familyErrors, ...validateNonSpecialIp(field, text, allowLoopback)];
}

/**
 * Addresses that name no endpoint elsewhere (core validation, ValidateNonSpecialIP): unspecified, loopback, link-local.
 * `allowLoopback`: a single machine, whose endpoints are local processes; a cluster's API server refuses them.
 */
function validateNonSpecialIp(field: string, text: string, allowLoopback: boolean): FieldError[] {
  const bytes = parseIpSloppy(text) ?? [];
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

/** Errors unless `text` is `ADDRESS/PREFIX` (apimachinery IsValidCIDR). */
export function validateCidr(field: string, text: string): FieldError[] {
  const match = /^([^/]+)\/([0-9]{1,3})$/.exec(text);
  const address = match?.[1] ?? '';
  const bytes = parseIpSloppy(address);
  const maxPrefix = address.includes(':') ? 128 : 32;
  if (bytes !== null && Number(match?.[2]) <= maxPrefix) return [];
  return [invalidError(field, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}
