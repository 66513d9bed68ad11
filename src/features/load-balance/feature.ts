// load-balance: how requests that may go to any endpoint are spread.
import type { SpreadAlgorithm } from '../../model/index.ts';
import type { AnnotationKey, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { readValue, refuseControls } from '../values.ts';

const algorithms: ReadonlyMap<string, SpreadAlgorithm> = new Map([
  ['round_robin', 'round-robin'],
  ['least_request', 'least-request'],
  ['ewma', 'ewma'],
]);

function parseAlgorithm(text: string): ParseResult<SpreadAlgorithm> {
  const value = algorithms.get(text);
  if (value !== undefined) return { value };
  return refuseControls(text) ?? { wanted: '"round_robin", "least_request" or "ewma"' };
}

const loadBalanceKey: AnnotationKey<SpreadAlgorithm> = {
  name: 'load-balance',
  setting: 'load-balance',
  dialect: 'nginx',
  parse: parseAlgorithm,
  scope: 'route',
  risk: 'low',
  onInvalid: 'reject',
  isAbsentWhenBlank: true,
  defaultText: '`round_robin`',
  valueText: '`round_robin`, `least_request` (not in ingress-nginx) or `ewma`',
  doc: "How requests are spread over the endpoints. `round_robin`: in turn. `least_request`: of two endpoints drawn by chance, the one with fewer requests under way. `ewma`: of two drawn ones, the one that is likely to answer sooner, by the time to the head of its latest responses and the requests that are under way there. A session (`affinity`), a hash (`upstream-hash-by`) and the Service's `sessionAffinity: ClientIP` go before it. Every worker counts for itself.",
};

export const loadBalance: Feature = defineFeature<SpreadAlgorithm>({
  name: 'load-balance',
  doc: 'Chooses how requests are spread over the endpoints.',
  keys: [loadBalanceKey],
  after: ['timeouts'],
  choosesEndpoint: true,
  compile: (values) => {
    const algorithm = readValue(values, loadBalanceKey) ?? 'round-robin';
    return algorithm === 'round-robin' ? null : algorithm;
  },
  settings: (spread) => ({ spread }),
  describe: (algorithm) => `spread by ${algorithm}`,
});
