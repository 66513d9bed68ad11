// upstream-hash-by: requests with the same key go to the same endpoint.
import type { HashPolicy, KeyPart } from '../../model/index.ts';
import type { AnnotationKey, AnnotationValues, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, goInt, readValue } from '../values.ts';
import { describeExpression, parseExpression } from './expression.ts';

const hashByKey: AnnotationKey<readonly KeyPart[]> = {
  name: 'upstream-hash-by',
  dialect: 'nginx',
  parse: parseExpression,
  scope: 'route',
  risk: 'high',
  onInvalid: 'reject',
  isAbsentWhenBlank: true,
  defaultText: 'none',
  valueText:
    'letters, digits, `-`, `_` and variables of nginx: `$request_uri $uri $args $host $scheme $request_method $remote_addr $binary_remote_addr $http_NAME $cookie_NAME $arg_NAME`, also as `${NAME}`; spaces are ignored',
  doc: 'Requests for which the expression gives the same text go to the same endpoint, in every worker and replica. When an endpoint comes or goes only its share of the keys moves. A request for which all variables are empty has no key and is spread by `load-balance`. `$request_uri` is the path in its canonical spelling with the query. Goes before `load-balance`; `affinity` goes before it.',
};

const subsetKey: AnnotationKey<boolean> = {
  name: 'upstream-hash-by-subset',
  dialect: 'nginx',
  parse: goBool,
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Gives each key of `upstream-hash-by` several endpoints instead of one; which of them answers is drawn, and of two the one with fewer requests under way is taken.',
};

const subsetSizeKey: AnnotationKey<number> = {
  name: 'upstream-hash-by-subset-size',
  dialect: 'nginx',
  parse: (text) => within(text, 1, 1_000),
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  defaultText: '`3`',
  valueText: 'whole number from 1 to 1000',
  doc: 'How many endpoints a key has with `upstream-hash-by-subset`.',
};

const maxLoadKey: AnnotationKey<number> = {
  name: 'upstream-hash-by-max-load',
  dialect: 'sallyport',
  parse: (text) => within(text, 101, 10_000),
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: 'no bound',
  valueText: 'percent, whole number from 101 to 10000',
  doc: 'An endpoint that has more than this share of its fair number of requests under way passes a request on to the next endpoint of its key, so that one popular key does not overload one endpoint. `125` is a usual value. Every worker counts for itself. Not with subsets.',
};

function within(text: string, least: number, most: number): ParseResult<number> {
  const parsed = goInt(text);
  if ('value' in parsed && parsed.value >= least && parsed.value <= most) return parsed;
  return { wanted: `a whole number from ${least} to ${most}` };
}

function compile(values: AnnotationValues): HashPolicy | null {
  const key = readValue(values, hashByKey);
  if (key === undefined) return null;
  const isSubset = readValue(values, subsetKey) ?? false;
  return {
    key,
    subsetSize: isSubset ? (readValue(values, subsetSizeKey) ?? 3) : 1,
    maxLoadPercent: readValue(values, maxLoadKey) ?? 0,
  };
}

function describe({ key, subsetSize, maxLoadPercent }: HashPolicy): string {
  const subset = subsetSize > 1 ? `, ${subsetSize} endpoints each` : '';
  const bound = maxLoadPercent > 0 ? `, at most ${maxLoadPercent} % of the fair load` : '';
  return `same endpoint for the same ${describeExpression(key)}${subset}${bound}`;
}

export const upstreamHashBy: Feature = defineFeature<HashPolicy>({
  name: 'upstream-hash-by',
  doc: 'Sends requests with the same key to the same endpoint (consistent hashing).',
  keys: [hashByKey, subsetKey, subsetSizeKey, maxLoadKey],
  after: ['load-balance'],
  choosesEndpoint: true,
  compile,
  settings: (hash) => ({ hash }),
  describe,
});
