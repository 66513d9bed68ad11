// Which Ingresses ask for certificates of an ACME server, and which of their `tls` entries cannot get one.
import type { Ingress } from '../kube/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import { quoteValue } from './problems.ts';
import { entriesOf, membersOf, textOf, textsOf } from './shape.ts';

/** Ours, and the spelling of cert-manager's ingress-shim, which kube-lego had before. */
const ownAnnotation = 'sallyport.dev/acme';
const annotations = new Set([ownAnnotation, 'kubernetes.io/tls-acme']);

export function wantsCertificates({ metadata }: Ingress): boolean {
  return entriesOf(metadata.annotations).some(([name, value]) => annotations.has(name) && value === 'true');
}

/** Under our own annotation: the other one may be meant for cert-manager, which can do more. */
export function findAcmeProblems(ingress: Ingress, object: ObjectRef): Problem[] {
  const isOwn = entriesOf(ingress.metadata.annotations).some(
    ([name, value]) => name === ownAnnotation && value === 'true',
  );
  if (!isOwn) return [];
  const problems: Problem[] = [];
  const report = (field: string, message: string): void => {
    problems.push({ code: 'CertificateNotOrdered', severity: 'warning', object, field, message });
  };
  for (const [index, { hosts, secretName }] of membersOf(ingress.spec?.tls)) {
    const field = `spec.tls[${index}]`;
    if (textOf(secretName) === '')
      report(field, 'the entry names no Secret, so no certificate is ordered for it');
    for (const [place, host] of textsOf(hosts)) {
      if (!host.startsWith('*.')) continue;
      const message = `no certificate is ordered for the wildcard ${quoteValue(host)}, which wants proof by DNS; list its hosts, or bring a certificate`;
      report(`${field}.hosts[${place}]`, message);
    }
  }
  return problems;
}
