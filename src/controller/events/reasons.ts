// Which Event an owner gets for a problem: its reason by the problem's code. Few reasons, so that people can filter by them;
// the message carries the particulars.
import type { Problem, ProblemCode } from '../../model/index.ts';

/** Reasons of the Events that are written; `Sync` is Normal, the others are Warnings. */
export const eventReasons = [
  'Sync',
  'BackendNotFound',
  'NoReadyEndpoints',
  'SecretMissing',
  'SecretInvalid',
  'CertificateHostMismatch',
  'CertificateOrdered',
  'CertificateIssued',
  'CertificateFailed',
  'HostPathConflict',
  'Rejected',
  'Ignored',
  'ParametersInvalid',
] as const;

export type EventReason = (typeof eventReasons)[number];

/** `Rejected`: something of the object is not served. `Ignored`: a part of it has no effect, the rest is served as written. */
const reasonByCode: Readonly<Record<ProblemCode, Exclude<EventReason, 'Sync'>>> = {
  InvalidObject: 'Rejected',
  DeprecatedVersion: 'Ignored',
  DeprecatedClassAnnotation: 'Ignored',
  ClassNotServed: 'Ignored',
  SeveralDefaultClasses: 'Ignored',
  ServiceNotFound: 'BackendNotFound',
  PortNotFound: 'BackendNotFound',
  NoEndpoints: 'NoReadyEndpoints',
  InvalidEndpoint: 'BackendNotFound',
  LoopbackEndpoint: 'BackendNotFound',
  UnsupportedBackend: 'BackendNotFound',
  UnsupportedProtocol: 'BackendNotFound',
  SecretNotFound: 'SecretMissing',
  CertificateInvalid: 'SecretInvalid',
  CredentialsInvalid: 'SecretInvalid',
  CertificateExpired: 'SecretInvalid',
  CertificateHostMismatch: 'CertificateHostMismatch',
  CertificateNotOrdered: 'CertificateFailed',
  TlsHostWithoutRule: 'Ignored',
  TlsHostConflict: 'HostPathConflict',
  HostPathConflict: 'HostPathConflict',
  PathShadowed: 'HostPathConflict',
  DefaultBackendConflict: 'HostPathConflict',
  AnnotationInvalid: 'Rejected',
  AnnotationUnknown: 'Ignored',
  AnnotationUnsupported: 'Rejected',
  RegexUnsupported: 'Rejected',
  PathUnreachable: 'Rejected',
  PathNotPassedThrough: 'Ignored',
  CanaryIgnored: 'Ignored',
  StreamInvalid: 'Rejected',
  StreamPortConflict: 'Rejected',
  ParametersInvalid: 'ParametersInvalid',
  SettingUnknown: 'ParametersInvalid',
  SettingUnsupported: 'ParametersInvalid',
  QuirkInForce: 'Ignored',
};

/** The reason of a problem's Event; null: it is only worth knowing, and `check` says it. */
export function reasonOf({
  code,
  severity,
}: Pick<Problem, 'code' | 'severity'>): Exclude<EventReason, 'Sync'> | null {
  return severity === 'info' ? null : reasonByCode[code];
}

/**
 * How long a problem must last before its Event is written; 0: written at once. `kubectl apply` of a file sends object after object, so
 * that what an Ingress names may come a moment after it, and endpoints come and go while a Deployment rolls out.
 */
export function graceMsOf(code: ProblemCode): number {
  return graceMsByCode[code] ?? 0;
}

const graceMsByCode: Readonly<Partial<Record<ProblemCode, number>>> = {
  ServiceNotFound: 1_000,
  PortNotFound: 1_000,
  SecretNotFound: 1_000,
  NoEndpoints: 2_000,
};

/** `spec.rules[0].host: message`, as the API server writes the errors of a field. */
export function messageOf({ field, message }: Pick<Problem, 'field' | 'message'>): string {
  return field === '' ? message : `${field}: ${message}`;
}
