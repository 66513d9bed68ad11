// The request that `explain` is asked about: from the words of its command line, or from a line of an access log.
import { domainToASCII } from 'node:url';
import { UsageError } from '../../config/index.ts';
import { parseIp } from '../../std/ip-address.ts';
import { normalizeHost } from '../../wire/http1/host.ts';
import { type AskedRequest, serverNameOf } from '../decide-request.ts';
import type { ListedRequest } from '../request-list/index.ts';

/** Of the command line. */
export interface AskedWords {
  readonly method: string;
  /** `Name: value` */
  readonly fields: readonly string[];
  /** Empty: not known. */
  readonly clientAddress: string;
  /** In the TLS handshake; empty: the host of the URL. */
  readonly serverName: string;
  /** As if the URL said https. */
  readonly isTls: boolean;
}

/** The request that a client such as curl would make of the words. Not `new URL`, which would tidy the path before the proxy sees it. @throws {UsageError} */
export function parseRequest(command: string, url: string, words: AskedWords): AskedRequest {
  const { method, fields, isTls } = words;
  const match = /^(?:(https?):\/\/)?([^/?#]+)([^?#]*)(\?[^#]*)?(?:#.*)?$/i.exec(url);
  const host = match === null ? null : readHost(match[2] ?? '');
  if (match === null || host === null) {
    throw new UsageError(`${command}: "${url}": a URL such as http://foo.bar.com/foo is wanted`);
  }
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) {
    throw new UsageError(`${command}: -X "${method}": a method such as GET or POST is wanted`);
  }
  const scheme = isTls || match[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const headers = readFields(command, fields);
  return {
    method,
    scheme,
    host: headers.host ?? host,
    serverName: readServerName(command, words, scheme, host),
    clientAddress: readAddress(command, words.clientAddress),
    rawPath: escapeText(match[3] === undefined || match[3] === '' ? '/' : match[3]),
    query: escapeText(match[4] ?? ''),
    contentLength: headers.contentLength,
    fields: headers.lines,
  };
}

function readServerName(
  command: string,
  { serverName }: Pick<AskedWords, 'serverName'>,
  scheme: AskedRequest['scheme'],
  host: string,
): string {
  if (serverName === '') return scheme === 'https' ? serverNameOf(host) : '';
  const name = readHost(serverName);
  if (scheme === 'http')
    throw new UsageError(`${command}: --server-name is said in TLS alone; --tls or an https URL is wanted`);
  if (name === null) throw new UsageError(`${command}: --server-name "${serverName}": a host name is wanted`);
  return name;
}

function readAddress(command: string, text: string): string {
  if (text === '') return '';
  if (parseIp(text) === null)
    throw new UsageError(`${command}: --client-address "${text}": an IP address is wanted`);
  return text;
}

/** The request of a line of a log. Null: the line has no host, and the words name none. */
export function requestOfLine(
  line: ListedRequest,
  words: Omit<AskedWords, 'method'>,
  command: string,
): AskedRequest | null {
  const headers = readFields(command, words.fields);
  const host = line.host === '' ? headers.host : line.host;
  if (host === null) return null;
  const scheme = words.isTls || line.scheme === 'https' ? 'https' : 'http';
  return {
    method: line.method,
    scheme,
    host,
    serverName: readServerName(command, words, scheme, host),
    clientAddress: readAddress(command, words.clientAddress) || line.clientAddress,
    rawPath: line.rawPath,
    query: line.query,
    contentLength: headers.contentLength,
    fields: headers.lines,
  };
}

/** A host as the proxy reads it; international names in their ASCII form. Null: no host. */
function readHost(text: string): string | null {
  const isAscii = !/[^\0-\x7f]/.test(text);
  if (isAscii) return normalizeHost(text);
  const [, name = '', port = ''] = /^(.*?)(:\d+)?$/.exec(text) ?? [];
  return normalizeHost(`${domainToASCII(name)}${port}`);
}

/** Characters that no request target may hold are sent escaped, as UTF-8. */
function escapeText(text: string): string {
  return text
    .replace(/[^\0-\x7f]+/g, (part) => encodeURIComponent(part.toWellFormed()))
    .replaceAll(' ', '%20');
}

interface RequestFields {
  /** Null: not given, the URL's counts. */
  readonly host: string | null;
  readonly contentLength: number;
  /** All others. */
  readonly lines: string;
}

function readFields(command: string, fields: readonly string[]): RequestFields {
  let host: string | null = null;
  let contentLength = 0;
  let lines = '';
  for (const field of fields) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(field) ?? [];
    if (name === undefined)
      throw new UsageError(`${command}: -H "${field}": a field such as "Host: foo.bar.com" is wanted`);
    if (name.toLowerCase() === 'host') {
      host = value === '' ? '' : readHost(value);
      if (host === null)
        throw new UsageError(`${command}: -H "${field}": a host name with an optional port is wanted`);
    } else if (name.toLowerCase() === 'content-length') {
      if (!/^\d{1,15}$/.test(value))
        throw new UsageError(`${command}: -H "${field}": a number of bytes is wanted`);
      contentLength = Number(value);
    } else lines += `${name}: ${value}\r\n`;
  }
  return { host, contentLength, lines };
}
