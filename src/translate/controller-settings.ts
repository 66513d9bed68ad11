// Settings of the controller as a whole: keys of its ConfigMap that are no defaults of annotations and hold for every host. The
// parameters of a class cannot set them. Names and values are those of ingress-nginx.
import {
  parseCipherList,
  parseGroupList,
  type ParseResult,
  parseTlsVersions,
  goBool,
  goInt,
  refuseControls,
} from '../features/index.ts';
import { defaultTlsSettings, type TlsSettings } from '../model/index.ts';

/** A key, and what its value adds to a draft of the settings. */
export interface ControllerSetting<T = unknown> {
  readonly name: string;
  readonly parse: (text: string) => ParseResult<T>;
  /** What holds while the text does not parse, for settings that protect, and how a Problem calls it; absent: the default. */
  readonly onInvalid?: { readonly salvage: (text: string) => T; readonly effect: string };
  readonly valueText: string;
  readonly defaultText: string;
  readonly doc: string;
  /** What is otherwise than in ingress-nginx; absent: nothing. */
  readonly difference?: string;
}

/** Values by name of the key; those that are absent or do not parse are missing. */
export type ControllerValues = ReadonlyMap<string, unknown>;

const switchText = '`true` or `false`';
const maxSeconds = 31_536_000 * 10;
const unitSeconds: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };
/** RFC 8446 4.6.1: a ticket lives seven days at most. */
const maxTicketSeconds = 604_800;

const protocols: ControllerSetting<Pick<TlsSettings, 'minVersion' | 'maxVersion'>> = {
  name: 'ssl-protocols',
  parse: parseTlsVersions,
  valueText: '`TLSv1.2`, `TLSv1.3` or both, with a space between',
  defaultText: '`TLSv1.2 TLSv1.3`',
  doc: 'Versions of TLS that clients may speak. TLS 1.0 and 1.1 (RFC 8996) are refused.',
  difference: 'TLS 1.0 and 1.1 are refused.',
};

const ciphers: ControllerSetting<string> = {
  name: 'ssl-ciphers',
  parse: parseCipherList,
  valueText: "OpenSSL's names of suites with forward secrecy and authenticated encryption, joined by `:`",
  defaultText: 'all of them, AES-128-GCM first',
  doc: 'Ciphers, the preferred one first. Suites of TLS 1.3 (`TLS_…`) that the list does not have are left out only if it has others of them. The annotation `ssl-ciphers` goes before it.',
  difference:
    'Only suites with forward secrecy and authenticated encryption; none with finite-field Diffie-Hellman.',
};

const groups: ControllerSetting<string> = {
  name: 'ssl-ecdh-curve',
  parse: parseGroupList,
  valueText: '`auto`, or names such as `X25519`, `prime256v1` and `secp384r1`, joined by `:`',
  defaultText: '`auto`',
  doc: 'Groups for the key exchange, the preferred one first.',
};

const tickets: ControllerSetting<boolean> = {
  name: 'ssl-session-tickets',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether clients may resume sessions. Sessions are kept by the clients, as tickets under keys that all workers share; there is no cache here. The default of ingress-nginx is `false`, beside a cache.',
  difference: 'The default; there is no cache, so `false` means that no session is resumed.',
};

const ticketLife: ControllerSetting<number> = {
  name: 'ssl-session-timeout',
  parse: parseTicketLife,
  valueText: 'a time such as `600`, `90s`, `10m`, `4h` or `1d`, up to 7 days',
  defaultText: '`10m`',
  doc: 'How long a session can be resumed.',
};

const hsts: ControllerSetting<boolean> = {
  name: 'hsts',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether responses over TLS have the field `Strict-Transport-Security`, instead of what the endpoint says.',
};

const hstsMaxAge: ControllerSetting<number> = {
  name: 'hsts-max-age',
  parse: parseMaxAge,
  valueText: 'seconds, a whole number',
  defaultText: '`31536000`',
  doc: '`max-age` of that field. `0` makes browsers forget it.',
};

