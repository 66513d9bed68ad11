// Settings of the controller about traces. Keys and defaults are those of ingress-nginx.
import { goBool, parseRequestTemplate } from '../features/index.ts';
import { defaultTracingSettings, type RequestTemplate, type TracingSettings } from '../model/index.ts';
import type { ControllerSetting, ControllerValues } from './controller-settings.ts';
import { readSetting, switchText } from './setting-values.ts';

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

export const tracingSettings: readonly ControllerSetting[] = [sampler, ratio, parentBased, operationName];

export function readTracing(values: ControllerValues): TracingSettings {
  const name = readSetting(values, operationName) ?? [];
  return {
    ratio: ratioOf(readSetting(values, sampler) ?? 'AlwaysOn', readSetting(values, ratio) ?? 0.01),
    isParentBased: readSetting(values, parentBased) ?? defaultTracingSettings.isParentBased,
    operationName: name.length === 0 ? null : name,
  };
}

function ratioOf(name: Sampler, share: number): number {
  if (name === 'TraceIdRatioBased') return share;
  return name === 'AlwaysOn' ? 1 : 0;
}
