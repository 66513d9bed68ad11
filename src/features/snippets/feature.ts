// snippets: texts of the configuration of nginx in annotations, and ModSecurity. None of them is ever applied: there is no nginx that could
// read them. What they are there for is told to their owner, directive by directive, with what replaces it.
import type { AnnotationKey, Feature, RefusedValue } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, textOf } from '../values.ts';
import { advise } from './advice.ts';
import { type Directive, readSnippet } from './directives.ts';

const maxAdvice = 20;
const longestDirective = 100;

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'critical',
  onInvalid: 'reject',
  defaultText: 'none',
  isLines: true,
  valueText: 'refused',
  parse: (text: string) => (/[\r\0]/.test(text) ? { wanted: 'no snippet' } : { value: text }),
} as const;

const outcome =
  'Refused. By default the Ingress is not taken, for the risk is above `annotations-risk-level`: its last good version stays in force, without one its paths answer 503. With the level `Critical` it is served without what changes nothing but fields, redirects and time-outs, and its paths answer 503 where the text keeps somebody out or cannot be read. A problem says of each directive what replaces it, see [snippets](../guides/snippets.md).';

function refuseSnippet(text: string): RefusedValue | null {
  if (text.trim() === '') return null;
  const { directives, isWhole } = readSnippet(text);
  const advice = directives.map((directive) => ({ directive, ...advise(directive) }));
  const told = advice
    .slice(0, maxAdvice)
    .map((each) => `for ${JSON.stringify(renderDirective(each.directive))} ${each.text}`);
  if (advice.length > maxAdvice) told.push(`${advice.length - maxAdvice} further directives are not told`);
  if (!isWhole) told.push('its end cannot be read, and may keep somebody out');
  return { isProtective: !isWhole || advice.some(({ isProtective }) => isProtective), advice: told };
}

function renderDirective({ name, args, block }: Directive): string {
  const text = [name, ...args].join(' ') + (block === null ? '' : ' {…}');
  return text.length > longestDirective ? `${text.slice(0, longestDirective)}…` : text;
}

const protective =
  (advice: string): ((text: string) => RefusedValue | null) =>
  (text) =>
    text.trim() === '' ? null : { isProtective: true, advice: [advice] };

function snippetKey(
  name: string,
  doc: string,
  refuse: AnnotationKey['refuse'] = refuseSnippet,
): AnnotationKey {
  return { ...common, name, doc, ...(refuse !== undefined && { refuse }) };
}

const noRules =
  'no annotation replaces rules of ModSecurity: put a web application firewall before the endpoint';

function switchKey(name: string): AnnotationKey<boolean> {
  return {
    ...common,
    name,
    risk: 'low',
    parse: goBool,
    refuse: (text) => {
      const parsed = goBool(text);
      return 'value' in parsed && !parsed.value ? null : { isProtective: true, advice: [noRules] };
    },
    doc: 'Refused, unless it is `false`: there is no ModSecurity, and an Ingress that relies on it is not served open. Its paths answer 503.',
  };
}

const transactionKey: AnnotationKey<string> = {
  ...common,
  name: 'modsecurity-transaction-id',
  risk: 'high',
  parse: textOf('nginx-var'),
  refuse: () => ({ isProtective: false, advice: ['leave it out: it acts with ModSecurity only'] }),
  doc: 'Without effect: there is no ModSecurity.',
};

export const snippets: Feature = defineFeature<never>({
  name: 'snippets',
  doc: 'Texts of the configuration of nginx, and ModSecurity: refused, with advice.',
  keys: [
    snippetKey('configuration-snippet', outcome),
    snippetKey('server-snippet', 'Directives for the host, refused as `configuration-snippet` is.'),
    snippetKey(
      'auth-snippet',
      'Directives for the request to the authentication server, refused as `configuration-snippet` is. It counts as one that keeps somebody out.',
      protective(
        'leave it out where the authentication server needs nothing of it; no annotation replaces it',
      ),
    ),
    snippetKey(
      'stream-snippet',
      'Directives for TCP and UDP, refused as `configuration-snippet` is. It keeps nobody out of HTTP.',
      (text) =>
        text.trim() === ''
          ? null
          : {
              isProtective: false,
              advice: ['use the ConfigMaps of "--tcp-services-configmap" and "--udp-services-configmap"'],
            },
    ),
    snippetKey(
      'modsecurity-snippet',
      'Rules of ModSecurity, refused as `configuration-snippet` is. They count as what keeps somebody out.',
      protective(noRules),
    ),
    switchKey('enable-modsecurity'),
    switchKey('enable-owasp-core-rules'),
    transactionKey,
  ],
  after: [],
  compile: () => null,
  describe: () => '',
});
