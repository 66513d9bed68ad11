// security-fields: response fields that tell browsers to be careful, by one annotation for those that harm nobody and one for each that
// must fit the application.
import { lookupField, replaceField } from '../../wire/http1/field-value.ts';
import type { AnnotationKey, AnnotationValues, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue, refuseControls } from '../values.ts';

export interface SecurityFieldsPolicy {
  /** Name, value, and whether it goes before what the endpoint says. */
  readonly fields: readonly (readonly [name: string, value: string, wins: boolean])[];
}

const common = {
  dialect: 'sallyport',
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: 'none',
} as const;

function oneOf(words: readonly string[]): (text: string) => ParseResult<string> {
  return (text) => {
    const refusal = refuseControls(text);
    if (refusal !== null) return refusal;
    const word = words.find((each) => each.toLowerCase() === text.trim().toLowerCase());
    return word === undefined ? { wanted: `one of [${words.join(' ')}]` } : { value: word };
  };
}

/** Text of a policy: what browsers take, and nothing that ends a line. */
function policyText(text: string): ParseResult<string> {
  if (/[\r\0]/.test(text)) return { wanted: 'lines without CR and NUL' };
  const joined = text.trim().replaceAll(/\s*\n\s*/g, ' ');
  if (/[^\x20-\x7e]/.test(joined)) return { wanted: 'printable ASCII characters' };
  if (joined === '' || joined.length > 4_096) return { wanted: 'a policy of 1 to 4096 characters' };
  // The whole value: a single word is a typing mistake for every such field.
  return /^[a-z][a-z-]+(?:[ =;]|$)/i.test(joined) && !/^(?:true|false|on|off)$/i.test(joined)
    ? { value: joined }
    : { wanted: 'a policy that begins with the name of a directive' };
}

export const presetKey: AnnotationKey<boolean> = {
  ...common,
  name: 'security-headers',
  parse: goBool,
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Every response of the paths has `X-Content-Type-Options: nosniff`, `X-Frame-Options: SAMEORIGIN` and `Referrer-Policy: strict-origin-when-cross-origin`, unless the endpoint says one of them itself.',
};

export const frameKey: AnnotationKey<string> = {
  ...common,
  name: 'frame-options',
  parse: oneOf(['DENY', 'SAMEORIGIN']),
  valueText: '`DENY` or `SAMEORIGIN`',
  doc: '`X-Frame-Options`, instead of that of the endpoint.',
};

export const referrerKey: AnnotationKey<string> = {
  ...common,
  name: 'referrer-policy',
  parse: oneOf([
    'no-referrer',
    'no-referrer-when-downgrade',
    'origin',
    'origin-when-cross-origin',
    'same-origin',
    'strict-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ]),
  valueText: 'a policy of the W3C, such as `same-origin`',
  doc: '`Referrer-Policy`, instead of that of the endpoint.',
};

export const contentKey: AnnotationKey<string> = {
  ...common,
  name: 'content-security-policy',
  isLines: true,
  parse: policyText,
  valueText: 'a policy, over several lines if you like',
  doc: '`Content-Security-Policy`, instead of that of the endpoint.',
};

export const permissionsKey: AnnotationKey<string> = {
  ...common,
  name: 'permissions-policy',
  isLines: true,
  parse: policyText,
  valueText: 'a policy such as `camera=(), geolocation=(self)`',
  doc: '`Permissions-Policy`, instead of that of the endpoint.',
};

function compile(values: AnnotationValues): SecurityFieldsPolicy | null {
  const isOn = readValue(values, presetKey) === true;
  const fields: (readonly [string, string, boolean])[] = [];
  const put = (name: string, own: string | undefined, preset: string): void => {
    const value = own ?? (isOn ? preset : '');
    if (value !== '') fields.push([name, value, own !== undefined]);
  };
  put('X-Content-Type-Options', undefined, 'nosniff');
  put('X-Frame-Options', readValue(values, frameKey), 'SAMEORIGIN');
  put('Referrer-Policy', readValue(values, referrerKey), 'strict-origin-when-cross-origin');
  put('Content-Security-Policy', readValue(values, contentKey), '');
  put('Permissions-Policy', readValue(values, permissionsKey), '');
  return fields.length === 0 ? null : { fields };
}

export const securityFields: Feature = defineFeature<SecurityFieldsPolicy>({
  name: 'security-fields',
  doc: 'Tells browsers to be careful with the responses.',
  keys: [presetKey, frameKey, referrerKey, contentKey, permissionsKey],
  after: ['cors', 'response-rewrite'],
  compile,
  prepare: ({ fields }) => ({
    respond: (_request, lines) => {
      let changed = lines;
      for (const [name, value, wins] of fields) {
        if (wins || lookupField(changed, name.toLowerCase()) === '')
          changed = replaceField(changed, name, value);
      }
      return changed;
    },
  }),
  describe: ({ fields }) => `send ${fields.map(([name, value]) => `${name}: ${value}`).join(', ')}`,
});
