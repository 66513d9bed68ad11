// Settings of the controller about traces. Keys and defaults are those of ingress-nginx.
import { isIP } from 'node:net';
import { goBool, parseRequestTemplate, refuseControls } from '../features/index.ts';
import { defaultTracingSettings, type RequestTemplate, type TracingSettings } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { countBetween, readSetting, switchText } from './setting-values.ts';

const samplers = ['AlwaysOn', 'AlwaysOff', 'TraceIdRatioBased'] as const;
type Sampler = (typeof samplers)[number];

const sampler: ControllerSetting<Sampler> = {
  name: 'otel-sampler',
  parse: (text) => {
    const found = samplers.find((name) => name === text);
    return found === undefined ? { wanted: `one of ${samplers.join(', ')}` } : { value: found };
  },
  valueText: '`AlwaysOn`, `AlwaysOff` or `TraceIdRatioBased`',
  defaultText: '`AlwaysOn`',
  doc: 'Which traces that begin here are recorded (see `docs/guides/tracing.md`).',
};

const ratio: ControllerSetting<number> = {
  name: 'otel-sampler-ratio',
  parse: (text) =>
    /^(?:0|1|[01]?\.[0-9]{1,15})$/.test(text) && Number(text) <= 1
      ? { value: Number(text) }
      : { wanted: 'a number from 0 to 1, such as "0.25"' },
  valueText: 'a number from 0 to 1',
  defaultText: '`0.01`',
  doc: 'The share of traces that `TraceIdRatioBased` records, by their identifiers.',
};

const parentBased: ControllerSetting<boolean> = {
  name: 'otel-sampler-parent-based',
  parse: goBool,
  valueText: switchText,
  defaultText: '`true`',
  doc: 'Whether a request in the trace of a client is recorded if the client says so; the sampler is then for the others.',
};

const operationName: ControllerSetting<RequestTemplate> = {
  name: 'opentelemetry-operation-name',
  parse: parseRequestTemplate,
  valueText:
    'text with the variables of [the list](configmap.md#variables), such as `HTTP $request_method $service_name`',
  defaultText: 'method and path of the rule',
  doc: 'Name of the spans; the annotation goes before it.',
  difference: 'A closed list of variables. Empty: method and path of the rule.',
};

const collectorHost: ControllerSetting<string> = {
  name: 'otlp-collector-host',
  parse: (text) => {
    const host = text.toLowerCase();
    const isName =
      host === '' ||
      /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(host);
    return isName || isIP(host) !== 0 ? { value: host } : { wanted: 'a host name or an IP address' };
  },
  valueText: 'a host name or an IP address',
  defaultText: 'empty',
  doc: 'Collector that spans are exported to, by OTLP over HTTP with JSON at `/v1/traces`. Empty: none are exported.',
  difference: 'OTLP over HTTP with JSON; ingress-nginx speaks gRPC.',
};

const collectorPort: ControllerSetting<number> = {
  name: 'otlp-collector-port',
  parse: countBetween(1, 65_535),
  valueText: 'a number of a port',
  defaultText: '`4318`',
  doc: 'Its port for OTLP over HTTP. 4317, the default of ingress-nginx, is mostly that of gRPC, which is not spoken.',
  difference: 'The default of ingress-nginx is `4317`, for gRPC.',
};

const serviceName: ControllerSetting<string> = {
  name: 'otel-service-name',
  parse: (text) =>
    refuseControls(text) ??
    (text !== '' && text.length <= 256 ? { value: text } : { wanted: 'from 1 to 256 characters' }),
  valueText: 'text of at most 256 characters',
  defaultText: '`nginx`',
  doc: '`service.name` of the spans.',
};

const maxQueued: ControllerSetting<number> = {
  name: 'otel-max-queuesize',
  parse: countBetween(1, 65_536),
  valueText: 'a whole number from 1 to 65536',
  defaultText: '`2048`',
  doc: 'Spans that wait for the collector in one worker. More are dropped, and counted in `sallyport_spans_total`.',
};

const delay: ControllerSetting<number> = {
  name: 'otel-schedule-delay-millis',
  parse: countBetween(1, 3_600_000),
  valueText: 'milliseconds, a whole number',
  defaultText: '`5000`',
  doc: 'Longest time that a span waits for others of its batch.',
};

const maxBatch: ControllerSetting<number> = {
  name: 'otel-max-export-batch-size',
  parse: countBetween(1, 8_192),
  valueText: 'a whole number from 1 to 8192',
  defaultText: '`512`',
  doc: 'Spans of one request to the collector; as soon as there are so many they are sent.',
};

export const tracingSettings: readonly ControllerSetting[] = [
  sampler,
  ratio,
  parentBased,
  operationName,
  collectorHost,
  collectorPort,
  serviceName,
  maxQueued,
  delay,
  maxBatch,
];

export function readTracing(values: ControllerValues): TracingSettings {
  const name = readSetting(values, operationName) ?? [];
  const host = readSetting(values, collectorHost) ?? '';
  const queued = readSetting(values, maxQueued) ?? defaultTracingSettings.maxQueued;
  return {
    ratio: ratioOf(readSetting(values, sampler) ?? 'AlwaysOn', readSetting(values, ratio) ?? 0.01),
    isParentBased: readSetting(values, parentBased) ?? defaultTracingSettings.isParentBased,
    operationName: name.length === 0 ? null : name,
    collector: host === '' ? null : { host, port: readSetting(values, collectorPort) ?? 4_318 },
    serviceName: readSetting(values, serviceName) ?? defaultTracingSettings.serviceName,
    maxQueued: queued,
    delayMs: readSetting(values, delay) ?? defaultTracingSettings.delayMs,
    // More than can wait never come together.
    maxBatch: Math.min(readSetting(values, maxBatch) ?? defaultTracingSettings.maxBatch, queued),
  };
}

function ratioOf(name: Sampler, share: number): number {
  if (name === 'TraceIdRatioBased') return share;
  return name === 'AlwaysOn' ? 1 : 0;
}
