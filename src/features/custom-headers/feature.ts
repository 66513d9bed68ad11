// custom-headers: fields of responses out of a ConfigMap, as far as the operator allows their names. Whoever wrote them may count on them for
// protection: while one cannot be set as written, the paths answer 503.
import type { ObjectKey } from '../../model/index.ts';
import { replaceField } from '../../wire/http1/field-value.ts';
import type { AnnotationKey, AnnotationValues, CompileContext, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { responseFieldRules } from '../field-rules.ts';
import { renderKey } from '../keys.ts';
import { readValue, refuseControls } from '../values.ts';

export type CustomHeadersPolicy =
  | { readonly fields: readonly (readonly [name: string, value: string])[] }
  /** Why they cannot be set. */
  | { readonly fault: string };

const maxFields = 100;
const maxValueLength = 4_096;
const fieldName = /^[A-Za-z0-9_-]{1,256}$/;
const fieldValue = /^[\t\x20-\x7e]+$/;
const objectName = /^[a-z0-9.-]{1,253}(?:\/[a-z0-9.-]{1,253})?$/;

export const customHeadersKey: AnnotationKey<string> = {
  name: 'custom-headers',
  dialect: 'nginx',
  parse: (text) => {
    const trimmed = text.trim();
    if (trimmed === '') return refuseControls(text) ?? { value: '' };
    return objectName.test(trimmed)
      ? (refuseControls(text) ?? { value: trimmed })
      : { wanted: 'the name of a ConfigMap, "NAMESPACE/NAME"' };
  },
  scope: 'route',
  risk: 'medium',
  onInvalid: 'deny',
  defaultText: 'none',
  valueText: 'a ConfigMap of the namespace of the Ingress, `NAMESPACE/NAME`',
  doc: 'Fields of every response of the paths, whatever its status and whoever gives it, in place of those of the same names: each key is a name, its text the value as it stands, without variables. Followed while it changes. While the ConfigMap is missing or of another namespace, or has a name that the setting `global-allowed-response-headers` does not list, or one that frames a message, the paths answer 503.',
};

export const allowedKey: AnnotationKey<readonly string[]> & { readonly setting: string } = {
  name: 'global-allowed-response-headers',
  dialect: 'nginx',
  setting: 'global-allowed-response-headers',
  parse: parseNames,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: 'none',
  valueText: 'names of fields with commas between',
  doc: 'Fields that the annotation `custom-headers` may set.',
};

function parseNames(text: string): ParseResult<readonly string[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const isGood = names.length <= maxFields && names.every((name) => fieldName.test(name));
  return isGood
    ? { value: names.map((name) => name.toLowerCase()) }
    : { wanted: `up to ${maxFields} names of fields with commas between` };
}

function compile(values: AnnotationValues, context: CompileContext): CustomHeadersPolicy | null {
  const name = readValue(values, customHeadersKey) ?? '';
  if (name === '') return null;
  const read = readFields(name, readValue(values, allowedKey) ?? [], context);
  if (typeof read !== 'string') return { fields: read };
  const key = renderKey(customHeadersKey);
  context.report({
    severity: 'error',
    code: 'AnnotationInvalid',
    key,
    message: `annotation "${key}" names the ConfigMap "${name}", ${read}; the paths answer 503`,
  });
  return { fault: read };
}

function readFields(
  name: string,
  allowed: readonly string[],
  { namespace, configMaps }: CompileContext,
): readonly (readonly [string, string])[] | string {
  const [before, after] = name.split('/');
  if (before === undefined || after === undefined) return 'wanted "NAMESPACE/NAME"';
  if (before !== namespace) return 'which is of another namespace';
  const data = configMaps.get(`${before}/${after}`);
  if (data === undefined) return 'which does not exist';
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length > maxFields) return `which has more than ${maxFields} fields`;
  for (const [field, value] of entries) {
    const quoted = JSON.stringify(field.slice(0, 50));
    const folded = field.toLowerCase();
    if (!fieldName.test(field) || responseFieldRules.isRefused(folded))
      return `whose key ${quoted} is no field that can be set`;
    if (!allowed.includes(folded))
      return `whose field ${quoted} is not listed in the setting "${allowedKey.setting}"`;
    const isValue = typeof value === 'string' && value.length <= maxValueLength;
    if (!isValue || !fieldValue.test(value.trim()))
      return `whose field ${quoted} has no value of ${maxValueLength} ASCII characters at most`;
  }
  return entries.map(([field, value]) => [field, value.trim()] as const);
}

function keyOf(values: AnnotationValues): ObjectKey | null {
  const [namespace, name] = (readValue(values, customHeadersKey) ?? '').split('/');
  return namespace === undefined || name === undefined ? null : `${namespace}/${name}`;
}

export const customHeaders: Feature = defineFeature<CustomHeadersPolicy>({
  name: 'custom-headers',
  doc: 'Sets fields of responses out of a ConfigMap.',
  keys: [customHeadersKey],
  settingKeys: [allowedKey],
  after: [],
  configMapOf: keyOf,
  compile,
  prepare: (policy) => {
    if ('fault' in policy) return { admit: () => ({ status: 503, reason: 'custom-headers-denied' }) };
    const { fields } = policy;
    return {
      respond: (_request, lines) => {
        let changed = lines;
        for (const [name, value] of fields) changed = replaceField(changed, name, value);
        return changed;
      },
    };
  },
  describe: (policy) =>
    'fault' in policy
      ? 'answer 503, for the fields of responses cannot be set'
      : `set ${policy.fields.map(([name]) => name).join(', ')} of responses`,
});
