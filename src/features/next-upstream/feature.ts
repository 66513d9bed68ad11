// next-upstream: when a request that failed is tried at another endpoint, how often, and until when.
import { defaultRetryPolicy, type RetryPolicy } from '../../model/index.ts';
import type { AnnotationKey, AnnotationValues, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, goInt, readValue, refuseControls } from '../values.ts';

type Condition = 'error' | 'timeout' | 'invalid_header' | 'non_idempotent' | 'off' | number;

const words = ['error', 'timeout', 'invalid_header', 'non_idempotent', 'off'] as const;
const statuses: readonly number[] = [500, 502, 503, 504, 403, 404, 429];
const wanted = `words of "${words.join(' ')} ${statuses.map((status) => `http_${status}`).join(' ')}", separated by spaces`;

function parseConditions(text: string): ParseResult<readonly Condition[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const conditions: Condition[] = [];
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const known = words.find((each) => each === word) ?? statuses.find((status) => `http_${status}` === word);
    if (known === undefined) return { wanted };
    conditions.push(known);
  }
  return conditions.length > 0 ? { value: conditions } : { wanted };
}

/** The longest delay of a timer of the runtime, in seconds. */
const maxSeconds = 2_147_483;

function atLeastZero(text: string): ParseResult<number> {
  const parsed = goInt(text);
  if ('value' in parsed && parsed.value >= 0) return parsed;
  return { wanted: 'a whole number of at least "0"' };
}

const shared = { dialect: 'nginx', scope: 'route', onInvalid: 'default' } as const;

const conditionsKey: AnnotationKey<readonly Condition[]> = {
  ...shared,
  name: 'proxy-next-upstream',
  setting: 'proxy-next-upstream',
  parse: parseConditions,
  risk: 'medium',
  defaultText: '`error timeout`, the latter for connecting only',
  valueText:
    '`error timeout invalid_header http_500 http_502 http_503 http_504 http_403 http_404 http_429 non_idempotent off`, separated by spaces',
  doc: 'When a request is tried at another endpoint. `error`: connecting failed, or the connection broke before a byte of the response. `timeout`: connecting took too long and, where this annotation is written, also sending and waiting for the response. `invalid_header`: the head of the response is broken. `http_…`: the response has this status; when no endpoint is left it is handed out. What was sent already is repeated for idempotent methods only, unless `non_idempotent` is listed. `off`: never.',
};

const triesKey: AnnotationKey<number> = {
  ...shared,
  name: 'proxy-next-upstream-tries',
  setting: 'proxy-next-upstream-tries',
  parse: atLeastZero,
  risk: 'low',
  defaultText: 'that of the flag, `3`',
  valueText: 'whole number; `0`: as many as there are endpoints',
  doc: 'Attempts for one request, the first included.',
};

const timeoutKey: AnnotationKey<number> = {
  ...shared,
  name: 'proxy-next-upstream-timeout',
  setting: 'proxy-next-upstream-timeout',
  parse: atLeastZero,
  risk: 'low',
  defaultText: '`0`, no limit',
  valueText: 'whole seconds; `0`: no limit',
  doc: 'Time from the start of a request after which it is not tried again.',
};

const nonIdempotentKey: AnnotationKey<boolean> & { readonly setting: string } = {
  ...shared,
  name: 'retry-non-idempotent',
  setting: 'retry-non-idempotent',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: '`true` or `false`',
  doc: 'Adds `non_idempotent` to `proxy-next-upstream`, wherever that comes from.',
};

function compile(values: AnnotationValues): RetryPolicy | null {
  const conditions = readValue(values, conditionsKey);
  const tries = readValue(values, triesKey);
  const seconds = readValue(values, timeoutKey);
  const repeatsAll = readValue(values, nonIdempotentKey) ?? false;
  if (conditions === undefined && tries === undefined && seconds === undefined && !repeatsAll) return null;
  const policy = conditions === undefined ? defaultRetryPolicy : policyOf(conditions);
  return {
    ...policy,
    nonIdempotent: policy.nonIdempotent || (repeatsAll && policy.error),
    maxTries: tries === 0 ? Number.MAX_SAFE_INTEGER : (tries ?? null),
    maxMs: Math.min(seconds ?? 0, maxSeconds) * 1_000,
  };
}

function policyOf(conditions: readonly Condition[]): RetryPolicy {
  const has = (condition: Condition): boolean =>
    !conditions.includes('off') && conditions.includes(condition);
  const wantedStatuses = statuses.filter(has);
  return {
    error: has('error'),
    timeout: has('timeout'),
    responseTimeout: has('timeout'),
    invalidHeader: has('invalid_header'),
    nonIdempotent: has('non_idempotent'),
    statuses: wantedStatuses.length > 0 ? wantedStatuses : null,
    maxTries: null,
    maxMs: 0,
  };
}

function describe(policy: RetryPolicy): string {
  const { error, timeout, responseTimeout, invalidHeader, statuses: passedOn } = policy;
  const causes = [
    ...(error ? ['errors'] : []),
    ...(timeout ? [responseTimeout ? 'time-outs' : 'time-outs of connecting'] : []),
    ...(invalidHeader ? ['broken heads'] : []),
    ...(passedOn ?? []),
  ];
  if (causes.length === 0) return 'never tried again';
  const { maxTries, maxMs } = policy;
  const tries =
    maxTries === null || maxTries === Number.MAX_SAFE_INTEGER ? '' : `, at most ${maxTries} tries`;
  const methods = policy.nonIdempotent ? ', any method' : '';
  return `tried again after ${causes.join(', ')}${methods}${tries}${maxMs > 0 ? `, within ${maxMs / 1_000} s` : ''}`;
}

export const nextUpstream: Feature = defineFeature<RetryPolicy>({
  name: 'next-upstream',
  doc: 'Sets when a request that failed is tried at another endpoint.',
  keys: [conditionsKey, triesKey, timeoutKey],
  settingKeys: [nonIdempotentKey],
  after: ['timeouts'],
  compile,
  settings: (retry) => ({ retry }),
  describe,
});
