// Formats of texts that name something in a network: URIs, addresses, networks, mailboxes.
import { parseIpSloppy } from '../../../kube/index.ts';

/** Control characters and spaces are in no URI. */
const blank = /[\x00-\x20\x7f]/;

/** What Go's url.ParseRequestURI takes: an absolute URI or an absolute path. */
export function isRequestUri(text: string): boolean {
  if (text === '' || blank.test(text)) return false;
  if (text === '*') return true;
  if (/%(?![0-9a-fA-F]{2})/.test(text.split('?', 1)[0] ?? '')) return false;
  if (text.startsWith('/')) return true;
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:/.exec(text)?.[0];
  if (scheme === undefined) return false;
  const rest = text.slice(scheme.length);
  if (!rest.startsWith('//')) return true;
  return isAuthority(/^[^/?]*/.exec(rest.slice(2))?.[0] ?? '');
}

function isAuthority(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) return false;
  const name = port === undefined ? host : host.slice(0, -port.length - 1);
  if (name.startsWith('[')) return name.endsWith(']') && parseIpSloppy(name.slice(1, -1)) !== null;
  return !/[[\]<>"{}|\\^`]/.test(name);
}

/** An address and the length of its prefix. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const bytes = parseIpSloppy(address);
  if (bytes === null || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= bytes.length * 8;
}

/** 6, 8 or 20 bytes in hexadecimal, with colons, dashes or (in pairs of bytes) dots, or nothing between them. */
export function isMac(text: string): boolean {
  if (/^(?:[0-9a-fA-F]{12}|[0-9a-fA-F]{16}|[0-9a-fA-F]{40})$/.test(text)) return true;
  const separator = text.charAt(2) === ':' || text.charAt(2) === '-' ? text.charAt(2) : '.';
  const digits = separator === '.' ? 4 : 2;
  const parts = text.split(separator);
  if (!parts.every((part) => part.length === digits && /^[0-9a-fA-F]+$/.test(part))) return false;
  return [6, 8, 20].includes((parts.length * digits) / 2);
}

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
const mailbox = new RegExp(`^${atom}(?:\\.${atom})*@(?:${atom}(?:\\.${atom})*|\\[[0-9A-Fa-f:.]+\\])$`);
const quotedMailbox = new RegExp(`^"(?:[^"\\\\\\x00-\\x1f]|\\\\.)*"@${atom}(?:\\.${atom})*$`);

/** An address, alone or with a name before it: `Barry Gibbs <bg@example.com>`. */
export function isEmail(text: string): boolean {
  const trimmed = text.trim();
  const named = /^[^<>]*<([^<>]*)>$/.exec(trimmed)?.[1];
  const address = named ?? trimmed;
  return mailbox.test(address) || quotedMailbox.test(address);
}
