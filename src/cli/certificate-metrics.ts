// Metrics of the certificates in force, under the names and labels of ingress-nginx.
import { X509Certificate } from 'node:crypto';
import { type Certificate, type RouteTable, splitObjectKey } from '../model/index.ts';
import type { MetricFamilySnapshot } from '../observe/metrics-snapshot.ts';
import { type Cells, gauge } from './metric-families.ts';

/** What a leaf says beside its names. */
interface Issued {
  readonly organization: string;
  readonly commonName: string;
  readonly serialNumber: string;
  readonly keyAlgorithm: string;
}

/** Read once for each: reading takes longer than everything else of a page. */
const known = new WeakMap<Certificate, Issued>();

export function certificateFamilies(
  table: RouteTable | null,
  controllerClass: string,
): readonly MetricFamilySnapshot[] {
  const certificates = table === null ? [] : [...table.certificates.values()];
  const expiry: Cells = certificates.flatMap((certificate) =>
    labelsOf(certificate, controllerClass).map((labels) => [labels, certificate.notAfterMs / 1_000] as const),
  );
  const info: Cells = certificates.flatMap((certificate) => {
    const { organization, commonName, serialNumber, keyAlgorithm } = issuedOf(certificate);
    return labelsOf(certificate, controllerClass).map(
      (labels) => [[...labels, organization, commonName, serialNumber, keyAlgorithm], 1] as const,
    );
  });
  const names = ['namespace', 'class', 'host', 'secret_name', 'identifier'];
  return [
    gauge(
      'nginx_ingress_controller_ssl_expire_time_seconds',
      'End of validity of each certificate, seconds since the epoch.',
      names,
      expiry,
    ),
    gauge(
      'nginx_ingress_controller_ssl_certificate_info',
      'What each certificate says of itself.',
      [...names, 'issuer_organization', 'issuer_common_name', 'serial_number', 'public_key_algorithm'],
      info,
    ),
  ];
}

/** One for each DNS name of the certificate. */
function labelsOf({ id, names, fingerprint }: Certificate, controllerClass: string): readonly string[][] {
  const { namespace, name } = splitObjectKey(id);
  return names.map((host) => [namespace, controllerClass, host, name, fingerprint]);
}

function issuedOf(certificate: Certificate): Issued {
  const found = known.get(certificate);
  if (found !== undefined) return found;
  const leaf = new X509Certificate(certificate.chainPem);
  const issued: Issued = {
    organization: partOf(leaf.issuer, 'O'),
    commonName: partOf(leaf.issuer, 'CN'),
    serialNumber: leaf.serialNumber,
    keyAlgorithm: leaf.publicKey.asymmetricKeyType ?? '',
  };
  known.set(certificate, issued);
  return issued;
}

/** Of a name as Node writes it, one `KEY=value` in each line. */
function partOf(name: string, key: string): string {
  const line = name.split('\n').find((each) => each.startsWith(`${key}=`));
  return line?.slice(key.length + 1) ?? '';
}
