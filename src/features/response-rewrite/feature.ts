// response-rewrite: addresses in the fields of an upstream's response, changed into those that the client knows.
import { mapField } from '../../wire/http1/field-value.ts';
import type { AnnotationKey, AnnotationValues, Feature, ParseResult, RouteHooks } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue, refuseControls, textOf } from '../values.ts';

interface Exchange {
  readonly from: string;
  readonly to: string;
}

export interface ResponseRewritePolicy {
  readonly redirect: Exchange | null;
  readonly cookieDomain: Exchange | null;
  readonly cookiePath: Exchange | null;
}

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'medium',
  onInvalid: 'default',
  defaultText: '`off`',
} as const;
const urlText = textOf('url');

/** `off`, or two texts of visible characters that cannot end a field or an attribute. */
function parsePair(text: string): ParseResult<Exchange | null> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const [from, to, ...more] = text.trim().split(/ +/);
  if (from === 'off' && to === undefined) return { value: null };
  const isGood = [from, to].every((part) => part !== undefined && /^[A-Za-z0-9._~/:-]{1,256}$/.test(part));
  if (!isGood || from === undefined || to === undefined || more.length > 0) {
    return { wanted: '"off", or two texts with a space between, of letters, digits and - . _ ~ / :' };
  }
  return { value: { from, to } };
}

export const redirectFromKey: AnnotationKey<string> = {
  ...common,
  name: 'proxy-redirect-from',
  setting: 'proxy-redirect-from',
  parse: urlText,
  valueText: 'a URL or the beginning of one, or `off`',
  doc: 'A `Location` of an endpoint that begins with this text gets that of `proxy-redirect-to` in its place. `default` is not supported and counts as `off`.',
};

export const redirectToKey: AnnotationKey<string> = {
  ...common,
  name: 'proxy-redirect-to',
  setting: 'proxy-redirect-to',
  parse: urlText,
  valueText: 'a URL or the beginning of one, or `off`',
  doc: 'See `proxy-redirect-from`; one without the other has no effect.',
};

export const cookieDomainKey: AnnotationKey<Exchange | null> = {
  ...common,
  name: 'proxy-cookie-domain',
  setting: 'proxy-cookie-domain',
  parse: parsePair,
  valueText: '`off`, or `FROM TO`',
  doc: 'A `Domain` of a cookie of an endpoint that is FROM, whatever the case and with or without a dot before it, becomes TO.',
};

export const cookiePathKey: AnnotationKey<Exchange | null> = {
  ...common,
  name: 'proxy-cookie-path',
  setting: 'proxy-cookie-path',
  parse: parsePair,
  valueText: '`off`, or `FROM TO`',
  doc: 'A `Path` of a cookie of an endpoint that begins with FROM begins with TO instead.',
};

function compile(values: AnnotationValues): ResponseRewritePolicy | null {
  const from = readValue(values, redirectFromKey) ?? 'off';
  const to = readValue(values, redirectToKey) ?? 'off';
  const isOn = ![from, to].includes('off') && from !== 'default';
  const redirect = isOn ? { from, to } : null;
  const cookieDomain = readValue(values, cookieDomainKey) ?? null;
  const cookiePath = readValue(values, cookiePathKey) ?? null;
  if (redirect === null && cookieDomain === null && cookiePath === null) return null;
  return { redirect, cookieDomain, cookiePath };
}

/** The value of a Set-Cookie with another attribute; null: it stays. `swap` gives null where the attribute stays. */
function swapAttribute(cookie: string, name: string, swap: (value: string) => string | null): string | null {
  let isChanged = false;
  const parts = cookie.split(';').map((part, index) => {
    const equals = part.indexOf('=');
    if (index === 0 || part.slice(0, equals).trim().toLowerCase() !== name) return part;
    const changed = swap(part.slice(equals + 1).trim());
    if (changed === null) return part;
    isChanged = true;
    return `${part.slice(0, equals + 1)}${changed}`;
  });
  return isChanged ? parts.join(';') : null;
}

function beginning({ from, to }: Exchange): (value: string) => string | null {
  return (value) => (value.startsWith(from) ? to + value.slice(from.length) : null);
}

function sameDomain({ from, to }: Exchange): (value: string) => string | null {
  const plain = (domain: string): string => domain.toLowerCase().replace(/^\./, '');
  const wanted = plain(from);
  return (value) => (plain(value) === wanted ? to : null);
}

function prepare({ redirect, cookieDomain, cookiePath }: ResponseRewritePolicy): RouteHooks {
  const location = redirect === null ? null : beginning(redirect);
  const domain = cookieDomain === null ? null : sameDomain(cookieDomain);
  const path = cookiePath === null ? null : beginning(cookiePath);
  return {
    respond: (_request, fields, isOwn) => {
      if (isOwn) return fields;
      let changed = fields;
      if (location !== null) changed = mapField(changed, 'location', location);
      if (domain !== null)
        changed = mapField(changed, 'set-cookie', (text) => swapAttribute(text, 'domain', domain));
      if (path !== null)
        changed = mapField(changed, 'set-cookie', (text) => swapAttribute(text, 'path', path));
      return changed;
    },
  };
}

const render = (what: string, exchange: Exchange | null): string =>
  exchange === null ? '' : `${what} "${exchange.from}" becomes "${exchange.to}"`;

export const responseRewrite: Feature = defineFeature<ResponseRewritePolicy>({
  name: 'response-rewrite',
  doc: 'Changes addresses in the fields of responses of endpoints.',
  keys: [redirectFromKey, redirectToKey, cookieDomainKey, cookiePathKey],
  after: [],
  compile,
  prepare,
  describe: ({ redirect, cookieDomain, cookiePath }) =>
    [
      render('Location', redirect),
      render('domain of cookies', cookieDomain),
      render('path of cookies', cookiePath),
    ]
      .filter((part) => part !== '')
      .join(', '),
});
