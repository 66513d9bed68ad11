// IP addresses as values: parsed to binary before any comparison, because a list check on text is a bypass (section 7 of the
// hardening rules). An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is the IPv4 address; zone identifiers are refused.

/** Eight groups of 16 bits, most significant first. IPv4 addresses are held in mapped form. */
export type IpAddress = readonly number[];

const mappedPrefix = [0, 0, 0, 0, 0, 0xffff] as const;

/** Dotted decimal without leading zeros, or RFC 4291 text; null for anything else. */
export function parseIp(text: string): IpAddress | null {
  if (text.length > 45) return null;
  const tail = parseV4(text);
  if (tail !== null) return [...mappedPrefix, ...tail];
  return text.includes(':') ? parseV6(text) : null;
}

/** True for an IPv4 address, mapped or plain. */
export function isV4(address: IpAddress): boolean {
  return mappedPrefix.every((group, i) => address[i] === group);
}

/** Two groups, or null. */
function parseV4(text: string): readonly [number, number] | null {
  // A leading zero is octal to some readers.
  const match = /^(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})$/.exec(
    text,
  );
  if (match === null) return null;
  const octets = match.slice(1).map(Number);
  if (octets.some((octet) => octet > 255)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return [a * 256 + b, c * 256 + d];
}

function parseV6(text: string): IpAddress | null {
  const gap = text.indexOf('::');
  if (gap !== -1 && text.includes('::', gap + 1)) return null;
  const head = parseGroups(gap === -1 ? text : text.slice(0, gap), gap === -1);
  const rest = gap === -1 ? [] : parseGroups(text.slice(gap + 2), true);
  if (head === null || rest === null) return null;
  const missing = 8 - head.length - rest.length;
  if (gap === -1 ? missing !== 0 : missing < 1) return null;
  return [...head, ...Array.from({ length: missing }, () => 0), ...rest];
}

/** Colon-separated groups; the last may be dotted decimal when `mayEndInV4`. Empty text: no groups. */
function parseGroups(text: string, mayEndInV4: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const tail = mayEndInV4 && i === parts.length - 1 && part.includes('.') ? parseV4(part) : null;
    if (tail !== null) groups.push(...tail);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups.length <= 8 ? groups : null;
}

/** Dotted decimal for IPv4 and mapped addresses, else RFC 5952: lower case, the longest run of zero groups as `::`. */
export function renderIp(address: IpAddress): string {
  if (isV4(address)) {
    const [high, low] = [address[6] ?? 0, address[7] ?? 0];
    return `${high >>> 8}.${high & 0xff}.${low >>> 8}.${low & 0xff}`;
  }
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && address[i + length] === 0) length += 1;
    if (length > bestLength) [bestStart, bestLength] = [i, length];
    if (length > 0) i += length - 1;
  }
  const hex = address.map((group) => group.toString(16));
  if (bestStart === -1) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

/** The canonical text of an address, mapped IPv4 as IPv4; null when it is none. */
export function normalizeIp(text: string): string | null {
  const address = parseIp(text);
  return address === null ? null : renderIp(address);
}