const hstsSubdomains: ControllerSetting<boolean> = {
  name: 'hsts-include-subdomains',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether that field has `includeSubDomains`.',
};

const hstsPreload: ControllerSetting<boolean> = {
  name: 'hsts-preload',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether that field has `preload`.',
};

const http2: ControllerSetting<boolean> = {
  name: 'use-http2',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether clients may speak HTTP/2, from their next connection on: over TLS, and without TLS if they begin with it. The flag `--use-http2=false` wins.',
  difference: 'Without TLS, too, for clients that begin with HTTP/2.',
};

const ocsp: ControllerSetting<boolean> = {
  name: 'enable-ocsp',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether responders are asked for the status of certificates, in the background, and their answers stapled to handshakes. For certificates that name a responder (`http`) and whose Secret holds the issuer behind the leaf.',
};

const privateOcsp: ControllerSetting<boolean> = {
  name: 'ocsp-private-responders',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether responders may have private addresses. Who writes a Secret chooses the responder. Not a key of ingress-nginx.',
  difference: 'Not a key of ingress-nginx.',
};

const rejectHandshake: ControllerSetting<boolean> = {
  name: 'ssl-reject-handshake',
  parse: goBool,
  valueText: switchText,
  defaultText: '`false`',
  doc: 'Whether handshakes are refused that ask for a name of no host, instead of getting the default certificate. A rule without host makes no name known.',
  difference: 'A client that asks for no name gets the default certificate all the same.',
};

/** In the order of the reference page. */
export const controllerSettings: readonly ControllerSetting[] = [
  protocols,
  ciphers,
  groups,
  tickets,
  ticketLife,
  hsts,
  hstsMaxAge,
  hstsSubdomains,
  hstsPreload,
  ocsp,
  privateOcsp,
  http2,
  rejectHandshake,
];

/** What the values come to, with defaults where there are none. */
export function readTlsSettings(values: ControllerValues): TlsSettings {
  const read = <T>(key: ControllerSetting<T>, absent: T): T =>
    // The value under a key's name was made by that key's own parser.
    values.has(key.name) ? (values.get(key.name) as T) : absent;
  const { ticketLifeSeconds, minVersion, maxVersion } = defaultTlsSettings;
  const parts = [
    `max-age=${read(hstsMaxAge, 31_536_000)}`,
    read(hstsSubdomains, true) ? 'includeSubDomains' : '',
    read(hstsPreload, false) ? 'preload' : '',
  ];
  return {
    ...read(protocols, { minVersion, maxVersion }),
    ciphers: read(ciphers, ''),
    groups: read(groups, ''),
    ticketLifeSeconds: read(tickets, true) ? read(ticketLife, ticketLifeSeconds) : 0,
    allowsHttp2: read(http2, true),
    refusesUnknownNames: read(rejectHandshake, false),
    ocspResponders: read(ocsp, false) ? (read(privateOcsp, false) ? 'any' : 'public') : 'none',
    hsts: read(hsts, true) ? parts.filter((part) => part !== '').join('; ') : '',
  };
}

/** nginx's times, as far as they make sense here. */
function parseTicketLife(text: string): ParseResult<number> {
  const match = /^([0-9]{1,9})([smhd]?)$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * (unitSeconds[match[2] ?? ''] ?? 0);
  if (seconds >= 1 && seconds <= maxTicketSeconds) return { value: seconds };
  return refuseControls(text) ?? { wanted: 'a time from "1s" to "7d", such as "10m"' };
}

function parseMaxAge(text: string): ParseResult<number> {
  const parsed = goInt(text);
  if ('value' in parsed && parsed.value >= 0 && parsed.value <= maxSeconds) return parsed;
  return refuseControls(text) ?? { wanted: `seconds from 0 to ${maxSeconds}` };
}
