// Validation of what the subresources of Service and Namespace may change (core validation.go): status and finalizers.
import type { Namespace, Service, ServiceLoadBalancerIngress } from './core-types.ts';
import {
  forbiddenError,
  invalidError,
  invalidErrors,
  notSupportedError,
  requiredError,
} from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { parseIpSloppy, validateIp } from './ip-address.ts';
import { checkQualifiedName, checkSubdomain } from './names.ts';
import { validateKubeFinalizer, validateObjectMetaUpdate } from './validate-metadata.ts';

/** The `status` of a Service: addresses only where a load balancer was asked for. */
export function validateServiceStatusUpdate(service: Service, old: Service): FieldError[] {
  const errors = validateObjectMetaUpdate(service.metadata, old.metadata);
  const field = 'status.loadBalancer.ingress';
  const entries = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec.type !== 'LoadBalancer' && entries.length > 0) {
    const detail = "may only be used when `spec.type` is 'LoadBalancer'";
    return [...errors, forbiddenError(field, detail)];
  }
  const known = (old.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
  return [...errors, ...entries.flatMap((entry, index) => validateEntry(`${field}[${index}]`, entry, known))];
}

function validateEntry(
  field: string,
  entry: ServiceLoadBalancerIngress,
  known: readonly string[],
): FieldError[] {
  const { ip = '', hostname = '', ipMode } = entry;
  const errors = ip === '' ? [] : validateIp(`${field}.ip`, ip, known);
  if (ipMode === undefined) {
    if (ip !== '') errors.push(requiredError(`${field}.ipMode`, 'must be specified when `ip` is set'));
  } else if (ip === '') {
    errors.push(forbiddenError(`${field}.ipMode`, 'may not be specified when `ip` is not set'));
  } else if (ipMode !== 'VIP' && ipMode !== 'Proxy') {
    errors.push(notSupportedError(`${field}.ipMode`, ipMode, ['Proxy', 'VIP']));
  }
  if (hostname === '') return errors;
  errors.push(...invalidErrors(`${field}.hostname`, hostname, checkSubdomain(hostname)));
  if (parseIpSloppy(hostname) === null) return errors;
  return [...errors, invalidError(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address')];
}

/** The `status` of a Namespace: its phase follows its deletion, and nothing else. */
export function validateNamespaceStatusUpdate(namespace: Namespace, old: Namespace): FieldError[] {
  const errors = validateObjectMetaUpdate(namespace.metadata, old.metadata);
  const phase = namespace.status?.phase ?? '';
  const isDeleted = namespace.metadata.deletionTimestamp !== undefined;
  const wanted = isDeleted ? 'Terminating' : 'Active';
  if (phase === wanted) return errors;
  const detail = `may only be '${wanted}' if \`deletionTimestamp\` is ${isDeleted ? 'not empty' : 'empty'}`;
  // The capital letter is the server's.
  return [...errors, invalidError('status.Phase', phase, detail)];
}

/** The `finalize` subresource of a Namespace. */
export function validateNamespaceFinalizeUpdate(namespace: Namespace, old: Namespace): FieldError[] {
  return [
    ...validateObjectMetaUpdate(namespace.metadata, old.metadata),
    ...(namespace.spec?.finalizers ?? []).flatMap((name, index) => [
      ...invalidErrors(`spec.finalizers[${index}]`, name, checkQualifiedName(name)),
      ...validateKubeFinalizer(`spec.finalizers[${index}]`, name),
    ]),
  ];
}
