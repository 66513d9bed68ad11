// `ipFamilies` and `ipFamilyPolicy` of a Service on a server that has IPv4 addresses only (core service storage,
// initIPFamilyFields): filled where the client left them open, refused where they ask for what is not there.
import {
  invalidError,
  isHeadless,
  validateClusterIps,
  type FieldError,
  type Service,
} from '../../../../kube/index.ts';
import { invalid } from '../../../api-error.ts';
import { isEqualValue } from '../../equal-values.ts';
import { parseAddress } from './used-values.ts';
import { needsClusterIp, withSpec } from './service-needs.ts';

type Family = 'IPv4' | 'IPv6';

const policyField = 'spec.ipFamilyPolicy';

/** Before the rest of the Service is validated, as the server does. @throws {ApiError} 422 */
export function fillFamilies(service: Service, old: Service | null): Service {
  if (!needsClusterIp(service) || isUnchangedDualStack(service, old)) return service;
  const isOpen = isHeadless(service) && Object.keys(service.spec.selector ?? {}).length === 0;
  const policy =
    service.spec.ipFamilyPolicy ?? old?.spec.ipFamilyPolicy ?? (isOpen ? 'RequireDualStack' : 'SingleStack');
  const asked = withSpec(service, { ipFamilyPolicy: policy });
  refuse(asked, validateClusterIps(asked, old ?? undefined));
  const withPolicy = trimFamilies(asked, old);
  refuse(withPolicy, [...checkSingleStack(withPolicy), ...checkAddresses(withPolicy)]);
  const families = inferFamilies(withPolicy);
  if (isOpen) return withSpec(withPolicy, { ipFamilies: openFamilies(families, policy) });
  refuse(withPolicy, checkFamilies(withPolicy, families));
  return withSpec(withPolicy, { ipFamilies: families.length === 0 ? ['IPv4'] : families });
}

function refuse(service: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid('Service', '', service.metadata.name, errors);
}

/** A Service that prefers two families is not changed behind its owner's back. */
function isUnchangedDualStack(service: Service, old: Service | null): boolean {
  if (old === null || service.spec.type !== old.spec.type) return false;
  if (service.spec.ipFamilyPolicy !== 'PreferDualStack') return false;
  return (['ipFamilyPolicy', 'clusterIPs', 'ipFamilies'] as const).every((name) =>
    isEqualValue(service.spec[name], old.spec[name]),
  );
}

/** Who changes to a single family and touches nothing else keeps the first of what there was. */
function trimFamilies(service: Service, old: Service | null): Service {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = service.spec;
  if (old === null || ipFamilyPolicy !== 'SingleStack') return service;
  return withSpec(service, {
    ...(clusterIPs.length > 1 && isEqualValue(clusterIPs, old.spec.clusterIPs)
      ? { clusterIPs: clusterIPs.slice(0, 1) }
      : {}),
    ...(ipFamilies.length > 1 && isEqualValue(ipFamilies, old.spec.ipFamilies)
      ? { ipFamilies: ipFamilies.slice(0, 1) }
      : {}),
  });
}

function checkSingleStack({ spec }: Service): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const say = (what: string): FieldError =>
    invalidError(
      policyField,
      spec.ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    );
  return [
    ...((spec.clusterIPs ?? []).length === 2 ? [say('cluster IPs')] : []),
    ...((spec.ipFamilies ?? []).length === 2 ? [say('IP families')] : []),
  ];
}

/** An address whose family nobody named must be one of ours. */
function checkAddresses({ spec }: Service): FieldError[] {
  const families = spec.ipFamilies ?? [];
  return (spec.clusterIPs ?? []).flatMap((ip, index) => {
    if (ip === 'None' || index < families.length || parseAddress(ip) !== null) return [];
    // The server shows all addresses here.
    const detail = 'IPv6 is not configured on this cluster';
    return [invalidError(`spec.clusterIPs[${index}]`, spec.clusterIPs, detail)];
  });
}

function inferFamilies({ spec }: Service): readonly Family[] {
  const families = spec.ipFamilies ?? [];
  const ips = (spec.clusterIPs ?? []).filter((ip) => ip !== 'None');
  return [...families, ...ips.slice(families.length).map((): Family => 'IPv4')];
}

/** Headless and without selector: its endpoints are someone else's, of any family. */
function openFamilies(families: readonly Family[], policy: string): readonly Family[] {
  const [first = 'IPv4', ...others] = families;
  if (others.length > 0 || policy === 'SingleStack') return [first, ...others];
  return [first, first === 'IPv4' ? 'IPv6' : 'IPv4'];
}

function checkFamilies({ spec }: Service, families: readonly Family[]): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const detail = 'this cluster is not configured for dual-stack services';
    errors.push(invalidError(policyField, spec.ipFamilyPolicy, detail));
  }
  for (const [index, family] of families.entries()) {
    if (family === 'IPv4') continue;
    errors.push(invalidError(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  }
  return errors;
}
