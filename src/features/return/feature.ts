// return: one answer for all requests of the paths, without an endpoint (`return` of nginx).
import type { RequestTemplate } from '../../model/index.ts';
import type { AnnotationKey, AnnotationValues, Feature, ParseResult, RouteHooks } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { parseTarget, redirectStatuses } from '../redirect-target.ts';
import { readValue } from '../values.ts';

type Answer =
  | { readonly kind: 'page'; readonly status: number; readonly text: string }
  | { readonly kind: 'redirect'; readonly status: number; readonly target: RequestTemplate };

export type ReturnPolicy =
  | Extract<Answer, { kind: 'redirect' }>
  | (Extract<Answer, { kind: 'page' }> & { readonly mediaType: string });

const maxTextLength = 4_096;
const wanted = {
  wanted: `a status of 200 to 599 and a text of at most ${maxTextLength} characters, or one of [${redirectStatuses.join(' ')}] and a URL`,
};

function parseReturn(text: string): ParseResult<Answer> {
  if (/[\r\0]/.test(text)) return { wanted: 'a text without CR and NUL' };
  const [, digits = '', rest = ''] = /^\s*([2-5][0-9]{2})(?:\s+([^]*))?$/.exec(text) ?? [];
  const status = Number(digits);
  const tail = rest.trim();
  if (redirectStatuses.includes(status)) {
    const target = parseTarget(tail);
    return 'value' in target ? { value: { kind: 'redirect', status, target: target.value } } : target;
  }
  // 304 answers a condition, and the others of its kind say nothing without a place.
  if (digits === '' || (status >= 300 && status < 400)) return wanted;
  if (tail.length > maxTextLength || /[\0-\x08\x0b-\x1f\x7f]/.test(tail)) return wanted;
  if (tail !== '' && (status === 204 || status === 205)) return { wanted: `no text with ${status}` };
  return { value: { kind: 'page', status, text: tail } };
}

const common = {
  dialect: 'sallyport',
  scope: 'route',
  risk: 'medium',
  // It may be there to keep everybody out.
  onInvalid: 'deny',
} as const;

export const returnKey: AnnotationKey<Answer> = {
  ...common,
  name: 'return',
  isLines: true,
  parse: parseReturn,
  defaultText: 'none',
  valueText:
    '`STATUS`, `STATUS TEXT`, or `301`, `302`, `303`, `307`, `308` and a URL or path with the variables `$scheme $host $request_uri $uri $args $is_args`',
  doc: 'All requests of the paths get this answer. No endpoint is needed, and no redirect to HTTPS goes before it. A text is sent as it stands, without variables; without one there is the usual page of the status.',
};

export const typeKey: AnnotationKey<string> = {
  ...common,
  name: 'return-type',
  parse: (text) =>
    /^[a-z]+\/[a-z0-9.+-]{1,100}(?:; ?charset=[A-Za-z0-9-]{1,40})?$/.test(text)
      ? { value: text }
      : { wanted: 'a media type such as "application/json"' },
  defaultText: '`text/plain; charset=utf-8`',
  valueText: 'a media type such as `application/json`',
  doc: 'The `Content-Type` of the text of `return`.',
};

function compile(values: AnnotationValues): ReturnPolicy | null {
  const answer = readValue(values, returnKey);
  if (answer === undefined) return null;
  if (answer.kind === 'redirect') return answer;
  return { ...answer, mediaType: readValue(values, typeKey) ?? 'text/plain; charset=utf-8' };
}

function prepare(policy: ReturnPolicy): RouteHooks {
  const { status } = policy;
  if (policy.kind === 'redirect') {
    const needsHost = policy.target.some((part) => part.kind === 'variable' && part.name.endsWith('host'));
    return {
      admit: (request) => {
        // An empty host would let the path be read as one.
        if (needsHost && request.host === '') return { status: 400, reason: 'return-without-host' };
        let location = '';
        for (const part of policy.target) location += request.read(part);
        return { status, reason: 'return', location };
      },
    };
  }
  const { text, mediaType } = policy;
  const answer = { status, reason: 'return', ...(text !== '' && { page: { text, mediaType } }) };
  return { admit: () => answer };
}

export const returnAnswer: Feature = defineFeature<ReturnPolicy>({
  name: 'return',
  doc: 'Answers all requests of a path without an endpoint.',
  keys: [returnKey, typeKey],
  after: ['cors', 'deny', 'redirect-map', 'redirect'],
  compile,
  prepare,
  describe: (policy) =>
    policy.kind === 'page'
      ? `answer ${policy.status}${policy.text === '' ? '' : ` with ${policy.text.length} characters`}`
      : `answer ${policy.status} to "${policy.target
          .map((part) => (part.kind === 'text' ? part.text : `$${part.name}`))
          .join('')}"`,
});
