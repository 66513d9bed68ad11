// What metrics tell of certificates: the labels that dashboards and alerts select by, and no key.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeCertificate } from '../../test/behaviour/self-signed.ts';
import { emptyTable } from '../table/index.ts';
import { certificateFamilies } from './certificate-metrics.ts';

it('a certificate is told once for each name, with its Secret, class and issuer', () => {
  const certificate = makeCertificate('test/shop-tls', ['a.test', 'b.test']);
  const table = { ...emptyTable, certificates: new Map([[certificate.id, certificate]]) };
  const [expiry, info] = certificateFamilies(table, 'k8s.io/ingress-nginx');
  assert.equal(expiry?.name, 'nginx_ingress_controller_ssl_expire_time_seconds');
  assert.deepEqual(expiry.labelNames, ['namespace', 'class', 'host', 'secret_name', 'identifier']);
  assert.deepEqual(
    expiry.cells.map(({ labelValues, value }) => [labelValues, value]),
    ['a.test', 'b.test'].map((host) => [
      ['test', 'k8s.io/ingress-nginx', host, 'shop-tls', certificate.fingerprint],
      certificate.notAfterMs / 1_000,
    ]),
  );
  assert.equal(info?.name, 'nginx_ingress_controller_ssl_certificate_info');
  assert.equal(info.cells.length, 2);
  assert.match(info.cells[0]?.labelValues[7] ?? '', /^[0-9A-F]+$/);
  assert.doesNotMatch(JSON.stringify([expiry, info]), /PRIVATE|BEGIN/);
});
