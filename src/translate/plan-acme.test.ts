// Ingresses that ask for certificates: by which annotations, and what they cannot have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../kube/index.ts';
import { findAcmeProblems, wantsCertificates } from './plan-acme.ts';

const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };

function ingressOf(annotations: Readonly<Record<string, string>>): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name: 'web', annotations },
    spec: { tls: [{ hosts: ['a.test', '*.b.test'], secretName: 'web-tls' }, { hosts: ['c.test'] }] },
  };
}

test('certificates are wanted by either annotation, if it says "true"', () => {
  assert.equal(wantsCertificates(ingressOf({ 'sallyport.dev/acme': 'true' })), true);
  assert.equal(wantsCertificates(ingressOf({ 'kubernetes.io/tls-acme': 'true' })), true);
  assert.equal(
    wantsCertificates(ingressOf({ 'sallyport.dev/acme': 'yes', 'kubernetes.io/tls-acme': 'false' })),
    false,
  );
  assert.equal(wantsCertificates(ingressOf({})), false);
});

test('wildcards and entries without a Secret are told, where certificates are wanted of us', () => {
  const problems = findAcmeProblems(ingressOf({ 'sallyport.dev/acme': 'true' }), object);
  assert.deepEqual(
    problems.map(({ code, field }) => [code, field]),
    [
      ['CertificateNotOrdered', 'spec.tls[0].hosts[1]'],
      ['CertificateNotOrdered', 'spec.tls[1]'],
    ],
  );
  assert.deepEqual(findAcmeProblems(ingressOf({}), object), []);
  assert.deepEqual(findAcmeProblems(ingressOf({ 'kubernetes.io/tls-acme': 'true' }), object), []);
});
