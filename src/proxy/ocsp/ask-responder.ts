// Asks an OCSP responder over HTTP. Where the request goes is written in a certificate that a tenant supplied, so it goes nowhere that the
// tenant could not reach: no private addresses unless allowed, no redirects, a bound on size and time.
import { lookup } from 'node:dns';
import { type ClientRequest, request } from 'node:http';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const maxResponseBytes = 65_536;
const timeoutMs = 10_000;

// Two lists: in one, an IPv4 address would also be compared as an IPv4-mapped one.
const privateIpv4 = new BlockList();
const privateIpv6 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  privateIpv4.addSubnet(network, prefix, 'ipv4');
}
// Everything but 2000::/3, which is what is routed, and the ranges in it that lead to IPv4 addresses.
for (const [network, prefix] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 32],
  ['2002::', 16],
] as const) {
  privateIpv6.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address is of no use to somebody outside. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return privateIpv4.check(address, 'ipv4');
  return family === 0 || privateIpv6.check(address, 'ipv6');
}

export interface AskOptions {
  readonly allowsPrivate: boolean;
}

/** The body of a 200 answer; rejects with what went wrong. */
export async function askResponder(
  url: URL,
  question: Buffer,
  { allowsPrivate }: AskOptions,
): Promise<Buffer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Names are looked at when they are resolved, and what was looked at is what is dialled.
  if (!allowsPrivate && isIP(host) !== 0 && isPrivateAddress(host))
    throw new Error(`address ${host} is private`);
  return await new Promise<Buffer>((resolve, reject) => {
    const asking = request(url, {
      method: 'POST',
      agent: false,
      lookup: allowsPrivate ? lookup : lookupPublic,
      signal: AbortSignal.timeout(timeoutMs),
      maxHeaderSize: 8_192,
      headers: {
        'Content-Type': 'application/ocsp-request',
        'Content-Length': question.length,
        Accept: 'application/ocsp-response',
      },
    });
    asking.on('error', reject);
    collect(asking, resolve, reject);
    asking.end(question);
  });
}

function collect(
  asking: ClientRequest,
  resolve: (body: Buffer) => void,
  reject: (error: Error) => void,
): void {
  asking.on('response', (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (why: string): void => {
      asking.destroy();
      reject(new Error(why));
    };
    if (response.statusCode !== 200) {
      fail(`the responder answers with status ${response.statusCode}, wanted 200`);
      return;
    }
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxResponseBytes) fail(`the answer has more than ${maxResponseBytes} bytes`);
    });
    response.on('error', reject);
    response.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const open = error === null ? addresses.filter(({ address }) => !isPrivateAddress(address)) : [];
    const [first] = open;
    if (error !== null) callback(error, '');
    else if (first === undefined) callback(new Error(`all addresses of "${hostname}" are private`), '');
    else if (options.all === true) callback(null, open);
    else callback(null, first.address, first.family);
  });
};
