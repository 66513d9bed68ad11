// Builders of raw manifests for the suites of kube/, and the one-line view of what decoding says about them.
import assert from 'node:assert/strict';
import { decodeObject, renderFieldError } from '../../src/kube/index.ts';
import type { DecodeOptions, KubeObject } from '../../src/kube/index.ts';

export type Raw = Readonly<Record<string, unknown>>;

export const lenient: DecodeOptions = { defaultNamespace: 'default', allowLoopback: false, strict: false };
export const strict: DecodeOptions = { ...lenient, strict: true };

/** All errors as the API server words them; empty for a valid object. Fails for kinds that are not handled. */
export function errorsOf(raw: unknown, options: DecodeOptions = lenient): string[] {
  const result = decodeObject(raw, options);
  assert.notEqual(result.kind, 'ignored');
  if (result.kind !== 'invalid') return [];
  return [...result.decodeErrors, ...result.errors.map(renderFieldError)];
}

/** The object, or a failed assertion that says what is wrong. */
export function objectOf(raw: unknown, options: DecodeOptions = lenient): KubeObject {
  const result = decodeObject(raw, options);
  assert(result.kind === 'object', JSON.stringify(errorsOf(raw, options)));
  return result.object;
}

export function ingress(spec: Raw, metadata: Raw = {}): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec,
  };
}

export const serviceBackend: Raw = { service: { name: 'test', port: { number: 80 } } };

/** An Ingress with one rule for `host` and one Prefix path `/`; `path` replaces members of the path. */
export function pathIngress(path: Raw): Raw {
  return ingress({
    rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: serviceBackend, ...path }] } }],
  });
}

export function hostIngress(host: string): Raw {
  return ingress({ rules: [{ host }], defaultBackend: serviceBackend });
}

export function service(spec: Raw, metadata: Raw = {}): Raw {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'test', namespace: 'shop', ...metadata },
    spec,
  };
}

export function slice(members: Raw): Raw {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'test-abc', namespace: 'shop' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 8080 }],
    ...members,
  };
}

export function ingressClass(spec: Raw, metadata: Raw = {}): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'public', ...metadata },
    spec,
  };
}

export function secret(members: Raw): Raw {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cert', namespace: 'shop' }, ...members };
}

export const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
export const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
export const wildcardText =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
export const keyText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
export const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
export const configKeyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
