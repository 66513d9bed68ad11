// timeouts: how long the data plane waits for an upstream. Seconds in the annotations, milliseconds from here on.
import type { AnnotationKey, AnnotationValues, Feature, ParseResult, RouteSettings } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goInt, readValue } from '../values.ts';

/** Only what the annotations set. */
export type TimeoutsPolicy = Partial<
  Pick<RouteSettings, 'connectTimeoutMs' | 'sendTimeoutMs' | 'readTimeoutMs'>
>;

/** The longest delay of a timer of the runtime (2^31 - 1 ms): 24 days, for all that a proxy needs as good as for ever. */
const maxSeconds = 2_147_483;

/**
 * Whole seconds of at least 1. In nginx 0 makes every attempt fail at once and a negative number stops the whole configuration:
 * nobody means either, so both count as invalid.
 */
function seconds(text: string): ParseResult<number> {
  const parsed = goInt(text);
  if ('value' in parsed && parsed.value >= 1) return { value: Math.min(parsed.value, maxSeconds) };
  return { wanted: 'whole seconds of at least "1", without unit' };
}

function timeoutKey(name: string, defaultText: string, doc: string): AnnotationKey<number> {
  return {
    name,
    setting: name,
    dialect: 'nginx',
    parse: seconds,
    scope: 'route',
    risk: 'low',
    onInvalid: 'default',
    defaultText,
    valueText: `whole seconds of at least 1, without unit; over ${maxSeconds} counts as ${maxSeconds}`,
    doc,
  };
}

const connectKey = timeoutKey(
  'proxy-connect-timeout',
  '`5`',
  'Time to connect to an endpoint. Then another endpoint is tried; when all tries have failed the answer is 504.',
);
const sendKey = timeoutKey(
  'proxy-send-timeout',
  '`60`',
  'Longest pause between two writes of the request to the upstream, not its total time. Then the answer is 504.',
);
const readKey = timeoutKey(
  'proxy-read-timeout',
  '`60`',
  'Longest pause between two reads of the response from the upstream, not its total time. Then the answer is 504, or the response is cut off when it has begun.',
);

function compile(values: AnnotationValues): TimeoutsPolicy | null {
  const connect = readValue(values, connectKey);
  const send = readValue(values, sendKey);
  const read = readValue(values, readKey);
  if (connect === undefined && send === undefined && read === undefined) return null;
  return {
    ...(connect !== undefined && { connectTimeoutMs: connect * 1_000 }),
    ...(send !== undefined && { sendTimeoutMs: send * 1_000 }),
    ...(read !== undefined && { readTimeoutMs: read * 1_000 }),
  };
}

function describe({ connectTimeoutMs, sendTimeoutMs, readTimeoutMs }: TimeoutsPolicy): string {
  const parts = [
    ['connect', connectTimeoutMs],
    ['send', sendTimeoutMs],
    ['read', readTimeoutMs],
  ] as const;
  return parts
    .flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} within ${ms / 1_000} s`]))
    .join(', ');
}

export const timeouts: Feature = defineFeature<TimeoutsPolicy>({
  name: 'timeouts',
  doc: 'Sets how long to wait for an upstream.',
  keys: [connectKey, sendKey, readKey],
  after: ['ssl-redirect'],
  compile,
  settings: (policy) => policy,
  describe,
});
