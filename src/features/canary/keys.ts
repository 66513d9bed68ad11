// The keys of canaries. A value that does not parse counts as absent, as in ingress-nginx: the main Ingress keeps the requests.
import type { AnnotationKey } from '../contract.ts';
import { goBool, goInt, oneOf, textOf } from '../values.ts';

const shared = { dialect: 'nginx', scope: 'route', onInvalid: 'default' } as const;
const basicText = 'letters, digits and `- . _ ~ / :`';

export const canaryKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'canary',
  parse: goBool,
  risk: 'low',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'The Ingress serves nothing by itself. Its paths name a second Service for those requests of the main Ingress (same namespace, host, path as written and `pathType`) that `canary-by-header`, `canary-by-cookie` and `canary-weight` choose, asked in this order. All else goes by the annotations of the main Ingress; of the canary only those of balancing count (`load-balance`, `upstream-hash-by*`, with `affinity-canary-behavior: legacy` also `affinity`). Of several canaries of a path the oldest counts. While the main Service has no endpoints the answer is 503; while that of the canary has none, the main one gets everything. A second attempt of a request stays on its side. A `tls` section of a canary has no effect.',
};

export const headerKey: AnnotationKey<string> = {
  ...shared,
  name: 'canary-by-header',
  parse: textOf('basic'),
  risk: 'medium',
  defaultText: 'none',
  valueText: basicText,
  doc: 'A request with this field goes to the canary if it says `always`, and to the main Service if it says `never`; any other value, and a request without it, is decided by the cookie, then by the weight.',
};

export const headerValueKey: AnnotationKey<string> = {
  ...shared,
  name: 'canary-by-header-value',
  parse: textOf('basic'),
  risk: 'medium',
  defaultText: 'none',
  valueText: basicText,
  doc: 'The value of `canary-by-header` that chooses the canary, in the place of `always`; then `never` means nothing either.',
};

export const headerPatternKey: AnnotationKey<string> = {
  ...shared,
  name: 'canary-by-header-pattern',
  parse: textOf('regex'),
  risk: 'medium',
  defaultText: 'none',
  valueText:
    'a [regular expression](../design/features.md#regular-expressions-as-paths) of `A-Z a-z 0-9 - . _ ~ / : ^ $ [ ] ( ) { } * + ? | & = \\`',
  doc: 'As `canary-by-header-value`, for values in which the expression is found (case counts). Without effect beside `canary-by-header-value`. With an expression that cannot be read, requests with the field go to the main Service, whatever the cookie says.',
};

export const cookieKey: AnnotationKey<string> = {
  ...shared,
  name: 'canary-by-cookie',
  parse: textOf('basic'),
  risk: 'medium',
  defaultText: 'none',
  valueText: basicText,
  doc: 'A request with a cookie of this name (any case) goes to the canary if it says `always`, and to the main Service if it says `never`; any other is decided by the weight.',
};

export const weightKey: AnnotationKey<number> = {
  ...shared,
  name: 'canary-weight',
  parse: goInt,
  risk: 'low',
  defaultText: '`0`',
  valueText: 'whole number',
  doc: 'Of `canary-weight-total` requests that nothing else decides, this many go to the canary, drawn for each request.',
};

export const weightTotalKey: AnnotationKey<number> = {
  ...shared,
  name: 'canary-weight-total',
  parse: goInt,
  risk: 'low',
  defaultText: '`100`',
  valueText: 'whole number; up to 100 it counts as 100',
  doc: 'What `canary-weight` is a part of.',
};

export type CanaryBehavior = 'sticky' | 'legacy';

export const behaviorKey: AnnotationKey<CanaryBehavior> = {
  ...shared,
  name: 'affinity-canary-behavior',
  parse: oneOf(['sticky', 'legacy']),
  risk: 'low',
  defaultText: '`sticky`',
  valueText: '`sticky` or `legacy`',
  doc: 'On the canary. `sticky`: it has the `affinity` of the main Ingress, and a client that a session binds to the canary stays there, before field, cookie and weight are asked. `legacy`: it has only an `affinity` of its own. In both a client with a session of the main Service stays there.',
};

export const canaryKeys = [
  canaryKey,
  headerKey,
  headerValueKey,
  headerPatternKey,
  cookieKey,
  weightKey,
  weightTotalKey,
  behaviorKey,
];
