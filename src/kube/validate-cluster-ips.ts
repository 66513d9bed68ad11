// Validation of a Service's clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, together (core validation.go,
// ValidateServiceClusterIPsRelatedFields).
import { duplicateError, invalidError, notSupportedError, requiredError } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import type { Service, ServiceSpec } from './core-types.ts';
import { parseIpSloppy, validateIp } from './ip-address.ts';

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const field = 'spec.clusterIPs';

/** The address fields of a Service that is no ExternalName. */
export function validateClusterIps(service: Service, old?: Service): FieldError[] {
  const { spec } = service;
  if (spec.type === 'ExternalName') return [];
  const ips = spec.clusterIPs ?? [];
  const errors = [...validateFirst(spec), ...validateFamilies(spec)];
  let hasInvalid = false;
  for (const [index, ip] of ips.entries()) {
    if (index === 0 && ip === 'None') {
      if (ips.length === 1) continue;
      hasInvalid = true;
      errors.push(invalidError(field, ips, "'None' must be the first and only value"));
      continue;
    }
    const ipErrors = validateIp(`${field}[${index}]`, ip, old?.spec.clusterIPs);
    hasInvalid ||= ipErrors.length > 0;
    errors.push(...ipErrors);
  }
  if (ips.length > 2) errors.push(invalidError(field, ips, 'may only hold up to 2 values'));
  return hasInvalid ? errors : [...errors, ...validateStacks(spec, ips)];
}

function validateFirst(spec: ServiceSpec): FieldError[] {
  const first = spec.clusterIP ?? '';
  const ips = spec.clusterIPs ?? [];
  if (first === '') {
    if (ips.length === 0) return [];
    return [invalidError(field, ips, 'must be empty when `clusterIP` is not specified')];
  }
  if (ips.length === 0) return [requiredError(field)];
  return ips[0] === first ? [] : [invalidError(field, ips, 'first value must match `clusterIP`')];
}

function validateFamilies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    const familyField = `spec.ipFamilies[${index}]`;
    if (!families.includes(family)) errors.push(notSupportedError(familyField, family, families));
    if (seen.has(family)) errors.push(duplicateError(familyField, family));
    seen.add(family);
  }
  const policy = spec.ipFamilyPolicy;
  if (policy !== undefined && !familyPolicies.includes(policy)) {
    errors.push(notSupportedError('spec.ipFamilyPolicy', policy, familyPolicies));
  }
  return errors;
}

function isIpv6(text: string): boolean {
  return parseIpSloppy(text)?.length === 16;
}

function validateStacks(spec: ServiceSpec, ips: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  if (ips.length > 1 && new Set(ips.map(isIpv6)).size !== 2) {
    errors.push(invalidError(field, ips, 'may specify no more than one IP for each IP family'));
  }
  if (ips[0] === 'None') return errors;
  for (const [index, ip] of ips.entries()) {
    const family = spec.ipFamilies?.[index];
    if ((family === 'IPv4' && isIpv6(ip)) || (family === 'IPv6' && !isIpv6(ip))) {
      const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
      errors.push(invalidError(`${field}[${index}]`, ip, detail));
    }
  }
  return errors;
}
