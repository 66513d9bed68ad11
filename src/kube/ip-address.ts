// IP addresses as the API server reads them: like Go's ParseIP before 1.17, which tolerates leading zeros in IPv4
// (k8s.io/utils/net ParseIPSloppy). Zones (`fe80::1%eth0`) are no addresses. Used for validation only, never for dialling.
import { invalidError } from './field-error.ts';
import type { FieldError } from './field-error.ts';

/** IPv4 (also when written IPv4-mapped, `::ffff:1.2.3.4`) has 4 bytes, IPv6 has 16. */
export type IpBytes = readonly number[];

/** The bytes of an address, or null. */
export function parseIpSloppy(text: string): IpBytes | null {
  const mark = /[.:]/.exec(text)?.[0];
  if (mark === '.') return parseIpv4(text);
  if (mark !== ':') return null;
  const bytes = parseIpv6(text);
  if (bytes === null) return null;
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]+$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = parseGroups(halves[1] ?? '', true);
  if (head === null || tail === null) return null;
  if (halves.length === 1) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  // An ellipsis stands for at least one group.
  return missing >= 2 ? [...head, ...Array<number>(missing).fill(0), ...tail] : null;
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (group.includes('.')) {
      const ipv4 = mayEndInIpv4 && index === groups.length - 1 ? parseIpv4(group) : null;
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
      continue;
    }
    const value = /^[0-9a-fA-F]+$/.test(group) ? Number.parseInt(group, 16) : -1;
    if (value < 0 || value > 0xffff) return null;
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(text: string): boolean {
  const bytes = parseIpSloppy(text);
  return bytes !== null && isLoopback(bytes);
}

function isLoopback(bytes: IpBytes): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
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
