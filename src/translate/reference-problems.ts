// What is wrong with the objects that an Ingress names: its class, its Services and its Secrets. Told to the Ingress, by the
// fields that name them.
import type {
  AuthorityId,
  CertificateId,
  ClientTlsId,
  CredentialsId,
  Problem,
  UpstreamId,
} from '../model/index.ts';
import type { SecretIssue } from './certificate-units.ts';
import type { ClassSettings } from './class-settings.ts';
import type { IngressPlan } from './plan.ts';
import type { UpstreamIssue } from './resolve-upstream.ts';

export interface References {
  readonly settings: Pick<ClassSettings, 'problemOf'>;
  readonly issueOf: (id: UpstreamId) => UpstreamIssue | null;
  readonly issuesOf: (id: CertificateId) => readonly SecretIssue[];
  readonly clientIssuesOf: (id: ClientTlsId) => readonly SecretIssue[];
  readonly authorityIssuesOf: (id: AuthorityId) => readonly SecretIssue[];
  readonly credentialIssuesOf: (id: CredentialsId) => readonly SecretIssue[];
}

export function findReferenceProblems(
  plan: IngressPlan,
  className: string | null,
  { settings, issueOf, issuesOf, clientIssuesOf, authorityIssuesOf, credentialIssuesOf }: References,
): Problem[] {
  const object = plan.ref;
  const problems: Problem[] = [];
  const ofClass = settings.problemOf(className, object);
  if (ofClass !== null) problems.push(ofClass);
  for (const { upstream, serviceField, portField } of plan.backends) {
    const issue = issueOf(upstream);
    if (issue === null) continue;
    const { code, severity, message, part } = issue;
    const isPort = part === 'port';
    problems.push({ code, severity, object, field: isPort ? portField : serviceField, message });
  }
  for (const { secret, field } of plan.secrets) {
    for (const issue of issuesOf(secret)) problems.push({ ...issue, object, field });
  }
  for (const { secret, field } of plan.clientSecrets) {
    for (const issue of clientIssuesOf(secret)) problems.push({ ...issue, object, field });
  }
  for (const { secret, field } of plan.authoritySecrets) {
    for (const issue of authorityIssuesOf(secret)) problems.push({ ...issue, object, field });
  }
  for (const { id, field } of plan.credentials) {
    for (const issue of credentialIssuesOf(id)) problems.push({ ...issue, object, field });
  }
  return problems;
}
