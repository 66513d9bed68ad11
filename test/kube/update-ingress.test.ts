// Ingress updates: what an old object's faults excuse, what is never checked again, and the status subresource.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  renderFieldError,
  validateIngressStatusUpdate,
  validateIngressUpdate,
} from '../../src/kube/index.ts';
import type { Ingress, IngressSpec, IngressStatus } from '../../src/kube/index.ts';
import { subdomainText } from './manifest-builders.ts';

const backend = { service: { name: 'test', port: { number: 80 } } };

function stored(spec: IngressSpec, annotations: Record<string, string> = {}): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop', resourceVersion: '7', annotations },
    spec,
  };
}

function updateErrors(spec: IngressSpec, oldSpec: IngressSpec, dialect: 'v1' | 'legacy' = 'v1'): string[] {
  return validateIngressUpdate(stored(spec), stored(oldSpec), { dialect }).map(renderFieldError);
}

test('every field of the spec may change', () => {
  const before: IngressSpec = { ingressClassName: 'a', defaultBackend: backend };
  assert.deepEqual(updateErrors({ ingressClassName: 'b', rules: [{ host: 'a.b' }] }, before), []);
});

test('an invalid secret name of the old object excuses all', () => {
  const bad: IngressSpec = { defaultBackend: backend, tls: [{ secretName: 'A' }, { secretName: 'B' }] };
  const fine: IngressSpec = { defaultBackend: backend, tls: [{ secretName: 'a' }, {}] };
  assert.deepEqual(updateErrors(bad, bad), []);
  assert.equal(updateErrors(bad, fine).length, 2);
  assert.deepEqual(updateErrors(bad, fine, 'legacy'), []);
});

test('an invalid wildcard rule of the old object excuses wildcard rules only', () => {
  const bad = (host: string): IngressSpec => ({ rules: [{ host, http: { paths: [] } }] });
  assert.deepEqual(updateErrors(bad('*.a.b'), bad('*.c.d')), []);
  assert.deepEqual(updateErrors(bad('a.b'), bad('*.c.d')), ['spec.rules[0].http.paths: Required value']);
  assert.deepEqual(updateErrors(bad('*.a.b'), { defaultBackend: backend }), [
    'spec.rules[0].http.paths: Required value',
  ]);
});

test('the class annotation is not compared on update', () => {
  const spec: IngressSpec = { defaultBackend: backend, ingressClassName: 'a' };
  const annotated = stored(spec, { 'kubernetes.io/ingress.class': 'x' });
  assert.deepEqual(validateIngressUpdate(annotated, stored(spec)), []);
});

test('addresses that the stored status has are tolerated in any form', () => {
  const old = {
    ...stored({ defaultBackend: backend }),
    status: { loadBalancer: { ingress: [{ ip: '010.0.0.1' }] } },
  };
  assert.deepEqual(validateIngressStatusUpdate(old, old), []);
});

function statusErrors(status: IngressStatus): string[] {
  const old = stored({ defaultBackend: backend });
  return validateIngressStatusUpdate({ ...old, status }, old).map(renderFieldError);
}

test('status addresses are checked, ports are not', () => {
  const field = 'status.loadBalancer.ingress[0]';
  const entry = (members: { ip?: string; hostname?: string }): string[] =>
    statusErrors({ loadBalancer: { ingress: [members] } });
  assert.deepEqual(entry({ ip: 'x' }), [
    `${field}.ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
  ]);
  assert.deepEqual(entry({ hostname: '1.2.3.4' }), [
    `${field}.hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address`,
  ]);
  assert.deepEqual(entry({ hostname: 'A' }), [`${field}.hostname: Invalid value: "A": ${subdomainText}`]);
  assert.deepEqual(entry({}), []);
  assert.deepEqual(entry({ ip: '10.0.0.1', hostname: 'a.b' }), []);
  assert.deepEqual(entry({ ip: '010.0.0.1' }), [
    `${field}.ip: Invalid value: "010.0.0.1": must not have leading 0s`,
  ]);
  assert.deepEqual(entry({ ip: '::ffff:1.2.3.4' }), [
    `${field}.ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address`,
  ]);
  const ports = [{ port: -1, protocol: 'x', error: 'y' }];
  assert.deepEqual(statusErrors({ loadBalancer: { ingress: [{ ip: '127.0.0.1', ports }] } }), []);
});
