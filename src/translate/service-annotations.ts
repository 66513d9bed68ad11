// Our own annotations on Services: what concerns all routes to a Service, whatever Ingress they are of. Declared in one table, from
// which come parsing, problems and the reference page.
import {
  defaultUpstreamSettings,
  type ObjectRef,
  type Problem,
  type UpstreamSettings,
} from '../model/index.ts';
import { findNearestWord } from '../std/nearest-word.ts';
import type { Service } from '../kube/index.ts';
import { annotationField } from './annotations.ts';
import { quoteValue } from './problems.ts';
import { entriesOf, textOf } from './shape.ts';

const prefix = 'sallyport.dev/';

export interface ServiceAnnotation {
  /** Without prefix. */
  readonly name: string;
  readonly valueText: string;
  readonly defaultText: string;
  readonly doc: string;
  /** The settings with the value in them; null: it is not what is wanted. */
  readonly apply: (settings: UpstreamSettings, text: string) => UpstreamSettings | null;
}

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
/** The longest delay of a timer of the runtime is a little more. */
const maxMs = 86_400_000;

function durationOf(text: string, least: number): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,8})(ms|s|m|h)$/.exec(text) ?? [];
  const ms = digits === '' ? Number.NaN : Number(digits) * (unitMs.get(unit) ?? 0);
  return ms >= least && ms <= maxMs ? ms : null;
}

function countOf(text: string, least: number, most: number): number | null {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : null;
}

type Numbers = { [Name in keyof UpstreamSettings]: UpstreamSettings[Name] extends number ? Name : never };

function put(
  settings: UpstreamSettings,
  member: Numbers[keyof UpstreamSettings],
  value: number | null,
): UpstreamSettings | null {
  return value === null ? null : { ...settings, [member]: value };
}

/** A member of the check; the check itself is switched on by `health-check`. */
function putCheck(
  settings: UpstreamSettings,
  part: Partial<Record<keyof UpstreamSettings['check'], unknown>>,
  isGood: boolean,
): UpstreamSettings | null {
  return isGood ? { ...settings, check: { ...settings.check, ...part } as UpstreamSettings['check'] } : null;
}

const durationText = 'a duration such as `500ms`, `10s`, `2m`';

