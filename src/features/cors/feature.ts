// cors: tells browsers which other sites may read the answers (Cross-Origin Resource Sharing), and answers their questions before requests.
import { hasFieldOf, replaceField } from '../../wire/http1/field-value.ts';
import type { AnnotationKey, AnnotationValues, CompileContext, Feature, RouteHooks } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { goBool, goInt, readValue, refuseControls, textOf } from '../values.ts';
import { compileOrigins, type OriginList, parseOrigins } from './origins.ts';

export interface CorsPolicy {
  readonly isAny: boolean;
  readonly patterns: readonly string[];
  /** Name and value of the fields beside the origin's. */
  readonly fields: readonly (readonly [string, string])[];
}

const common = { dialect: 'nginx', scope: 'route', risk: 'medium', onInvalid: 'default' } as const;
const defaultMethods = 'GET, PUT, POST, DELETE, PATCH, OPTIONS';
const defaultHeaders =
  'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization';
const switchText = '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)';

export const enableKey: AnnotationKey<boolean> = {
  ...common,
  name: 'enable-cors',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: switchText,
  doc: 'Puts the fields `Access-Control-*` on every answer of the paths to a request whose origin is on the list, in place of those of the endpoint, and answers any OPTIONS request of such an origin with 204, before redirects, lists of addresses and passwords.',
};

export const originKey: AnnotationKey<OriginList> = {
  ...common,
  name: 'cors-allow-origin',
  // Absent would be everybody.
  onInvalid: 'reject',
  parse: parseOrigins,
  defaultText: '`*`',
  valueText: '`*`, `null`, or origins `SCHEME://[*.]HOST[:PORT]` with commas between',
  doc: 'The origins that may. `*.` stands for exactly one label; a port must be equal; case does not count; entries without a scheme match nothing. With `*` among them the answer says `*`, else it repeats the origin. A value that is no list lets no origin in; in ingress-nginx it lets all in.',
};

export const methodsKey: AnnotationKey<string> = {
  ...common,
  name: 'cors-allow-methods',
  parse: listOf(/^[A-Za-z]+$/, 'methods'),
  defaultText: `\`${defaultMethods}\``,
  valueText: 'methods with commas between',
  doc: '`Access-Control-Allow-Methods`.',
};

export const headersKey: AnnotationKey<string> = {
  ...common,
  name: 'cors-allow-headers',
  parse: textOf('headers'),
  defaultText: `\`${defaultHeaders}\``,
  valueText: 'names of fields with commas between',
  doc: '`Access-Control-Allow-Headers`.',
};

export const credentialsKey: AnnotationKey<boolean> = {
  ...common,
  name: 'cors-allow-credentials',
  parse: goBool,
  risk: 'low',
  defaultText: '`true`',
  valueText: switchText,
  doc: 'Whether the answer has `Access-Control-Allow-Credentials: true`.',
};

export const exposeKey: AnnotationKey<string> = {
  ...common,
  name: 'cors-expose-headers',
  parse: listOf(/^(?:[A-Za-z0-9_-]+|\*)$/, 'names of fields'),
  defaultText: 'none',
  valueText: 'names of fields with commas between, or `*`',
  doc: '`Access-Control-Expose-Headers`.',
};

export const maxAgeKey: AnnotationKey<number> = {
  ...common,
  name: 'cors-max-age',
  parse: (text) => {
    const parsed = goInt(text);
    return 'value' in parsed && parsed.value < 0 ? { wanted: 'seconds, a whole number' } : parsed;
  },
  risk: 'low',
  defaultText: '`1728000`',
  valueText: 'seconds, a whole number',
  doc: '`Access-Control-Max-Age`: how long browsers remember.',
};

function listOf(member: RegExp, words: string): AnnotationKey<string>['parse'] {
  return (text) => {
    const refusal = refuseControls(text);
    if (refusal !== null) return refusal;
    const isGood = text.split(',').every((each) => member.test(each.trim()));
    return isGood ? { value: text.trim() } : { wanted: `${words} with commas between` };
  };
}

function compile(values: AnnotationValues, { report }: CompileContext): CorsPolicy | null {
  if (readValue(values, enableKey) !== true) return null;
  const origins = readValue(values, originKey) ?? { isAny: true, patterns: [], isFaulty: false };
  if (origins.isFaulty) {
    const key = renderKey(originKey);
    const message = `annotation "${key}" is no list of origins such as "https://*.example.com"; no origin is let in`;
    report({ severity: 'error', code: 'AnnotationInvalid', key, message });
  }
  if (!origins.isAny && origins.patterns.length === 0) return null;
  const expose = readValue(values, exposeKey) ?? '';
  const fields: (readonly [string, string])[] = [
    ['Access-Control-Allow-Credentials', (readValue(values, credentialsKey) ?? true) ? 'true' : ''],
    ['Access-Control-Allow-Methods', readValue(values, methodsKey) ?? defaultMethods],
    ['Access-Control-Allow-Headers', readValue(values, headersKey) ?? defaultHeaders],
    ['Access-Control-Max-Age', String(readValue(values, maxAgeKey) ?? 1_728_000)],
    ['Access-Control-Expose-Headers', expose],
  ];
  return {
    isAny: origins.isAny,
    patterns: origins.patterns,
    fields: fields.filter(([, value]) => value !== ''),
  };
}

function prepare({ isAny, patterns, fields }: CorsPolicy): RouteHooks {
  const isListed = compileOrigins(patterns);
  const further = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return {
    admit: (request) => {
      if (request.method !== 'OPTIONS' || !(isAny || isListed(request.field('origin')))) return null;
      return { status: 204, reason: 'cors-preflight' };
    },
    respond: (request, lines) => {
      const origin = isAny ? '*' : request.field('origin');
      if (!isAny && !isListed(origin)) return lines;
      // Few endpoints say anything of it themselves.
      if (!hasFieldOf(lines, 'access-control-'))
        return `${lines}Access-Control-Allow-Origin: ${origin}\r\n${further}`;
      let changed = replaceField(lines, 'Access-Control-Allow-Origin', origin);
      // Without credentials those of the endpoint do not count either.
      changed = replaceField(changed, 'Access-Control-Allow-Credentials', '');
      for (const [name, value] of fields) changed = replaceField(changed, name, value);
      return changed;
    },
  };
}

export const cors: Feature = defineFeature<CorsPolicy>({
  name: 'cors',
  doc: 'Lets scripts of other sites read the answers.',
  keys: [enableKey, originKey, methodsKey, headersKey, credentialsKey, exposeKey, maxAgeKey],
  after: ['app-root'],
  compile,
  prepare,
  describe: ({ isAny, patterns }) =>
    `let scripts of ${isAny ? 'any origin' : patterns.join(', ')} read the answers`,
});
