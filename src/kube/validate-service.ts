// Validation of a new Service, defaulted (core validation.go, ValidateService). Values that the server allocates itself
// (addresses, node ports, the health check's port) are checked where present and never required: allocation is no part of it.
import {
  duplicateError,
  forbiddenError,
  invalidError,
  invalidErrors,
  notSupportedError,
  requiredError,
} from './field-error.ts';
import type { FieldError } from './field-error.ts';
import type { IntOrString, Service, ServicePort, ServiceSpec } from './core-types.ts';
import { validateCidr, validateEndpointIp, validateIp } from './ip-address.ts';
import {
  checkLabel,
  checkPortName,
  checkPortNumber,
  checkQualifiedName,
  checkServiceName,
  checkSubdomain,
} from './names.ts';
import { validateClusterIps } from './validate-cluster-ips.ts';
import { validateLabels, validateObjectMeta } from './validate-metadata.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];
const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const trafficPolicies = ['Cluster', 'Local'];
const trafficDistributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const sourceRangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const topologyHintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const topologyModeAnnotation = 'service.kubernetes.io/topology-mode';

/** True for `clusterIP: None`. */
export function isHeadless(service: Service): boolean {
  const ips = service.spec.clusterIPs ?? [];
  return ips.length === 1 && ips[0] === 'None';
}

/** A new Service; or a changed one, in which addresses that the stored one has already are tolerated. */
export function validateServiceCreate(service: Service, old?: Service): FieldError[] {
  const { spec } = service;
  const ports = spec.ports ?? [];
  const errors = validateObjectMeta(service.metadata, { namespaced: true, checkName: checkServiceName });
  errors.push(...validateTopologyAnnotations(service));
  if (ports.length === 0 && !isHeadless(service) && spec.type !== 'ExternalName') {
    errors.push(requiredError('spec.ports'));
  }
  errors.push(...validateByType(service));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    errors.push(...validateServicePort(`spec.ports[${index}]`, port, ports.length > 1, names));
  }
  return [
    ...errors,
    ...validateLabels('spec.selector', spec.selector),
    ...validateAffinity(spec),
    ...validateClusterIps(service, old),
    ...validateExternalIps(spec, old),
    ...validateType(spec),
    ...validateDuplicatePorts(ports),
    ...validateSourceRanges(service, old),
    ...validateLoadBalancerFields(spec),
    ...validateTrafficPolicies(spec),
  ];
}

function validateTopologyAnnotations(service: Service): FieldError[] {
  const annotations = service.metadata.annotations ?? {};
  const hints = annotations[topologyHintsAnnotation];
  const mode = annotations[topologyModeAnnotation];
  if (hints === undefined || mode === undefined || hints === mode) return [];
  const detail = `must match annotations[${topologyHintsAnnotation}] when both are specified`;
  return [invalidError(`metadata.annotations[${topologyModeAnnotation}]`, mode, detail)];
}

function validateByType(service: Service): FieldError[] {
  const { spec } = service;
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (!isHeadless(service)) return [];
    const detail = `may not be set to 'None' for ${spec.type} services`;
    return [invalidError('spec.clusterIPs[0]', 'None', detail)];
  }
  if (spec.type !== 'ExternalName') return [];
  const detail = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbiddenError('spec.clusterIPs', detail));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbiddenError('spec.ipFamilies', detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenError('spec.ipFamilyPolicy', detail));
  // A trailing dot marks the name as fully qualified.
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(requiredError('spec.externalName'));
  else errors.push(...invalidErrors('spec.externalName', name, checkSubdomain(name)));
  return errors;
}

