// body-size: the largest request body of a route. The data plane counts; this says how far.
import type { AnnotationKey, AnnotationValues, CompileContext, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import type { Size } from '../values.ts';
import { readValue, size } from '../values.ts';

export interface BodySizePolicy {
  /** 0 = unlimited. */
  readonly maxBodyBytes: number;
}

const bodySizeKey: AnnotationKey<Size> = {
  name: 'proxy-body-size',
  setting: 'proxy-body-size',
  dialect: 'nginx',
  parse: size,
  scope: 'route',
  risk: 'medium',
  onInvalid: 'default',
  defaultText: '`1m`',
  valueText:
    'digits and one optional unit of `k m g` in any case (powers of 1024); `0` = unlimited; with the unit `b` the value is accepted and not applied, as in ingress-nginx',
  doc: 'Largest request body. A request that declares more is answered 413 before any redirect; a chunked body is cut off with 413 when its count passes the limit. Both end the connection.',
};

/** Null: the default stays in force. */
function compile(values: AnnotationValues, context: CompileContext): BodySizePolicy | null {
  const limit = readValue(values, bodySizeKey);
  if (limit === undefined) return null;
  if (limit.unit !== 'b') return { maxBodyBytes: limit.bytes };
  const key = renderKey(bodySizeKey);
  context.report({
    severity: 'warning',
    code: 'AnnotationInvalid',
    key,
    message: `annotation "${key}" has the unit "b", which ingress-nginx accepts and does not apply, wanted "${limit.bytes}"; it has no effect`,
  });
  return null;
}

export const bodySize: Feature = defineFeature<BodySizePolicy>({
  name: 'body-size',
  doc: 'Limits the size of request bodies.',
  keys: [bodySizeKey],
  after: [],
  compile,
  settings: ({ maxBodyBytes }) => ({ maxBodyBytes }),
  describe: ({ maxBodyBytes }) =>
    maxBodyBytes === 0 ? 'accept bodies of any size' : `refuse bodies over ${maxBodyBytes} bytes`,
});
