// The keys proxy-ssl-*: what TLS to an upstream asks and shows. Where a bad value would leave less protection than was asked for, the
// paths are denied.
import type { ObjectKey, TlsVersion } from '../../model/index.ts';
import type { AnnotationKey, ParseResult } from '../contract.ts';
import { goInt, onOff, refuseControls } from '../values.ts';

/** Names of objects (RFC 1123 subdomains), both parts. */
const secretPattern = /^[a-z0-9][a-z0-9.-]{0,252}\/[a-z0-9][a-z0-9.-]{0,252}$/;
const hostPattern = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
/** OpenSSL's list without `@`: a tenant does not lower the security level. */
const ciphersPattern = /^[A-Za-z0-9:+!=_-]{1,1024}$/;
/** OpenSSL's own bound is 100. */
const maxDepth = 100;

const common = { dialect: 'nginx', scope: 'route', onInvalid: 'deny' } as const;

export const secretKey: AnnotationKey<ObjectKey> = {
  ...common,
  name: 'proxy-ssl-secret',
  isAbsentWhenBlank: true,
  parse: (text) => {
    // The pattern has exactly one slash.
    if (secretPattern.test(text)) return { value: text as ObjectKey };
    return refuseControls(text) ?? { wanted: '"NAMESPACE/NAME" of a Secret' };
  },
  risk: 'medium',
  defaultText: 'none',
  valueText:
    '`NAMESPACE/NAME` of a Secret in the namespace of the Ingress (in any, with the setting `allow-cross-namespace-resources`)',
  doc: 'The Secret for TLS to the endpoints: `ca.crt` holds the authorities to trust (without it those of the system), `tls.crt` and `tls.key` the certificate to show. A Secret that is missing or not usable makes the paths answer 503, unless an earlier version of it was usable; one of another namespace is refused.',
};

export const verifyKey: AnnotationKey<boolean> = {
  ...common,
  name: 'proxy-ssl-verify',
  parse: onOff,
  risk: 'medium',
  defaultText: '`off`',
  valueText: '`on` or `off`',
  doc: 'Whether the certificate of an endpoint must be valid, by a trusted authority, and for the name (`proxy-ssl-name`). Else the answer is 502. Acts without `proxy-ssl-secret` too, with the authorities of the system.',
};

export const depthKey: AnnotationKey<number> = {
  ...common,
  name: 'proxy-ssl-verify-depth',
  parse: (text) => {
    const parsed = goInt(text);
    if ('value' in parsed && parsed.value >= 0 && parsed.value <= maxDepth) return parsed;
    return { wanted: `a whole number from "0" to "${maxDepth}"` };
  },
  risk: 'low',
  defaultText: '`1`',
  valueText: `a whole number from 0 to ${maxDepth}`,
  doc: 'Largest number of certificates between that of the endpoint and the trusted one.',
};

export const nameKey: AnnotationKey<string> = {
  ...common,
  name: 'proxy-ssl-name',
  isAbsentWhenBlank: true,
  parse: (text) => {
    if (hostPattern.test(text)) return { value: text.toLowerCase() };
    return refuseControls(text) ?? { wanted: 'a host name' };
  },
  risk: 'high',
  defaultText: '`SERVICE.NAMESPACE.svc`, or the external name of the Service',
  valueText: 'a host name or an IPv4 address',
  doc: 'The name that the certificate of an endpoint must be for, and that `proxy-ssl-server-name` sends.',
};

export const serverNameKey: AnnotationKey<boolean> = {
  ...common,
  name: 'proxy-ssl-server-name',
  parse: onOff,
  risk: 'low',
  onInvalid: 'default',
  defaultText: '`off`',
  valueText: '`on` or `off`',
  doc: 'Whether the name is sent in the handshake (SNI). Addresses never are.',
};

export const ciphersKey: AnnotationKey<string> = {
  ...common,
  name: 'proxy-ssl-ciphers',
  isAbsentWhenBlank: true,
  parse: (text) => {
    if (ciphersPattern.test(text)) return { value: text };
    return refuseControls(text) ?? { wanted: 'a list of cipher suites as OpenSSL writes it, without "@"' };
  },
  risk: 'medium',
  defaultText: 'AEAD suites with forward secrecy',
  valueText: "OpenSSL's list, `DEFAULT` for its own",
  doc: 'Cipher suites for TLS 1.2 and, by their full names, for TLS 1.3. A list without a known suite makes the paths answer 503.',
};

export interface VersionRange {
  readonly min: TlsVersion;
  readonly max: TlsVersion;
}

/** Versions below 1.2 are not served (RFC 8996): beside others they are passed over, alone they are refused. */
function parseProtocols(text: string): ParseResult<VersionRange> {
  const names = text.split(/[ ,]+/).filter((name) => name !== '');
  const isKnown = names.every((name) => /^(?:SSLv2|SSLv3|TLSv1(?:\.[0-3])?)$/.test(name));
  const has12 = names.includes('TLSv1.2');
  const has13 = names.includes('TLSv1.3');
  if (isKnown && (has12 || has13)) {
    return { value: { min: has12 ? 'TLSv1.2' : 'TLSv1.3', max: has13 ? 'TLSv1.3' : 'TLSv1.2' } };
  }
  return refuseControls(text) ?? { wanted: '"TLSv1.2", "TLSv1.3" or both' };
}

export const protocolsKey: AnnotationKey<VersionRange> = {
  ...common,
  name: 'proxy-ssl-protocols',
  isAbsentWhenBlank: true,
  parse: parseProtocols,
  risk: 'low',
  defaultText: '`TLSv1.2 TLSv1.3`',
  valueText: '`TLSv1.2`, `TLSv1.3` or both; older ones are passed over',
  doc: 'Versions of TLS that are offered.',
};