function validateServicePort(
  field: string,
  port: ServicePort,
  isNameRequired: boolean,
  names: Set<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const name = port.name ?? '';
  if (name !== '') {
    errors.push(...invalidErrors(`${field}.name`, name, checkLabel(name)));
    if (names.has(name)) errors.push(duplicateError(`${field}.name`, name));
    names.add(name);
  } else if (isNameRequired) errors.push(requiredError(`${field}.name`));
  return [
    ...errors,
    ...invalidErrors(`${field}.port`, port.port, checkPortNumber(port.port)),
    ...validateProtocol(`${field}.protocol`, port.protocol),
    ...validateTargetPort(`${field}.targetPort`, port.targetPort),
    ...validateAppProtocol(`${field}.appProtocol`, port.appProtocol),
  ];
}

/** `TCP`, `UDP` or `SCTP`; required. */
export function validateProtocol(field: string, protocol: string): FieldError[] {
  if (protocol === '') return [requiredError(field)];
  return protocols.includes(protocol) ? [] : [notSupportedError(field, protocol, protocols)];
}

/** A qualified name, if present. */
export function validateAppProtocol(field: string, appProtocol: string | undefined): FieldError[] {
  return appProtocol === undefined ? [] : invalidErrors(field, appProtocol, checkQualifiedName(appProtocol));
}

function validateTargetPort(field: string, port: IntOrString): FieldError[] {
  return invalidErrors(field, port, typeof port === 'number' ? checkPortNumber(port) : checkPortName(port));
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const affinity: string = spec.sessionAffinity;
  const field = 'spec.sessionAffinityConfig';
  if (affinity === '') return [requiredError('spec.sessionAffinity')];
  if (affinity === 'None') {
    if (spec.sessionAffinityConfig === undefined) return [];
    return [forbiddenError(field, 'must not be set when session affinity is None')];
  }
  if (affinity !== 'ClientIP') {
    return [notSupportedError('spec.sessionAffinity', affinity, ['ClientIP', 'None'])];
  }
  const detail = 'when session affinity type is ClientIP';
  const clientIp = spec.sessionAffinityConfig?.clientIP;
  if (spec.sessionAffinityConfig === undefined) return [requiredError(field, detail)];
  if (clientIp === undefined) return [requiredError(`${field}.clientIP`, detail)];
  const seconds = clientIp.timeoutSeconds;
  if (seconds === undefined) return [requiredError(`${field}.clientIP.timeoutSeconds`, detail)];
  if (seconds > 0 && seconds <= 86400) return [];
  const range = 'must be greater than 0 and less than 86400';
  return [invalidError(`${field}.clientIP.timeoutSeconds`, seconds, range)];
}

function validateExternalIps(spec: ServiceSpec, old?: Service): FieldError[] {
  return (spec.externalIPs ?? []).flatMap((ip, index) => {
    const field = `spec.externalIPs[${index}]`;
    const errors = validateIp(field, ip, old?.spec.externalIPs);
    return errors.length > 0 ? errors : validateEndpointIp(field, ip, false);
  });
}

function validateType(spec: ServiceSpec): FieldError[] {
  const type: string = spec.type;
  if (type === '') return [requiredError('spec.type')];
  if (!serviceTypes.includes(type)) return [notSupportedError('spec.type', type, serviceTypes)];
  if (type !== 'ClusterIP') return [];
  return (spec.ports ?? []).flatMap((port, index) =>
    (port.nodePort ?? 0) === 0
      ? []
      : [forbiddenError(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'")],
  );
}

function validateDuplicatePorts(ports: readonly ServicePort[]): FieldError[] {
  const nodePortErrors: FieldError[] = [];
  const portErrors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { protocol, port, nodePort = 0 }] of ports.entries()) {
    const field = `spec.ports[${index}]`;
    if (nodePort !== 0 && seen.has(`node ${protocol} ${nodePort}`)) {
      nodePortErrors.push(duplicateError(`${field}.nodePort`, nodePort));
    }
    if (seen.has(`${protocol} ${port}`)) {
      // The server prints its internal struct, whose members have no JSON names.
      const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      portErrors.push(duplicateError(field, key));
    }
    seen.add(`node ${protocol} ${nodePort}`).add(`${protocol} ${port}`);
  }
  return [...nodePortErrors, ...portErrors];
}

