// redirect: the paths of an Ingress are somewhere else: all their requests get the URL of an annotation.
import type { AnnotationKey, AnnotationValues, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, goInt, readValue, textOf } from '../values.ts';

export interface RedirectPolicy {
  readonly status: number;
  /** As written, or a path that is made absolute for each request. */
  readonly url: string;
  readonly isRelative: boolean;
}

const plainUrl = textOf('url');

/** Older versions of ingress-nginx let variables through, so whoever has one is told where it may stand. */
function urlText(text: string): ParseResult<string> {
  const parsed = plainUrl(text);
  if (!('wanted' in parsed) || !text.includes('$')) return parsed;
  return {
    wanted: `${parsed.wanted} (a target with variables goes into sallyport.dev/return, behind the status)`,
  };
}

const absoluteUrl = /^https?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?]|$)/;

/** Empty counts as absent. */
function parseAbsolute(text: string): ParseResult<string> {
  const parsed = text.trim() === '' ? { value: '' } : urlText(text);
  if ('wanted' in parsed || parsed.value === '' || absoluteUrl.test(parsed.value)) return parsed;
  return { wanted: 'an "http" or "https" URL' };
}

/** A second slash at the start would make the rest a host. */
function parseAny(text: string): ParseResult<string> {
  if (/^\/(?!\/)/.test(text)) return urlText(text);
  const parsed = parseAbsolute(text);
  return 'wanted' in parsed ? { wanted: `${parsed.wanted}, or a path that begins with one "/"` } : parsed;
}

const common = { dialect: 'nginx', scope: 'route', onInvalid: 'reject' } as const;

const urlKey = { ...common, risk: 'medium', defaultText: 'none' } as const;

export const permanentKey: AnnotationKey<string> = {
  ...urlKey,
  name: 'permanent-redirect',
  parse: parseAny,
  valueText: 'an `http` or `https` URL of letters, digits and `- . _ ~ / : , ? & =`, or a path',
  doc: 'All requests of the paths get 301 to this URL, as it is written: their own path and query are not put behind it. No endpoint is needed, and no redirect to HTTPS goes before it. A path is put behind scheme and host of the request.',
};

export const temporalKey: AnnotationKey<string> = {
  ...urlKey,
  name: 'temporal-redirect',
  parse: parseAbsolute,
  valueText: 'an `http` or `https` URL of letters, digits and `- . _ ~ / : , ? & =`',
  doc: 'The same with 302. Goes before `permanent-redirect`.',
};

const codeKey = { ...common, parse: goInt, risk: 'low' } as const;

export const permanentCodeKey: AnnotationKey<number> = {
  ...codeKey,
  name: 'permanent-redirect-code',
  defaultText: '`301`',
  valueText: 'a whole number; outside of 300 to 308 it counts as absent',
  doc: 'The status of `permanent-redirect`.',
};

export const temporalCodeKey: AnnotationKey<number> = {
  ...codeKey,
  name: 'temporal-redirect-code',
  defaultText: '`302`',
  valueText: 'a whole number; outside of 300 to 307 it counts as absent',
  doc: 'The status of `temporal-redirect`.',
};

export const relativeKey: AnnotationKey<boolean> = {
  ...common,
  name: 'relative-redirects',
  parse: goBool,
  setting: 'relative-redirects',
  risk: 'low',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Leaves a path in `permanent-redirect` a path.',
};

function statusOf(code: number | undefined, highest: number, absent: number): number {
  return code !== undefined && code >= 300 && code <= highest ? code : absent;
}

function compile(values: AnnotationValues): RedirectPolicy | null {
  const temporal = readValue(values, temporalKey) ?? '';
  if (temporal !== '') {
    return {
      status: statusOf(readValue(values, temporalCodeKey), 307, 302),
      url: temporal,
      isRelative: false,
    };
  }
  const url = readValue(values, permanentKey) ?? '';
  if (url === '') return null;
  const isRelative = url.startsWith('/') && readValue(values, relativeKey) !== true;
  return { status: statusOf(readValue(values, permanentCodeKey), 308, 301), url, isRelative };
}

export const redirect: Feature = defineFeature<RedirectPolicy>({
  name: 'redirect',
  doc: 'Redirects whole paths to a fixed URL.',
  keys: [permanentKey, permanentCodeKey, temporalKey, temporalCodeKey, relativeKey],
  after: ['cors'],
  compile,
  prepare: ({ status, url, isRelative }) => ({
    admit: ({ scheme, host }) => {
      const location = isRelative && host !== '' ? `${scheme}://${host}${url}` : url;
      return { status, reason: 'redirect', location };
    },
  }),
  describe: ({ status, url }) => `answer ${status} to "${url}"`,
});
