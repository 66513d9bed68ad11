// access-record: whether requests have their line in the access log.
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue } from '../values.ts';

const common = {
  dialect: 'nginx',
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  parse: goBool,
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
} as const;

export const accessLogKey: AnnotationKey<boolean> = {
  ...common,
  name: 'enable-access-log',
  defaultText: '`true`',
  doc: '`false`: requests of the paths have no line in the access log. Metrics count them all the same.',
};

export const rewriteLogKey: AnnotationKey<boolean> = {
  ...common,
  name: 'enable-rewrite-log',
  defaultText: '`false`',
  doc: 'Accepted without effect: what becomes of a path is told by `sallyport explain`, and in the access log by the route.',
};

export const accessRecord: Feature = defineFeature<Record<string, never>>({
  name: 'access-record',
  doc: 'Leaves requests out of the access log.',
  keys: [accessLogKey, rewriteLogKey],
  after: [],
  compile: (values) => (readValue(values, accessLogKey) === false ? {} : null),
  settings: () => ({ isLogged: false }),
  describe: () => 'leave requests out of the access log',
});
