// error-pages: which errors of a route are answered by a default backend instead, and which Service that is.
import type {
  AnnotationKey,
  AnnotationValues,
  CompileContext,
  ErrorPagesPolicy,
  Feature,
  ParseResult,
} from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { goBool, readValue, refuseControls } from '../values.ts';

const common = { dialect: 'nginx', scope: 'route', risk: 'low' } as const;

function parseCodes(text: string): ParseResult<readonly number[]> {
  const refusal = refuseControls(text);
  if (refusal !== null) return refusal;
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (!parts.every((part) => /^[45][0-9]{2}$/.test(part)))
    return { wanted: 'statuses from 400 to 599 with commas between' };
  return { value: [...new Set(parts.map(Number))].sort((a, b) => a - b) };
}

const codesKey: AnnotationKey<readonly number[]> = {
  ...common,
  name: 'custom-http-errors',
  setting: 'custom-http-errors',
  parse: parseCodes,
  onInvalid: 'reject',
  defaultText: 'none',
  valueText: 'statuses from 400 to 599 with commas between',
  doc: "Errors with one of these statuses, of endpoints and of the proxy itself, are answered by the default backend: that of `default-backend` while it has endpoints, else the controller's. It gets `/` and the query, by the method of the client and without its body, with `X-Code`, `X-Format` (what the client accepts), `X-Original-URI`, `X-Namespace`, `X-Ingress-Name`, `X-Service-Name`, `X-Service-Port` and `X-Request-ID`. The client gets its status, fields and body, and the `WWW-Authenticate` of what it stands for. Where no default backend answers, the error stays as it is. Requests of gRPC are left alone, and so are errors in what a client sends (400, 408).",
};

const leavesUpstreamKey: AnnotationKey<boolean> = {
  ...common,
  name: 'disable-proxy-intercept-errors',
  setting: 'disable-proxy-intercept-errors',
  parse: goBool,
  onInvalid: 'default',
  defaultText: '`false`',
  valueText: '`true` or `false` (or `1 t T TRUE True`, `0 f F FALSE False`)',
  doc: 'Leaves the errors of endpoints as they are; `custom-http-errors` goes on for those of the proxy.',
};

const serviceName = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const defaultBackendKey: AnnotationKey<string> = {
  ...common,
  name: 'default-backend',
  parse: (text) => {
    if (text.trim() === '') return refuseControls(text) ?? { value: '' };
    if (serviceName.test(text)) return { value: text };
    return refuseControls(text) ?? { wanted: 'the name of a Service' };
  },
  onInvalid: 'reject',
  defaultText: "the controller's default backend",
  valueText: 'the name of a Service of the namespace',
  doc: 'A Service, at its first port, for requests whose own Service has no endpoint: it gets them as they are, with `X-Code: 503` and the fields of `custom-http-errors` but `X-Original-URI`, after limits, addresses and passwords. Without endpoints of its own the answer is 503. Also for `custom-http-errors`.',
};

function compile(values: AnnotationValues, { namespace }: CompileContext): ErrorPagesPolicy | null {
  const codes = readValue(values, codesKey) ?? [];
  const service = readValue(values, defaultBackendKey) ?? '';
  if (codes.length === 0 && service === '') return null;
  return {
    codes,
    leavesUpstream: readValue(values, leavesUpstreamKey) ?? false,
    upstream: service === '' ? null : `${namespace}/${service}:`,
  };
}

function describe({ codes, leavesUpstream, upstream }: ErrorPagesPolicy): string {
  const from = upstream === null ? 'the default backend' : upstream.slice(0, -1);
  const whose = leavesUpstream ? ' of the proxy' : '';
  const pages = codes.length === 0 ? '' : `answer ${codes.join(', ')}${whose} from ${from}`;
  const stead = upstream === null ? '' : `${from} stands in where there is no endpoint`;
  return [pages, stead].filter((part) => part !== '').join('; ');
}

export const errorPages: Feature = defineFeature<ErrorPagesPolicy>({
  name: 'error-pages',
  doc: 'Lets a default backend answer in place of errors.',
  keys: [codesKey, leavesUpstreamKey, defaultBackendKey],
  after: [],
  compile,
  settings: (policy) => ({ errorPages: policy }),
  upstreamOf: ({ upstream }) => upstream,
  upstreamKey: defaultBackendKey.name,
  describe,
});
