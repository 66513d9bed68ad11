// Lists of ciphers, groups and protocol versions as nginx's settings spell them. Only what RFC 9325 recommends is taken: forward secrecy
// and authenticated encryption; a list with any other member is refused whole.
import type { ParseResult } from '../contract.ts';
import { refuseControls } from '../values.ts';

const ciphers: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-ECDSA-AES256-CCM',
  // Known, so that the usual lists are taken whole; never negotiated, for there are no parameters for them.
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
]);

/** OpenSSL's name of each group, by the names that are in use. */
const groups: ReadonlyMap<string, string> = new Map([
  ['x25519', 'X25519'],
  ['x448', 'X448'],
  ['prime256v1', 'prime256v1'],
  ['secp256r1', 'prime256v1'],
  ['p-256', 'prime256v1'],
  ['secp384r1', 'secp384r1'],
  ['p-384', 'secp384r1'],
  ['secp521r1', 'secp521r1'],
  ['p-521', 'secp521r1'],
  ['x25519mlkem768', 'X25519MLKEM768'],
]);

/** Names shown in a refusal. */
const maxNamesTold = 3;

function refuse(members: readonly string[], wanted: string): { readonly wanted: string } {
  const told = members.slice(0, maxNamesTold).map((name) => JSON.stringify(name.slice(0, 60)));
  return { wanted: `${wanted}, not ${told.join(', ')}` };
}

/** OpenSSL's names joined by colons. The suites of TLS 1.3 need not be in it, as in nginx: without any, all are allowed. */
export function parseCipherList(text: string): ParseResult<string> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const members = text.split(':').map((member) => member.trim());
  const others = members.filter((member) => !ciphers.has(member));
  if (others.length === 0) return { value: [...new Set(members)].join(':') };
  return refuse(others, 'names of suites with ECDHE and GCM, CCM or CHACHA20-POLY1305, joined by ":"');
}

/** `auto`, or names of groups joined by colons. `auto` is the empty list. */
export function parseGroupList(text: string): ParseResult<string> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  if (text.trim() === 'auto') return { value: '' };
  const members = text.split(':').map((member) => member.trim());
  const others = members.filter((member) => !groups.has(member.toLowerCase()));
  if (others.length > 0) {
    return refuse(others, '"auto" or names such as "X25519", "prime256v1" and "secp384r1", joined by ":"');
  }
  return { value: [...new Set(members.map((member) => groups.get(member.toLowerCase())))].join(':') };
}

export interface TlsVersions {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
}

/** `TLSv1.2 TLSv1.3`, one or both. */
export function parseTlsVersions(text: string): ParseResult<TlsVersions> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const members = text.split(' ').filter((member) => member !== '');
  const others = members.filter((member) => member !== 'TLSv1.2' && member !== 'TLSv1.3');
  if (members.length === 0) return { wanted: '"TLSv1.2", "TLSv1.3" or both' };
  if (others.length > 0) return refuse(others, '"TLSv1.2", "TLSv1.3" or both');
  return {
    value: {
      minVersion: members.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
      maxVersion: members.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    },
  };
}
