// Problem: what is wrong with an object, told to its owner. A value, collected and never thrown.
import type { ObjectRef } from './object-ref.ts';

/** `error`: a part of the object has no effect. `warning`: it works, but likely not as meant. `info`: worth knowing. */
export type ProblemSeverity = 'error' | 'warning' | 'info';

/** Every code that a Problem can carry. CamelCase, because it becomes an Event's reason. */
export const problemCodes = [
  'InvalidObject',
  'DeprecatedVersion',
  'DeprecatedClassAnnotation',
  'ClassNotServed',
  'SeveralDefaultClasses',
  'ServiceNotFound',
  'PortNotFound',
  'NoEndpoints',
  'InvalidEndpoint',
  'LoopbackEndpoint',
  'UnsupportedBackend',
  'UnsupportedProtocol',
  'SecretNotFound',
  'CertificateInvalid',
  'CredentialsInvalid',
  'CertificateExpired',
  'CertificateHostMismatch',
  'CertificateNotOrdered',
  'TlsHostWithoutRule',
  'TlsHostConflict',
  'HostPathConflict',
  'PathShadowed',
  'DefaultBackendConflict',
  'AnnotationInvalid',
  'AnnotationUnknown',
  'AnnotationUnsupported',
  'RegexUnsupported',
  'PathUnreachable',
  'PathNotPassedThrough',
  'CanaryIgnored',
  'ParametersInvalid',
  'SettingUnknown',
  'SettingUnsupported',
  'QuirkInForce',
  'StreamInvalid',
  'StreamPortConflict',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: ProblemSeverity;
  readonly object: ObjectRef;
  /** Field path as the API server writes it, e.g. `spec.rules[0].http.paths[1].backend.service.name`. Empty: the whole object. */
  readonly field: string;
  /** One sentence without a final period: what is wrong, the value in quotes, what was wanted. */
  readonly message: string;
}