export const serviceAnnotations: readonly ServiceAnnotation[] = [
  {
    name: 'slow-start',
    valueText: durationText,
    defaultText: 'off',
    doc: 'An endpoint that joins others which already serve gets a growing part of the requests over this time, from a tenth to the whole. Not for hashes and sessions.',
    apply: (settings, text) => put(settings, 'slowStartMs', durationOf(text, 1)),
  },
  {
    name: 'health-check',
    valueText: '`http` or `tcp`',
    defaultText: 'off',
    doc: 'Asks each endpoint regularly, each worker by itself, and leaves alone the ones that do not answer. `http`: GET over plain HTTP, good with a status from 200 to 399. `tcp`: connects.',
    apply: (settings, text) => putCheck(settings, { kind: text }, text === 'http' || text === 'tcp'),
  },
  {
    name: 'health-check-path',
    valueText: 'a path of visible ASCII characters, with a query if wanted',
    defaultText: '`/`',
    doc: 'What `http` asks for.',
    apply: (settings, text) => putCheck(settings, { path: text }, /^\/[!-~]{0,1023}$/.test(text)),
  },
  {
    name: 'health-check-host',
    valueText: 'a host name, with a port if wanted',
    defaultText: 'address and port of the endpoint',
    doc: 'The Host that `http` asks for.',
    apply: (settings, text) => putCheck(settings, { host: text }, /^[\w.\-:[\]]{1,255}$/.test(text)),
  },
  {
    name: 'health-check-interval',
    valueText: `${durationText}, at least \`1s\``,
    defaultText: '`10s`',
    doc: 'Time between two questions to an endpoint.',
    apply: (settings, text) => {
      const intervalMs = durationOf(text, 1_000);
      return putCheck(settings, { intervalMs }, intervalMs !== null);
    },
  },
  {
    name: 'health-check-timeout',
    valueText: `${durationText}, at least \`100ms\``,
    defaultText: '`2s`',
    doc: 'How long an answer may take.',
    apply: (settings, text) => {
      const timeoutMs = durationOf(text, 100);
      return putCheck(settings, { timeoutMs }, timeoutMs !== null);
    },
  },
  {
    name: 'health-check-failures',
    valueText: 'whole number from 1 to 100',
    defaultText: '`3`',
    doc: 'Bad answers in a row until an endpoint is left alone.',
    apply: (settings, text) => {
      const failures = countOf(text, 1, 100);
      return putCheck(settings, { failures }, failures !== null);
    },
  },
  {
    name: 'health-check-successes',
    valueText: 'whole number from 1 to 100',
    defaultText: '`2`',
    doc: 'Good answers in a row until it gets requests again.',
    apply: (settings, text) => {
      const successes = countOf(text, 1, 100);
      return putCheck(settings, { successes }, successes !== null);
    },
  },
  {
    name: 'max-requests-per-endpoint',
    valueText: 'whole number from 1 to 1000000',
    defaultText: 'no bound',
    doc: 'Requests under way at one endpoint, for each worker. When all endpoints have as many, further ones wait.',
    apply: (settings, text) => put(settings, 'maxActive', countOf(text, 1, 1_000_000)),
  },
  {
    name: 'max-waiting-requests',
    valueText: 'whole number from 0 to 100000',
    defaultText: '`100`',
    doc: 'Requests that wait for an endpoint with `max-requests-per-endpoint`, for each worker. Above: 503.',
    apply: (settings, text) => put(settings, 'maxWaiting', countOf(text, 0, 100_000)),
  },
  {
    name: 'max-waiting-time',
    valueText: durationText,
    defaultText: '`5s`',
    doc: 'How long a request waits. Then it is answered 503.',
    apply: (settings, text) => put(settings, 'maxWaitMs', durationOf(text, 1)),
  },
];

const byName = new Map(serviceAnnotations.map((annotation) => [`${prefix}${annotation.name}`, annotation]));

export interface ServiceSettings {
  /** Null: all is ordinary. */
  readonly settings: UpstreamSettings | null;
  readonly problems: readonly Problem[];
}

const ordinary: ServiceSettings = { settings: null, problems: [] };

export function readServiceSettings(service: Service | undefined): ServiceSettings {
  const entries = entriesOf(service?.metadata.annotations).filter(([name]) => name.startsWith(prefix));
  if (service === undefined || entries.length === 0) return ordinary;
  const namespace = textOf(service.metadata.namespace);
  const object: ObjectRef = { kind: 'Service', namespace, name: service.metadata.name };
  const problems: Problem[] = [];
  let settings: UpstreamSettings | null = null;
  for (const [name, text] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const annotation = byName.get(name);
    const next: UpstreamSettings | null =
      annotation?.apply(settings ?? defaultUpstreamSettings, text) ?? null;
    if (next === null) problems.push(problemOf(name, text, annotation, object));
    else settings = next;
  }
  return { settings, problems };
}

function problemOf(
  name: string,
  text: string,
  annotation: ServiceAnnotation | undefined,
  object: ObjectRef,
): Problem {
  const field = annotationField(name);
  if (annotation === undefined) {
    const similar = findNearestWord(name, byName.keys(), () => 2);
    const hint = similar === null ? '' : `; did you mean "${similar}"`;
    const message = `annotation ${quoteValue(name)} is not known and has no effect${hint}`;
    return { code: 'AnnotationUnknown', severity: 'warning', object, field, message };
  }
  const wanted = annotation.valueText.replaceAll('`', '"');
  const message = `annotation "${name}" is ${quoteValue(text)}, wanted ${wanted}; it has no effect`;
  return { code: 'AnnotationInvalid', severity: 'warning', object, field, message };
}
