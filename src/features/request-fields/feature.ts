// request-fields: fields that requests to the endpoints get or lose, as the owner of the Ingress says (`proxy_set_header` of nginx).
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import {
  compileChanges,
  describeChanges,
  type FieldChanges,
  fieldKeys,
  readChanges,
} from '../field-changes.ts';
import { requestFieldRules } from '../field-rules.ts';

const keys = fieldKeys('request', requestFieldRules, requestFieldRules, {
  set: 'Fields that endpoints get instead of those of the same names that the client sent. A value that comes out empty leaves the field out. `Host` (see `upstream-vhost`), fields of forwarders (`X-Forwarded-…`, `X-Real-IP`), `X-Request-ID` and those that frame a message or belong to a connection are refused.',
  add: 'Fields that endpoints get beside those of the same names.',
  remove: 'Fields of the client that endpoints do not get.',
});

export const requestFields: Feature = defineFeature<FieldChanges>({
  name: 'request-fields',
  doc: 'Sets, adds and removes fields of the requests that endpoints get: first removes, then sets, then adds, after all other annotations.',
  keys: [keys.remove, keys.set, keys.add],
  after: ['rewrite', 'upstream-request'],
  compile: (values) => readChanges(values, keys),
  prepare: (changes) => ({ forward: compileChanges(changes) }),
  describe: (changes) => describeChanges('request fields', changes),
});
