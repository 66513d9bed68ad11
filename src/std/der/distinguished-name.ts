// Distinguished names as RFC 2253 texts, byte for byte as OpenSSL (XN_FLAG_RFC2253) and so nginx write them: the last part first, short
// names of attributes, every byte that is not printable ASCII escaped. The text holds neither line ends nor bytes above 0x7E.
import { derTags } from './der.ts';
import { type DerValue, readDer, readMembers, renderObjectId } from './read-der.ts';

const attributeNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.45', 'x500UniqueIdentifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.72', 'role'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
]);

const latin1Tags: ReadonlySet<number> = new Set([0x12, 0x13, 0x14, 0x16, 0x1a]);
const bmpTag = 0x1e;

export interface CertificateNames {
  readonly subject: string;
  readonly issuer: string;
}

/** Of a certificate's DER; null: it is not understood. */
export function readCertificateNames(der: Uint8Array): CertificateNames | null {
  const certificate = readDer(der, 0);
  const toBeSigned = certificate === null ? null : readDer(der, certificate.contentStart, certificate.end);
  const members = toBeSigned === null ? null : readMembers(der, toBeSigned);
  if (members === null) return null;
  // Version [0] is optional; then serial, algorithm, issuer, validity, subject (RFC 5280 4.1).
  const first = members[0]?.tag === 0xa0 ? 1 : 0;
  const issuer = nameOf(der, members[first + 2]);
  const subject = nameOf(der, members[first + 4]);
  return issuer === null || subject === null ? null : { subject, issuer };
}

function nameOf(der: Uint8Array, value: DerValue | undefined): string | null {
  if (value === undefined || value.tag !== derTags.sequence) return null;
  const parts: string[] = [];
  for (const relative of readMembers(der, value) ?? [value]) {
    const attributes = relative.tag === derTags.set ? readMembers(der, relative) : null;
    if (attributes === null) return null;
    const texts: string[] = [];
    for (const attribute of attributes) {
      const text = attributeOf(der, attribute);
      if (text === null) return null;
      texts.push(text);
    }
    parts.push(texts.reverse().join('+'));
  }
  return parts.reverse().join(',');
}

function attributeOf(der: Uint8Array, attribute: DerValue): string | null {
  const [type, value] = readMembers(der, attribute) ?? [];
  if (type === undefined || value === undefined || type.tag !== derTags.objectId) return null;
  const id = renderObjectId(der.subarray(type.contentStart, type.end));
  const name = attributeNames.get(id);
  const bytes = name === undefined ? null : textBytes(der, value);
  // RFC 2253 2.4: what is not known is shown as it is encoded.
  if (bytes === null) return `${name ?? id}=#${hexOf(der.subarray(value.start, value.end))}`;
  return `${name}=${escapeValue(bytes)}`;
}

/** The value's text in UTF-8; null: it is of a kind that holds no text. */
function textBytes(der: Uint8Array, { tag, contentStart, end }: DerValue): Uint8Array | null {
  const content = der.subarray(contentStart, end);
  if (tag === derTags.utf8) return content;
  if (latin1Tags.has(tag)) return Buffer.from(Buffer.from(content).toString('latin1'));
  if (tag === bmpTag && content.length % 2 === 0) {
    return Buffer.from(Buffer.from(content).swap16().toString('utf16le'));
  }
  return null;
}

function escapeValue(bytes: Uint8Array): string {
  let text = '';
  for (const [index, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    const isOuter = index === 0 || index === bytes.length - 1;
    if (byte < 0x20 || byte > 0x7e) text += `\\${hexOf(Uint8Array.of(byte))}`;
    else if (',+"\\<>;'.includes(character)) text += `\\${character}`;
    else if ((character === ' ' && isOuter) || (character === '#' && index === 0)) text += `\\${character}`;
    else text += character;
  }
  return text;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
