// The annotations of ours on Services, in one table: from it come parsing, problems and the reference page.
import type { UpstreamSettings } from '../model/index.ts';

export interface ServiceAnnotation {
  /** Without prefix. */
  readonly name: string;
  readonly valueText: string;
  readonly defaultText: string;
  readonly doc: string;
  /** The settings with the value in them; null: it is not what is wanted. */
  readonly apply: Apply;
}

type Apply = (settings: UpstreamSettings, text: string) => UpstreamSettings | null;

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

function decimalOf(text: string, least: number, most: number): number | null {
  const value = /^\d{1,3}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
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

/** Members that are groups of others. */
type Groups = { [Name in keyof UpstreamSettings]: UpstreamSettings[Name] extends object ? Name : never };

/** Sets a member of a group to what `read` makes of the text; null: it is not what is wanted. */
function into<Group extends Groups[keyof UpstreamSettings], Member extends keyof UpstreamSettings[Group]>(
  group: Group,
  member: Member,
  read: (text: string) => UpstreamSettings[Group][Member] | null,
): Apply {
  return (settings, text) => {
    const value = read(text);
    return value === null ? null : { ...settings, [group]: { ...settings[group], [member]: value } };
  };
}

/** Texts that are taken as they are. */
function matching(pattern: RegExp): (text: string) => string | null {
  return (text) => (pattern.test(text) ? text : null);
}

/** One of two words. */
function switchedBy(on: string, off: string): (text: string) => boolean | null {
  return (text) => (text === on ? true : text === off ? false : null);
}

function wholeFrom(least: number, most: number): (text: string) => number | null {
  return (text) => countOf(text, least, most);
}

function timeFrom(least: number): (text: string) => number | null {
  return (text) => durationOf(text, least);
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
    valueText: '`http`, `grpc` or `tcp`',
    defaultText: 'off',
    doc: 'Asks each endpoint regularly, each worker by itself, and leaves alone the ones that do not answer. `http`: GET, good with a status from 200 to 399. `grpc`: `grpc.health.v1.Health/Check` over HTTP/2, good with `SERVING`. `tcp`: connects. All over TLS, and `http` over HTTP/2, where requests are.',
    apply: into('check', 'kind', (text) =>
      text === 'http' || text === 'grpc' || text === 'tcp' ? text : null,
    ),
  },
  {
    name: 'health-check-path',
    valueText: 'a path of visible ASCII characters, with a query if wanted',
    defaultText: '`/`',
    doc: 'What `http` asks for.',
    apply: into('check', 'path', matching(/^\/[!-~]{0,1023}$/)),
  },
  {
    name: 'health-check-host',
    valueText: 'a host name, with a port if wanted',
    defaultText: 'address and port of the endpoint',
    doc: 'The Host that `http` and `grpc` ask for.',
    apply: into('check', 'host', matching(/^[\w.\-:[\]]{1,255}$/)),
  },
  {
    name: 'health-check-grpc-service',
    valueText: 'at most 256 visible ASCII characters',
    defaultText: 'empty: the server as a whole',
    doc: 'The service that `grpc` asks for.',
    apply: into('check', 'grpcService', matching(/^[!-~]{0,256}$/)),
  },
  {
    name: 'health-check-interval',
    valueText: `${durationText}, at least \`1s\``,
    defaultText: '`10s`',
    doc: 'Time between two questions to an endpoint.',
    apply: into('check', 'intervalMs', timeFrom(1_000)),
  },
  {
    name: 'health-check-timeout',
    valueText: `${durationText}, at least \`100ms\``,
    defaultText: '`2s`',
    doc: 'How long an answer may take.',
    apply: into('check', 'timeoutMs', timeFrom(100)),
  },
  {
    name: 'health-check-failures',
    valueText: 'whole number from 1 to 100',
    defaultText: '`3`',
    doc: 'Bad answers in a row until an endpoint is left alone.',
    apply: into('check', 'failures', wholeFrom(1, 100)),
  },
  {
    name: 'health-check-successes',
    valueText: 'whole number from 1 to 100',
    defaultText: '`2`',
    doc: 'Good answers in a row until it gets requests again.',
    apply: into('check', 'successes', wholeFrom(1, 100)),
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
  {
    name: 'outlier-ejection',
    valueText: '`success-rate` or `off`',
    defaultText: 'off',
    doc: 'Compares the shares of good answers of the endpoints, and leaves alone for a while those that are far below the mean: as long and as many at most as after failures in a row (`--endpoint-…`). Bad are statuses from 500 (of gRPC those that mean the same), and failures of the connection.',
    apply: into('outliers', 'isOn', switchedBy('success-rate', 'off')),
  },
  {
    name: 'outlier-interval',
    valueText: `${durationText}, at least \`1s\``,
    defaultText: '`10s`',
    doc: 'Time over which shares are compared.',
    apply: into('outliers', 'intervalMs', timeFrom(1_000)),
  },
  {
    name: 'outlier-min-endpoints',
    valueText: 'whole number from 2 to 1000',
    defaultText: '`5`',
    doc: 'With fewer endpoints that have enough requests nothing is compared.',
    apply: into('outliers', 'minEndpoints', wholeFrom(2, 1_000)),
  },
  {
    name: 'outlier-min-requests',
    valueText: 'whole number from 1 to 1000000',
    defaultText: '`100`',
    doc: 'An endpoint with fewer answers in an interval is not compared. For each worker.',
    apply: into('outliers', 'minRequests', wholeFrom(1, 1_000_000)),
  },
  {
    name: 'outlier-deviation',
    valueText: 'number from 0.1 to 10, such as `1.9`',
    defaultText: '`1.9`',
    doc: 'How many standard deviations below the mean is far. Five points are the least in any case.',
    apply: into('outliers', 'deviations', (text) => decimalOf(text, 0.1, 10)),
  },
  {
    name: 'adaptive-limit',
    valueText: '`on` or `off`',
    defaultText: 'off',
    doc: 'Bounds the requests that wait for the answer of an endpoint, for each worker, by how long answers take: the bound falls while they take longer than those of an endpoint that has little to do. Further requests wait as with `max-requests-per-endpoint`.',
    apply: into('adaptiveLimit', 'isOn', switchedBy('on', 'off')),
  },
  {
    name: 'adaptive-limit-min',
    valueText: 'whole number from 1 to 100000',
    defaultText: '`4`',
    doc: 'The bound is never lower. With no more than this an endpoint counts as having little to do.',
    apply: into('adaptiveLimit', 'min', wholeFrom(1, 100_000)),
  },
  {
    name: 'adaptive-limit-max',
    valueText: 'whole number from 1 to 100000',
    defaultText: '`1000`',
    doc: 'The bound is never higher.',
    apply: into('adaptiveLimit', 'max', wholeFrom(1, 100_000)),
  },
  {
    name: 'adaptive-limit-tolerance',
    valueText: 'whole number from 5 to 1000',
    defaultText: '`50`',
    doc: 'How much longer answers may take before the bound falls, in percent.',
    apply: into('adaptiveLimit', 'tolerancePercent', wholeFrom(5, 1_000)),
  },
];
