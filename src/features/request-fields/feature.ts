// request-fields: fields that requests to the endpoints get or lose, as the owner of the Ingress says (`proxy_set_header` of nginx).
import type { FieldTemplate } from '../../model/index.ts';
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import {
  compileChanges,
  describeChanges,
  type FieldChanges,
  parseFieldLines,
  parseFieldNames,
  readChanges,
} from '../field-changes.ts';
import { requestFieldRules } from '../field-rules.ts';

const common = {
  dialect: 'sallyport',
  scope: 'route',
  // What an endpoint believes of a client may stand in these fields.
  risk: 'medium',
  onInvalid: 'reject',
  defaultText: 'none',
  isLines: true,
} as const;

const linesText = 'lines `Name: value`; a value may hold [variables](configmap.md#variables)';

export const setKey: AnnotationKey<readonly FieldTemplate[]> = {
  ...common,
  name: 'request-headers-set',
  parse: (text) => parseFieldLines(text, requestFieldRules),
  valueText: linesText,
  doc: 'Fields that endpoints get instead of those of the same names that the client sent. A value that comes out empty leaves the field out. `Host` (see `upstream-vhost`), fields of forwarders (`X-Forwarded-…`, `X-Real-IP`), `X-Request-ID` and those that frame a message or belong to a connection are refused.',
};

export const addKey: AnnotationKey<readonly FieldTemplate[]> = {
  ...common,
  name: 'request-headers-add',
  parse: (text) => parseFieldLines(text, requestFieldRules),
  valueText: linesText,
  doc: 'Fields that endpoints get beside those of the same names.',
};

export const removeKey: AnnotationKey<readonly string[]> = {
  ...common,
  name: 'request-headers-remove',
  parse: (text) => parseFieldNames(text, requestFieldRules),
  valueText: 'names of fields, with commas or line ends between',
  doc: 'Fields of the client that endpoints do not get.',
};

export const requestFields: Feature = defineFeature<FieldChanges>({
  name: 'request-fields',
  doc: 'Sets, adds and removes fields of the requests that endpoints get: first removes, then sets, then adds, after all other annotations.',
  keys: [removeKey, setKey, addKey],
  after: ['rewrite', 'upstream-request'],
  compile: (values) => readChanges(values, { remove: removeKey, set: setKey, add: addKey }),
  prepare: (changes) => ({ forward: compileChanges(changes) }),
  describe: (changes) => describeChanges('request fields', changes),
});
