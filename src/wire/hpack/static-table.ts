// The static table (RFC 7541 appendix A).

export const staticEntryCount = 61;

/** Names that stand for one entry each, and where it is not empty the value behind a space. In the order of the RFC, from index 1. */
const entries =
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|' +
  ':status 204|:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|' +
  'accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|' +
  'authorization|cache-control|content-disposition|content-encoding|content-language|content-length|' +
  'content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|' +
  'if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|' +
  'proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|' +
  'strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

function readEntries(): string[] {
  // No entry has the index 0: two empty places keep `2 * index` the place of a name.
  const fields = ['', ''];
  for (const entry of entries.split('|')) {
    const [name = '', ...value] = entry.split(' ');
    fields.push(name, value.join(' '));
  }
  return fields;
}

/** Names at `2 * index`, values behind them; indexes begin with 1. */
export const staticFields: readonly string[] = readEntries();

/** The first index of a name; 0: it is not in the table. */
export function staticNameIndex(name: string): number {
  for (let index = 1; index <= staticEntryCount; index += 1) {
    if (staticFields[2 * index] === name) return index;
  }
  return 0;
}
