// upstream-tls: the annotations proxy-ssl-*, for upstreams that are spoken to over TLS.
import { defaultUpstreamTls, splitObjectKey, type UpstreamTls } from '../../model/index.ts';
import type { AnnotationValues, CompileContext, Feature } from '../contract.ts';
import { defineFeature } from '../contract.ts';
import { renderKey } from '../keys.ts';
import { readValue } from '../values.ts';
import { ciphersKey, depthKey, nameKey, protocolsKey, secretKey, serverNameKey, verifyKey } from './keys.ts';

export interface UpstreamTlsPolicy {
  readonly tls: UpstreamTls;
  /** The Secret is of another namespace: its key would get into other hands. The paths answer 503. */
  readonly isDenied: boolean;
}

const keys = [secretKey, verifyKey, depthKey, nameKey, serverNameKey, ciphersKey, protocolsKey];

function compile(
  values: AnnotationValues,
  { namespace, crossesNamespaces, report }: CompileContext,
): UpstreamTlsPolicy | null {
  if (!keys.some(({ name }) => values.has(name))) return null;
  const secret = readValue(values, secretKey) ?? null;
  const isOwn = secret === null || splitObjectKey(secret).namespace === namespace;
  const isDenied = !isOwn && !crossesNamespaces;
  if (isDenied) {
    report({
      severity: 'error',
      code: 'AnnotationInvalid',
      key: renderKey(secretKey),
      message: `Secret "${secret}" is of another namespace, wanted one of "${namespace}"; the path answers 503`,
    });
  }
  const versions = readValue(values, protocolsKey);
  const tls: UpstreamTls = {
    material: isDenied ? null : secret,
    verifies: readValue(values, verifyKey) ?? defaultUpstreamTls.verifies,
    maxIntermediates: readValue(values, depthKey) ?? defaultUpstreamTls.maxIntermediates,
    name: readValue(values, nameKey) ?? defaultUpstreamTls.name,
    sendsName: readValue(values, serverNameKey) ?? defaultUpstreamTls.sendsName,
    ciphers: readValue(values, ciphersKey) ?? defaultUpstreamTls.ciphers,
    minVersion: versions?.min ?? defaultUpstreamTls.minVersion,
    maxVersion: versions?.max ?? defaultUpstreamTls.maxVersion,
  };
  return { tls, isDenied };
}

function describe({ tls, isDenied }: UpstreamTlsPolicy): string {
  if (isDenied) return 'refused, the Secret is of another namespace';
  const parts = [tls.verifies ? 'verified' : 'not verified'];
  if (tls.name !== '') parts.push(`as ${tls.name}`);
  if (tls.sendsName) parts.push('with SNI');
  if (tls.material !== null) parts.push(`by Secret ${tls.material}`);
  return parts.join(' ');
}

export const upstreamTls: Feature = defineFeature<UpstreamTlsPolicy>({
  name: 'upstream-tls',
  doc: 'Sets what TLS to the endpoints asks and shows, where `backend-protocol` or the `appProtocol` of the port makes it TLS. Acts on the paths of its own Ingress only, as if `proxy-ssl-location-only` were set: a neighbour on the same host never shows the certificate.',
  keys,
  after: ['ssl-redirect', 'backend-protocol'],
  compile,
  clientTlsOf: ({ tls }) => (tls.material === null ? null : { id: tls.material, key: secretKey.name }),
  prepare: ({ isDenied }) =>
    isDenied ? { admit: () => ({ status: 503, reason: 'upstream-tls-secret' }) } : {},
  settings: ({ tls }) => ({ upstreamTls: tls }),
  describe,
});
