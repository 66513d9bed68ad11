// Which form an answer takes: JSON or YAML, by the Accept field (RFC 9110 12.5.1); gzip, by Accept-Encoding.

export type Encoding = 'json' | 'yaml';

export const encodingTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
};

export interface Preference {
  /** In lower case, without parameters. */
  readonly value: string;
  /** By name in lower case; values as they came, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** More choices than any client has; the rest is not read. */
const maxPreferences = 64;

/** The choices of a list field: the best first, among equals a full name before a range; those with `q=0` are left out. */
export function parsePreferences(field: string): readonly Preference[] {
  const preferences = field.split(',', maxPreferences).flatMap((text): Preference[] => {
    const [value = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map(rest.map(parseParameter));
    const quality = Number(parameters.get('q') ?? 1);
    return value === '' || !(quality > 0) ? [] : [{ value: value.toLowerCase(), parameters, quality }];
  });
  const ranges = ({ value }: Preference): number => (value === '*/*' ? 2 : value.endsWith('/*') ? 1 : 0);
  return preferences.sort((one, other) => other.quality - one.quality || ranges(one) - ranges(other));
}

function parseParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase();
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  return [name, value.replace(/^"(.*)"$/, '$1')];
}

const encodingsByType: ReadonlyMap<string, Encoding> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
]);

/** Null: nothing that the client accepts can be made. An empty field accepts everything. */
export function negotiateEncoding(accept: string): Encoding | null {
  if (accept.trim() === '') return 'json';
  for (const { value } of parsePreferences(accept)) {
    const encoding = encodingsByType.get(value);
    if (encoding !== undefined) return encoding;
  }
  return null;
}

export function acceptsGzip(acceptEncoding: string): boolean {
  return parsePreferences(acceptEncoding).some(({ value }) => value === 'gzip');
}
