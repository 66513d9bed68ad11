// Validation of one Ingress backend (networking validation.go, validateIngressBackend): a Service port or a resource.
// The field names are those of the version that the request used.
import { invalidError, invalidErrors, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import type { IngressBackend, IngressServiceBackend, TypedLocalObjectReference } from './ingress-types.ts';
import {
  checkPathSegment,
  checkPortName,
  checkPortNumber,
  checkServiceName,
  checkSubdomain,
} from './names.ts';

/** Which version the object was written in: `legacy` is extensions/v1beta1 and networking.k8s.io/v1beta1. */
export type IngressDialect = 'v1' | 'legacy';

/** What a backend is checked against. */
export interface BackendRules {
  readonly dialect: IngressDialect;
}

/** The backend at `field`. */
export function validateBackend(field: string, backend: IngressBackend, rules: BackendRules): FieldError[] {
  const { resource, service } = backend;
  if (resource !== undefined && service !== undefined) {
    return [invalidError(field, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return validateObjectReference(`${field}.resource`, resource);
  if (service !== undefined) return validateServiceBackend(field, service, rules);
  return [invalidError(field, '', 'resource or service backend is required')];
}

function validateServiceBackend(
  field: string,
  service: IngressServiceBackend,
  rules: BackendRules,
): FieldError[] {
  const isLegacy = rules.dialect === 'legacy';
  const nameField = isLegacy ? `${field}.serviceName` : `${field}.service.name`;
  const errors =
    service.name === ''
      ? [requiredError(nameField)]
      : invalidErrors(nameField, service.name, checkServiceName(service.name, false));
  const portName = service.port?.name ?? '';
  const portNumber = service.port?.number ?? 0;
  if (portName !== '' && portNumber !== 0) {
    return [...errors, invalidError(field, '', 'cannot set both port name & port number')];
  }
  if (portName !== '') {
    const nameOfPort = isLegacy ? `${field}.servicePort` : `${field}.service.port.name`;
    return [...errors, ...invalidErrors(nameOfPort, portName, checkPortName(portName))];
  }
  if (portNumber !== 0) {
    const numberOfPort = isLegacy ? `${field}.servicePort` : `${field}.service.port.number`;
    return [...errors, ...invalidErrors(numberOfPort, portNumber, checkPortNumber(portNumber))];
  }
  return [...errors, requiredError(field, 'port name or number is required')];
}

/** A reference to an object of any kind: group, kind and name. */
export function validateObjectReference(
  field: string,
  reference: Pick<TypedLocalObjectReference, 'apiGroup' | 'kind' | 'name'>,
): FieldError[] {
  const { apiGroup, kind, name } = reference;
  return [
    ...(apiGroup === undefined ? [] : invalidErrors(`${field}.apiGroup`, apiGroup, checkSubdomain(apiGroup))),
    ...(kind === ''
      ? [requiredError(`${field}.kind`)]
      : invalidErrors(`${field}.kind`, kind, checkPathSegment(kind))),
    ...(name === ''
      ? [requiredError(`${field}.name`)]
      : invalidErrors(`${field}.name`, name, checkPathSegment(name))),
  ];
}
