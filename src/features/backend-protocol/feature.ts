// backend-protocol: what is spoken to the endpoints. Without it the Service port's appProtocol decides, else plain HTTP/1.1.
import type { FastCgi, ProtocolChoice } from '../../model/index.ts';
import type { AnnotationValues, CompileContext, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import { paramsObject, readParams } from './fastcgi-params.ts';
import { indexKey, paramsKey, protocolKey } from './keys.ts';

/** `fault`: FastCGI is asked for, and what it needs cannot be read: the routes answer 503 instead of asking for other scripts. */
export type BackendProtocolPolicy =
  | ProtocolChoice
  | { readonly fastCgi: FastCgi }
  | { readonly fault: string };

function compile(values: AnnotationValues, context: CompileContext): BackendProtocolPolicy | null {
  const choice = readValue(values, protocolKey) ?? null;
  if (choice !== 'fastcgi') return choice;
  const index = readValue(values, indexKey) ?? '';
  const key = paramsObject(values, context.namespace);
  if (key === null) return { fastCgi: { index, params: [] } };
  const params = readParams(key, context);
  if ('value' in params) return { fastCgi: { index, params: params.value } };
  context.report({
    severity: 'error',
    code: 'AnnotationInvalid',
    key: renderKey(paramsKey),
    message: `names the ConfigMap "${key}", ${params.wanted}; the path answers 503`,
  });
  return { fault: 'parameters' };
}

const describeTexts: Readonly<Record<ProtocolChoice, string>> = {
  http: 'HTTP/1.1',
  https: 'HTTP/1.1 over TLS',
  auto: 'HTTP/1.1, over TLS for clients that came by TLS',
  h2c: 'HTTP/2',
  h2: 'HTTP/2 over TLS',
};

function describe(policy: BackendProtocolPolicy): string {
  if (typeof policy === 'string') return describeTexts[policy];
  if ('fault' in policy) return 'answer 503, for the parameters of FastCGI cannot be read';
  const { index, params } = policy.fastCgi;
  return [
    'FastCGI',
    index === '' ? '' : `with the index ${index}`,
    params.length === 0 ? '' : `and ${params.map(([name]) => name).join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function settings(policy: BackendProtocolPolicy) {
  if (typeof policy === 'string') return { protocol: policy };
  return 'fault' in policy ? {} : { fastCgi: policy.fastCgi };
}

export const backendProtocol: Feature = defineFeature<BackendProtocolPolicy>({
  name: 'backend-protocol',
  doc: 'Sets what is spoken to the endpoints.',
  keys: [protocolKey, indexKey, paramsKey],
  after: ['ssl-redirect'],
  compile,
  configMapOf: paramsObject,
  prepare: (policy) =>
    typeof policy === 'object' && 'fault' in policy
      ? { admit: () => ({ status: 503, reason: 'backend-protocol' }) }
      : {},
  settings,
  describe,
});
