// redirect-map: single paths of an Ingress are somewhere else: a list of old and new places (`rewrite … permanent` of nginx).
import { hasValidEscapes, readPath } from '../../std/uri-path/index.ts';
import type {
  AnnotationKey,
  Feature,
  LocalResponse,
  ParseResult,
  RequestView,
  RouteHooks,
} from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { parseLines } from '../lines.ts';
import { redirectStatuses } from '../redirect-target.ts';
import { readValue } from '../values.ts';

export interface RedirectEntry {
  /** A whole path; of a prefix it ends with `/`. */
  readonly from: string;
  readonly isPrefix: boolean;
  /** A URL or a path. */
  readonly to: string;
  /** What follows the prefix is put behind. */
  readonly keepsRest: boolean;
  readonly status: number;
}

export interface RedirectMapPolicy {
  readonly entries: readonly RedirectEntry[];
}

const maxEntries = 1_000;
const maxFromLength = 512;
const target =
  /^(?:\/(?![/\\])|https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?]|$))[\x21\x23-\x26\x28-\x3b\x3d\x3f-\x5b\x5d-\x7e]*$/;

function parseEntry(line: string): ParseResult<RedirectEntry> {
  const [from = '', to = '', code = '301', ...more] = line.split(/[ \t]+/);
  const status = Number(code);
  if (more.length > 0 || to === '' || !redirectStatuses.includes(status) || !/^[0-9]+$/.test(code))
    return { wanted: `"FROM TO" or "FROM TO STATUS", the status one of [${redirectStatuses.join(' ')}]` };
  const isPrefix = from.endsWith('/*');
  const source = readSource(isPrefix ? from.slice(0, -1) : from);
  if (source === null) return { wanted: 'an old path such as "/old" or "/old/*"' };
  const keepsRest = to.endsWith('/*');
  const place = keepsRest ? to.slice(0, -1) : to;
  if (!target.test(place) || place.length > 2_048 || /[*$]/.test(place) || (keepsRest && place.includes('?')))
    return { wanted: 'a new place such as "/new", "/new/*" or "https://host/new", without variables' };
  if (keepsRest && !isPrefix) return { wanted: 'a "*" in the old path for that in the new place' };
  return { value: { from: source, isPrefix, to: place, keepsRest, status } };
}

/** In the form in which requests are compared. */
function readSource(from: string): string | null {
  if (!from.startsWith('/') || from.length > maxFromLength || /[?#*\\]/.test(from)) return null;
  if (!hasValidEscapes(from)) return null;
  const read = readPath(from);
  return typeof read === 'string' ? null : read.path;
}

function parseMap(text: string): ParseResult<readonly RedirectEntry[]> {
  const parsed = parseLines(text, { maxLines: maxEntries, parseLine: parseEntry });
  if ('wanted' in parsed) return parsed;
  const seen = new Set<string>();
  for (const { from, isPrefix } of parsed.value) {
    const name = `${from}${isPrefix ? '*' : ''}`;
    if (seen.has(name)) return { wanted: `each old path once (${name})` };
    seen.add(name);
  }
  return parsed;
}

export const mapKey: AnnotationKey<readonly RedirectEntry[]> = {
  name: 'redirect-map',
  dialect: 'sallyport',
  scope: 'route',
  risk: 'medium',
  onInvalid: 'reject',
  isLines: true,
  parse: parseMap,
  defaultText: 'none',
  valueText:
    'lines `FROM TO` or `FROM TO STATUS`; FROM is a path, or `/old/*` for all below it; TO a path or an `http` or `https` URL, `/new/*` for the same rest',
  doc: 'Requests for these paths get a redirect, 301 unless the line says another of 302, 303, 307, 308. The whole path goes before the longest beginning. The query follows, unless TO has one.',
};

function prepare({ entries }: RedirectMapPolicy): RouteHooks {
  const exact = new Map<string, RedirectEntry>();
  const prefixes = new Map<string, RedirectEntry>();
  for (const entry of entries) (entry.isPrefix ? prefixes : exact).set(entry.from, entry);
  // Longest first; few different ones, so that a long path costs no more than a short one.
  const lengths = [...new Set([...prefixes.keys()].map((from) => from.length))].sort((a, b) => b - a);
  const find = (path: string): RedirectEntry | undefined => {
    const found = exact.get(path);
    if (found !== undefined) return found;
    for (const length of lengths) {
      if (path.charCodeAt(length - 1) !== 0x2f) continue;
      const entry = prefixes.get(path.slice(0, length));
      if (entry !== undefined) return entry;
    }
    return undefined;
  };
  return {
    admit: (request) => {
      const entry = find(request.path);
      return entry === undefined ? null : answer(entry, request);
    },
  };
}

function answer({ from, to, keepsRest, status }: RedirectEntry, request: RequestView): LocalResponse {
  const { path, query, scheme, host } = request;
  // Slashes at the beginning of the rest would make it a host where TO is `/`.
  const rest = keepsRest ? path.slice(from.length).replace(/^[/\\]+/, '') : '';
  const place = to.startsWith('/') && host !== '' ? `${scheme}://${host}${to}` : to;
  return { status, reason: 'redirect-map', location: `${place}${rest}${to.includes('?') ? '' : query}` };
}

export const redirectMap: Feature = defineFeature<RedirectMapPolicy>({
  name: 'redirect-map',
  doc: 'Redirects single paths, by a list of old and new places.',
  keys: [mapKey],
  after: ['cors', 'deny'],
  compile: (values) => {
    const entries = readValue(values, mapKey);
    return entries === undefined ? null : { entries };
  },
  prepare,
  describe: ({ entries }) => `redirect ${entries.length} ${entries.length === 1 ? 'path' : 'paths'}`,
});
