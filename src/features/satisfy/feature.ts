// satisfy: whether a client must pass all checks of access, or one is enough.
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue, refuseControls } from '../values.ts';

export const satisfyKey: AnnotationKey<'all' | 'any'> = {
  name: 'satisfy',
  dialect: 'nginx',
  parse: (text) => {
    if (text === 'all' || text === 'any') return { value: text };
    return refuseControls(text) ?? { wanted: '"all" or "any"' };
  },
  scope: 'route',
  risk: 'low',
  // The default is the stricter one.
  onInvalid: 'default',
  defaultText: '`all`',
  valueText: '`all` or `any`',
  doc: 'How lists of addresses and passwords count together: with `any` a client that passes one of them is let in, and one that passes none is answered 401 rather than 403; with `all` none may refuse it.',
};

export const satisfy: Feature = defineFeature<{ readonly any: true }>({
  name: 'satisfy',
  doc: 'Combines the checks of who may come.',
  keys: [satisfyKey],
  after: [],
  compile: (values) => (readValue(values, satisfyKey) === 'any' ? { any: true } : null),
  settings: () => ({ satisfiesAny: true }),
  describe: () => 'one check of access is enough',
});