function validateSourceRanges(service: Service, old?: Service): FieldError[] {
  const { loadBalancerSourceRanges: ranges = [], type } = service.spec;
  const annotation = service.metadata.annotations?.[sourceRangesAnnotation];
  const detail = "may only be used when `type` is 'LoadBalancer'";
  if (ranges.length > 0) {
    // The capital letter is the server's.
    const field = 'spec.LoadBalancerSourceRanges';
    return [
      ...(type === 'LoadBalancer' ? [] : [forbiddenError(field, detail)]),
      ...ranges.flatMap((range, index) =>
        validateCidr(`${field}[${index}]`, range.trim(), old?.spec.loadBalancerSourceRanges),
      ),
    ];
  }
  if (annotation === undefined) return [];
  const field = `metadata.annotations[${sourceRangesAnnotation}]`;
  const cidrs = annotation.trim() === '' ? [] : annotation.split(',');
  return [
    ...(type === 'LoadBalancer' ? [] : [forbiddenError(field, detail)]),
    ...cidrs.flatMap((range) => validateCidr(field, range.trim())),
  ];
}

function validateLoadBalancerFields(spec: ServiceSpec): FieldError[] {
  const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec;
  const detail = "may only be used when `type` is 'LoadBalancer'";
  if (spec.type === 'LoadBalancer') {
    return [
      ...(allocates === undefined ? [requiredError('allocateLoadBalancerNodePorts')] : []),
      ...(loadBalancerClass === undefined
        ? []
        : invalidErrors('spec.loadBalancerClass', loadBalancerClass, checkQualifiedName(loadBalancerClass))),
    ];
  }
  return [
    ...(allocates === undefined ? [] : [forbiddenError('spec.allocateLoadBalancerNodePorts', detail)]),
    ...(loadBalancerClass === undefined ? [] : [forbiddenError('spec.loadBalancerClass', detail)]),
  ];
}

/** True if addresses outside of the cluster may reach the Service. */
export function isExternallyAccessible(spec: Pick<ServiceSpec, 'type' | 'externalIPs'>): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true;
  return spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0;
}

/** True if the Service has a health check of its own. */
export function hasHealthCheck(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external: string = spec.externalTrafficPolicy ?? '';
  const field = 'spec.externalTrafficPolicy';
  if (!isExternallyAccessible(spec)) {
    const detail = 'may only be set for externally-accessible services';
    if (external !== '') errors.push(invalidError(field, external, detail));
  } else if (external === '') errors.push(requiredError(field));
  else if (!trafficPolicies.includes(external)) {
    errors.push(notSupportedError(field, external, trafficPolicies));
  }
  const healthPort = spec.healthCheckNodePort ?? 0;
  if (healthPort !== 0 && !hasHealthCheck(spec)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidError('spec.healthCheckNodePort', healthPort, detail));
  } else if (healthPort !== 0) {
    errors.push(...invalidErrors('spec.healthCheckNodePort', healthPort, checkPortNumber(healthPort)));
  }
  return [...errors, ...validateInternalTraffic(spec)];
}

function validateInternalTraffic(spec: ServiceSpec): FieldError[] {
  const internal: string | undefined = spec.internalTrafficPolicy;
  const field = 'spec.internalTrafficPolicy';
  const errors: FieldError[] = [];
  const isRequired = spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (internal === undefined && isRequired) errors.push(requiredError(field));
  if (internal !== undefined && !trafficPolicies.includes(internal)) {
    errors.push(notSupportedError(field, internal, trafficPolicies));
  }
  const distribution = spec.trafficDistribution;
  if (distribution !== undefined && !trafficDistributions.includes(distribution)) {
    errors.push(
      notSupportedError('spec.trafficDistribution', distribution, trafficDistributions, 'as given'),
    );
  }
  return errors;
}
