// Name and text checks with the API server's own messages. Each check returns what is wrong, in the server's order; an empty
// list means valid. Rules and texts: apimachinery pkg/util/validation and pkg/api/validate/content. Lengths are in bytes.
import { byteLength } from './go-text.ts';

const labelFormat = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainFormat = `${labelFormat}(\\.${labelFormat})*`;
const dns1035Format = '[a-z]([-a-z0-9]*[a-z0-9])?';
const wildcardFormat = `\\*\\.${subdomainFormat}`;
const keyFormat = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValueFormat = `(${keyFormat})?`;
const configKeyFormat = '[-._a-zA-Z0-9]+';
const httpPathFormat = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

const labelRegexp = new RegExp(`^${labelFormat}$`);
const subdomainRegexp = new RegExp(`^${subdomainFormat}$`);
const dns1035Regexp = new RegExp(`^${dns1035Format}$`);
const wildcardRegexp = new RegExp(`^${wildcardFormat}$`);
const keyRegexp = new RegExp(`^${keyFormat}$`);
const labelValueRegexp = new RegExp(`^${labelValueFormat}$`);
const configKeyRegexp = new RegExp(`^${configKeyFormat}$`);
const httpPathRegexp = new RegExp(`^${httpPathFormat}$`);

const maxSubdomainBytes = 253;
const maxLabelBytes = 63;
const maxPortNameBytes = 15;

function tooLong(maxBytes: number): string {
  return `must be no more than ${maxBytes} characters`;
}

/** The same where the server's newer package of checks says it, for labels. */
function tooManyBytes(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}

/** The double space before `or` is the server's. */
function regexMessage(text: string, format: string, ...examples: readonly string[]): string {
  const regex = `regex used for validation is '${format}')`;
  if (examples.length === 0) return `${text} (${regex}`;
  return `${text} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex}`;
}

const labelMessage = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelFormat,
  'my-name',
  '123-abc',
);
const subdomainMessage = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainFormat,
  'example.com',
);
const dns1035Message = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035Format,
  'my-name',
  'abc-123',
);
const wildcardMessage = regexMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  wildcardFormat,
  '*.example.com',
);
const keyText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const keyMessage = regexMessage(keyText, keyFormat, 'MyName', 'my.name', '123-abc');
const labelValueMessage = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValueFormat,
  'MyValue',
  'my_value',
  '12345',
);
const configKeyMessage = regexMessage(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKeyFormat,
  'key.name',
  'KEY_NAME',
  'key-name',
);

/** A check of a text: the messages of all rules that it breaks. */
export type TextCheck = (text: string) => string[];

/** A DNS-1123 subdomain: names of most objects, hosts. Only the total length is limited, not each label's. */
export function checkSubdomain(text: string): string[] {
  const messages = byteLength(text) > maxSubdomainBytes ? [tooLong(maxSubdomainBytes)] : [];
  if (!subdomainRegexp.test(text)) messages.push(subdomainMessage);
  return messages;
}

/** A DNS-1123 label: namespaces, port names of Services. */
export function checkLabel(text: string): string[] {
  const messages = byteLength(text) > maxLabelBytes ? [tooLong(maxLabelBytes)] : [];
  if (!labelRegexp.test(text)) {
    messages.push(subdomainRegexp.test(text) ? 'must not contain dots' : labelMessage);
  }
  return messages;
}

/** A DNS-1035 label: names of Services. */
export function checkDns1035Label(text: string): string[] {
  const messages = byteLength(text) > maxLabelBytes ? [tooLong(maxLabelBytes)] : [];
  if (!dns1035Regexp.test(text)) messages.push(dns1035Message);
  return messages;
}

/** `*.` and a DNS-1123 subdomain. */
export function checkWildcardSubdomain(text: string): string[] {
  const messages = byteLength(text) > maxSubdomainBytes ? [tooLong(maxSubdomainBytes)] : [];
  if (!wildcardRegexp.test(text)) messages.push(wildcardMessage);
  return messages;
}

/** A qualified name: `[subdomain/]name`, for example a label key. */
export function checkQualifiedName(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${keyMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const messages: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') messages.push('prefix part must be non-empty');
    else messages.push(...checkPrefix(prefix).map((message) => `prefix part ${message}`));
  }
  if (name === '') messages.push('name part must be non-empty');
  else if (byteLength(name) > maxLabelBytes) messages.push(`name part ${tooManyBytes(maxLabelBytes)}`);
  if (!keyRegexp.test(name)) messages.push(`name part ${keyMessage}`);
  return messages;
}

function checkPrefix(text: string): string[] {
  const messages = byteLength(text) > maxSubdomainBytes ? [tooManyBytes(maxSubdomainBytes)] : [];
  if (!subdomainRegexp.test(text)) messages.push(subdomainMessage);
  return messages;
}

/** The value of a label. */
export function checkLabelValue(text: string): string[] {
  const messages = byteLength(text) > maxLabelBytes ? [tooManyBytes(maxLabelBytes)] : [];
  if (!labelValueRegexp.test(text)) messages.push(labelValueMessage);
  return messages;
}

/** A port's name in an Ingress backend or a targetPort (RFC 6335, lower case). */
export function checkPortName(text: string): string[] {
  const messages = byteLength(text) > maxPortNameBytes ? [tooLong(maxPortNameBytes)] : [];
  if (!/^[-a-z0-9]+$/.test(text)) {
    messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(text)) messages.push('must contain at least one letter (a-z)');
  if (text.includes('--')) messages.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
}

/** A port's number. */
export function checkPortNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** A key of a ConfigMap's or Secret's data. */
export function checkConfigKey(text: string): string[] {
  const messages = byteLength(text) > maxSubdomainBytes ? [tooLong(maxSubdomainBytes)] : [];
  if (!configKeyRegexp.test(text)) messages.push(configKeyMessage);
  if (text === '.' || text === '..') messages.push(`must not be '${text}'`);
  else if (text.startsWith('..')) messages.push("must not start with '..'");
  return messages;
}

/** A name that becomes a segment of a URL's path: `.`, `..`, `/` and `%` are refused. Empty and long texts pass. */
export function checkPathSegment(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
}

/** The path of a domain-prefixed path such as `acme.io/foo`. */
export function checkHttpPath(text: string): string[] {
  return httpPathRegexp.test(text) ? [] : [regexMessage('Invalid path', httpPathFormat)];
}

/** A check of an object's name. `prefix`: the text is a generateName, to which a suffix will be added. */
export type NameCheck = (text: string, prefix: boolean) => string[];

/** A check that masks the trailing dash of a generateName, because the suffix will follow it. */
export function nameCheck(check: TextCheck): NameCheck {
  return (text, prefix) =>
    check(prefix && text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);
}

/** Names of Ingress, IngressClass, EndpointSlice, Endpoints, Secret, ConfigMap. */
export const checkSubdomainName: NameCheck = nameCheck(checkSubdomain);
/** Names of Namespaces. */
export const checkNamespaceName: NameCheck = nameCheck(checkLabel);
/** Names of Services: since 1.36 they may begin with a digit. */
export const checkServiceName: NameCheck = nameCheck(checkLabel);
