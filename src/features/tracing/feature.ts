// tracing: which requests belong to traces, and how their spans are called. The rest is in the settings, and the spans in proxy/tracing.
import type { RouteTracing } from '../../model/index.ts';
import type { AnnotationKey, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue, refuseControls } from '../values.ts';

const maxNameLength = 256;
const shared = { dialect: 'nginx', scope: 'route', onInvalid: 'default' } as const;
const boolText = '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)';

const enableKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'enable-opentelemetry',
  parse: goBool,
  risk: 'low',
  setting: 'enable-opentelemetry',
  defaultText: '`false`',
  valueText: boolText,
  doc: 'Makes a span of each request, and tells the endpoint of it in `traceparent` ([guide](../guides/tracing.md)).',
};

const trustKey: AnnotationKey<boolean> = {
  ...shared,
  name: 'opentelemetry-trust-incoming-span',
  parse: goBool,
  risk: 'medium',
  setting: 'opentelemetry-trust-incoming-span',
  defaultText: '`true`',
  valueText: boolText,
  doc: 'Whether a request with a valid `traceparent` goes on in the trace of its client. `false`: each request begins a trace, and `traceparent` and `tracestate` of the client reach nobody.',
};

const nameKey: AnnotationKey<string> = {
  ...shared,
  name: 'opentelemetry-operation-name',
  parse: (text) => {
    if (text.length <= maxNameLength && /^[A-Za-z0-9_-]*$/.test(text)) return { value: text };
    return (
      refuseControls(text) ?? { wanted: `letters, digits, "_" and "-", at most ${maxNameLength} of them` }
    );
  },
  risk: 'medium',
  defaultText: 'that of the ConfigMap, else method and path of the rule',
  valueText: 'letters, digits, `_` and `-`',
  doc: 'Name of the spans.',
};

export const tracing: Feature = defineFeature<RouteTracing>({
  name: 'tracing',
  doc: 'Makes spans of requests for OpenTelemetry; see the [guide](../guides/tracing.md).',
  keys: [enableKey, trustKey, nameKey],
  after: [],
  compile: (values) =>
    readValue(values, enableKey) === true
      ? {
          trustsIncoming: readValue(values, trustKey) ?? true,
          operationName: readValue(values, nameKey) ?? '',
        }
      : null,
  settings: (policy) => ({ tracing: policy }),
  describe: ({ trustsIncoming, operationName }) =>
    `make spans${operationName === '' ? '' : ` "${operationName}"`} in ${trustsIncoming ? 'the traces of clients' : 'traces of its own'}`,
});
