// response-fields: fields that responses get or lose, as the owner of the Ingress says (`add_header` and `more_set_headers` of nginx).
import type { Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import {
  compileChanges,
  describeChanges,
  type FieldChanges,
  fieldKeys,
  readChanges,
} from '../field-changes.ts';
import { removableFieldRules, responseFieldRules } from '../field-rules.ts';

const keys = fieldKeys('response', responseFieldRules, removableFieldRules, {
  set: 'Fields that every response of the paths has, whatever its status and whoever gives it, instead of those of the same names. `Set-Cookie`, `Location`, `Server`, `Strict-Transport-Security` and the fields that frame a message are refused, and so are variables that repeat credentials.',
  add: 'Fields that every response of the paths has beside those of the same names.',
  remove:
    'Fields of endpoints that clients do not get, `Server` and `Set-Cookie` among them. Our own `Server` is the business of `server-tokens`.',
});

export const responseFields: Feature = defineFeature<FieldChanges>({
  name: 'response-fields',
  doc: 'Sets, adds and removes fields of responses: first removes, then sets, then adds, after all other annotations.',
  keys: [keys.remove, keys.set, keys.add],
  after: ['cors', 'response-rewrite', 'security-fields'],
  compile: (values) => readChanges(values, keys),
  prepare: (changes) => {
    const change = compileChanges(changes);
    // Of our own answers only what they have of themselves goes away: nothing that frames them, by the rules above.
    return { respond: (request, fields) => change(request, fields) };
  },
  describe: (changes) => describeChanges('response fields', changes),
});
