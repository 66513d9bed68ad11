// backend-protocol: what is spoken to the endpoints. Without it the Service port's appProtocol decides, else plain HTTP/1.1.
import type { ProtocolChoice } from '../../model/index.ts';
import type { AnnotationKey, CompileContext, Feature, ParseResult } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue, refuseControls } from '../values.ts';

/** `unserved`: known to ingress-nginx and not spoken here; the routes answer 503 instead of talking past each other. */
export type BackendProtocolPolicy = ProtocolChoice | 'unserved';

const choices: ReadonlyMap<string, BackendProtocolPolicy> = new Map([
  ['HTTP', 'http'],
  ['HTTPS', 'https'],
  ['AUTO_HTTP', 'auto'],
  ['GRPC', 'h2c'],
  ['GRPCS', 'h2'],
  ['FCGI', 'unserved'],
]);

function parse(text: string): ParseResult<BackendProtocolPolicy> {
  const choice = choices.get(text.toUpperCase());
  if (choice !== undefined) return { value: choice };
  return refuseControls(text) ?? { wanted: '"HTTP", "HTTPS", "AUTO_HTTP", "GRPC" or "GRPCS"' };
}

const protocolKey: AnnotationKey<BackendProtocolPolicy> = {
  name: 'backend-protocol',
  dialect: 'nginx',
  parse,
  scope: 'route',
  risk: 'low',
  onInvalid: 'default',
  defaultText: "the `appProtocol` of the Service's port, else `HTTP`",
  valueText: '`HTTP`, `HTTPS`, `AUTO_HTTP`, `GRPC` or `GRPCS`, in any case',
  doc: 'What is spoken to the endpoints: `HTTP` and `HTTPS` are HTTP/1.1, `GRPC` and `GRPCS` are HTTP/2 (any requests, not only those of gRPC), each in the clear or over TLS (see `proxy-ssl-*`). `AUTO_HTTP` is `HTTPS` for clients that came by TLS, else `HTTP`. `FCGI` is not supported: the paths answer 503.',
};

function compile(
  values: ReadonlyMap<string, unknown>,
  { report }: CompileContext,
): BackendProtocolPolicy | null {
  const choice = readValue(values, protocolKey) ?? null;
  if (choice === 'unserved') {
    report({
      severity: 'error',
      code: 'AnnotationUnsupported',
      key: renderKey(protocolKey),
      message:
        'FastCGI is not supported, wanted "HTTP", "HTTPS", "AUTO_HTTP", "GRPC" or "GRPCS"; the path answers 503',
    });
  }
  return choice;
}

const describeTexts: Readonly<Record<BackendProtocolPolicy, string>> = {
  http: 'HTTP/1.1',
  https: 'HTTP/1.1 over TLS',
  auto: 'HTTP/1.1, over TLS for clients that came by TLS',
  h2c: 'HTTP/2',
  h2: 'HTTP/2 over TLS',
  unserved: 'none that is served',
};

export const backendProtocol: Feature = defineFeature<BackendProtocolPolicy>({
  name: 'backend-protocol',
  doc: 'Sets what is spoken to the endpoints.',
  keys: [protocolKey],
  after: ['ssl-redirect'],
  compile,
  prepare: (policy) =>
    policy === 'unserved' ? { admit: () => ({ status: 503, reason: 'backend-protocol' }) } : {},
  settings: (policy) => (policy === 'unserved' ? {} : { protocol: policy }),
  describe: (policy) => describeTexts[policy],
});
