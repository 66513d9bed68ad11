// Validation of a changed Service (core validation.go, ValidateServiceUpdate): what may not change once it is set.
// Values that the client omitted and the server keeps are copied in by the caller before.
import type { Service, ServiceSpec } from './core-types.ts';
import { forbiddenError, invalidError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { immutableDetail, validateObjectMetaUpdate } from './validate-metadata.ts';
import { hasHealthCheck, isHeadless, validateServiceCreate } from './validate-service.ts';

const onceSet = 'may not change once set';

/** A changed Service, defaulted. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const isExternal = service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName';
  const errors = validateObjectMetaUpdate(service.metadata, old.metadata);
  if (!isExternal) {
    errors.push(...validateClusterIpChange(service, old), ...validateFamilyChange(service, old));
  }
  const isLoadBalancer = service.spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer';
  if (isLoadBalancer && service.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalidError('spec.loadBalancerClass', service.spec.loadBalancerClass, onceSet));
  }
  const isChecked = hasHealthCheck(service.spec) && hasHealthCheck(old.spec);
  if (isChecked && service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort) {
    errors.push(forbiddenError('spec.healthCheckNodePort', immutableDetail));
  }
  return [...errors, ...validateServiceCreate(service, old)];
}

function validateClusterIpChange(service: Service, old: Service): FieldError[] {
  if (isHeadless(service) && isHeadless(old)) return [];
  const ips = service.spec.clusterIPs ?? [];
  const oldIps = old.spec.clusterIPs ?? [];
  if (oldIps.length === ips.length) {
    return oldIps.flatMap((ip, index) =>
      ip === ips[index] ? [] : [invalidError(`spec.clusterIPs[${index}]`, ips, onceSet)],
    );
  }
  const errors: FieldError[] = [];
  if (ips.length === 0) {
    const value = service.spec.clusterIPs ?? null;
    errors.push(invalidError('spec.clusterIPs[0]', value, 'primary clusterIP can not be unset'));
  } else if (oldIps.length > 0 && ips[0] !== oldIps[0]) {
    errors.push(invalidError('spec.clusterIPs[0]', ips, onceSet));
  }
  if (oldIps.length > ips.length && ips.length === 1) {
    errors.push(...validateRelease(service.spec, 'clusterIP'));
  }
  return errors;
}

function validateFamilyChange(service: Service, old: Service): FieldError[] {
  if (isHeadless(service) || isHeadless(old)) return [];
  const families: readonly string[] = service.spec.ipFamilies ?? [];
  const oldFamilies: readonly string[] = old.spec.ipFamilies ?? [];
  if (oldFamilies.length === families.length) {
    return oldFamilies.flatMap((family, index) =>
      family === families[index] ? [] : [invalidError('spec.ipFamilies[0]', families, onceSet)],
    );
  }
  const errors: FieldError[] = [];
  const isReleased = oldFamilies.length > families.length;
  if (isReleased && (service.spec.clusterIPs ?? []).length === 0) {
    const value = service.spec.ipFamilies ?? null;
    errors.push(invalidError('spec.ipFamilies[0]', value, 'primary ipFamily can not be unset'));
  }
  if (oldFamilies.length > 0 && families.length > 0 && families[0] !== oldFamilies[0]) {
    // The server shows the addresses here, not the families.
    errors.push(invalidError('spec.ipFamilies[0]', service.spec.clusterIPs ?? null, onceSet));
  }
  if (isReleased && families.length === 1) errors.push(...validateRelease(service.spec, 'ipFamily'));
  return errors;
}

function validateRelease(spec: ServiceSpec, what: 'clusterIP' | 'ipFamily'): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') return [];
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [invalidError('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail)];
}
