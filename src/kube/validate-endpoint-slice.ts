// Validation of EndpointSlice on create and on update (discovery validation.go), and of the legacy Endpoints (core).
// A cluster's API server refuses loopback addresses; a single machine, whose endpoints are local processes, accepts them.
import type { Endpoints, EndpointAddress, EndpointSubset, EndpointsPort } from './core-types.ts';
import type { EndpointHints, EndpointSlice, SliceEndpoint, SlicePort } from './endpoint-slice-types.ts';
import {
  duplicateError,
  invalidError,
  invalidErrors,
  notSupportedError,
  requiredError,
  tooManyError,
} from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { parseIpSloppy, validateCanonicalIp, validateEndpointIp, validateIp } from './ip-address.ts';
import { checkLabel, checkLabelValue, checkPortNumber, checkSubdomain, checkSubdomainName } from './names.ts';
import {
  validateImmutable,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validate-metadata.ts';
import { validateAppProtocol, validateProtocol } from './validate-service.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20000;
const maxTopologyLabels = 16;
const maxHints = 8;

export interface EndpointValidationOptions {
  /** Accept 127.0.0.0/8 and ::1. */
  readonly allowLoopback: boolean;
}

/** A new EndpointSlice, defaulted. */
export function validateEndpointSliceCreate(
  slice: EndpointSlice,
  options: EndpointValidationOptions,
): FieldError[] {
  const addressType: string = slice.addressType;
  return [
    ...validateObjectMeta(slice.metadata, { namespaced: true, checkName: checkSubdomainName }),
    ...(addressType === ''
      ? [requiredError('addressType')]
      : addressTypes.includes(addressType)
        ? []
        : [notSupportedError('addressType', addressType, addressTypes)]),
    ...validateSliceEndpoints(slice, options),
    ...validateSlicePorts(slice.ports ?? []),
  ];
}

/** A changed EndpointSlice: the address type is immutable. */
export function validateEndpointSliceUpdate(
  slice: EndpointSlice,
  old: EndpointSlice,
  options: EndpointValidationOptions,
): FieldError[] {
  return [
    ...validateEndpointSliceCreate(slice, options),
    ...validateImmutable('addressType', slice.addressType, old.addressType),
  ];
}

function validateSliceEndpoints(slice: EndpointSlice, options: EndpointValidationOptions): FieldError[] {
  const { endpoints } = slice;
  if (endpoints.length > maxEndpoints) return [tooManyError('endpoints', endpoints.length, maxEndpoints)];
  return endpoints.flatMap((endpoint, index) =>
    validateSliceEndpoint(`endpoints[${index}]`, endpoint, slice.addressType, options),
  );
}

function validateSliceEndpoint(
  field: string,
  endpoint: SliceEndpoint,
  addressType: string,
  options: EndpointValidationOptions,
): FieldError[] {
  const { addresses, nodeName, deprecatedTopology, hostname, hints } = endpoint;
  const errors: FieldError[] = [];
  if (addresses.length === 0) {
    errors.push(requiredError(`${field}.addresses`, 'must contain at least 1 address'));
  } else if (addresses.length > maxAddresses) {
    errors.push(tooManyError(`${field}.addresses`, addresses.length, maxAddresses));
  }
  for (const [index, address] of addresses.entries()) {
    errors.push(...validateAddress(`${field}.addresses`, index, address, addressType, options));
  }
  if (nodeName !== undefined) {
    errors.push(...invalidErrors(`${field}.nodeName`, nodeName, checkSubdomain(nodeName)));
  }
  const topologyCount = Object.keys(deprecatedTopology ?? {}).length;
  if (topologyCount > maxTopologyLabels) {
    errors.push(tooManyError(`${field}.deprecatedTopology`, topologyCount, maxTopologyLabels));
  }
  errors.push(...validateLabels(`${field}.deprecatedTopology`, deprecatedTopology));
  if (hostname !== undefined) {
    errors.push(...invalidErrors(`${field}.hostname`, hostname, checkLabel(hostname)));
  }
  return hints === undefined ? errors : [...errors, ...validateHints(`${field}.hints`, hints)];
}

function validateAddress(
  list: string,
  index: number,
  address: string,
  addressType: string,
  options: EndpointValidationOptions,
): FieldError[] {
  const field = `${list}[${index}]`;
  if (addressType === 'FQDN') return validateDomainName(field, address);
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return [];
  const errors = addressType === 'IPv6' ? validateCanonicalIp(field, address) : validateIp(field, address);
  if (errors.length > 0) return errors;
  const isFamily = (parseIpSloppy(address)?.length === 4) === (addressType === 'IPv4');
  // The server names the list here, not the address.
  if (!isFamily) errors.push(invalidError(list, address, `must be an ${addressType} address`));
  return [...errors, ...validateEndpointIp(field, address, options.allowLoopback)];
}

/** A name of at least two labels, each at most 63 bytes; one trailing dot is allowed (IsFullyQualifiedDomainName). */
function validateDomainName(field: string, address: string): FieldError[] {
  if (address === '') return [requiredError(field)];
  const name = address.replace(/\.$/, '');
  const messages = checkSubdomain(name);
  if (messages.length > 0) return [invalidError(field, name, messages.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) {
    const detail = 'should be a domain with at least two segments separated by dots';
    return [invalidError(field, name, detail)];
  }
  const badLabel = labels.find((label) => checkLabel(label).length > 0);
  return badLabel === undefined ? [] : [invalidError(field, badLabel, checkLabel(badLabel).join(','))];
}

function validateHints(field: string, hints: EndpointHints): FieldError[] {
  const { forZones = [], forNodes = [] } = hints;
  const zoneErrors = validateHintList(`${field}.forZones`, forZones, checkLabelValue);
  if (forZones.length > maxHints) return zoneErrors;
  return [...zoneErrors, ...validateHintList(`${field}.forNodes`, forNodes, checkSubdomain)];
}

function validateHintList(
  field: string,
  hints: readonly { readonly name: string }[],
  checkName: (name: string) => string[],
): FieldError[] {
  if (hints.length > maxHints) return [tooManyError(field, hints.length, maxHints)];
  const seen = new Set<string>();
  return hints.flatMap(({ name }, index) => {
    const nameField = `${field}[${index}].name`;
    const duplicates = seen.has(name) ? [duplicateError(nameField, name)] : [];
    seen.add(name);
    return [...duplicates, ...invalidErrors(nameField, name, checkName(name))];
  });
}

function validateSlicePorts(ports: readonly SlicePort[]): FieldError[] {
  if (ports.length > maxPorts) return [tooManyError('ports', ports.length, maxPorts)];
  const seen = new Set<string>();
  return ports.flatMap(({ name, protocol, appProtocol }, index) => {
    const field = `ports[${index}]`;
    const errors = name === '' ? [] : invalidErrors(`${field}.name`, name, checkLabel(name));
    if (seen.has(name)) errors.push(duplicateError(`${field}.name`, name));
    seen.add(name);
    return [
      ...errors,
      ...validateSlicePortProtocol(`${field}.protocol`, protocol),
      ...validateAppProtocol(`${field}.appProtocol`, appProtocol),
    ];
  });
}

/** A present but empty protocol is a value that is not supported, unlike in a Service. */
function validateSlicePortProtocol(field: string, protocol: string): FieldError[] {
  if (protocol === '') return [notSupportedError(field, protocol, ['SCTP', 'TCP', 'UDP'])];
  return validateProtocol(field, protocol);
}

/** A new legacy Endpoints object, defaulted. */
export function validateEndpointsCreate(
  endpoints: Endpoints,
  options: EndpointValidationOptions,
): FieldError[] {
  return [
    ...validateObjectMeta(endpoints.metadata, { namespaced: true, checkName: checkSubdomainName }),
    ...(endpoints.subsets ?? []).flatMap((subset, index) =>
      validateSubset(`subsets[${index}]`, subset, options),
    ),
  ];
}

/** A changed legacy Endpoints object. */
export function validateEndpointsUpdate(
  endpoints: Endpoints,
  old: Endpoints,
  options: EndpointValidationOptions,
): FieldError[] {
  return [
    ...validateObjectMetaUpdate(endpoints.metadata, old.metadata),
    ...validateEndpointsCreate(endpoints, options),
  ];
}

function validateSubset(
  field: string,
  subset: EndpointSubset,
  options: EndpointValidationOptions,
): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  const isEmpty = addresses.length === 0 && notReadyAddresses.length === 0;
  return [
    ...(isEmpty ? [requiredError(field, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...addresses.flatMap((address, index) =>
      validateSubsetAddress(`${field}.addresses[${index}]`, address, options),
    ),
    ...notReadyAddresses.flatMap((address, index) =>
      validateSubsetAddress(`${field}.notReadyAddresses[${index}]`, address, options),
    ),
    ...ports.flatMap((port, index) => validateSubsetPort(`${field}.ports[${index}]`, port, ports.length > 1)),
  ];
}

function validateSubsetAddress(
  field: string,
  address: EndpointAddress,
  options: EndpointValidationOptions,
): FieldError[] {
  const { ip, hostname = '', nodeName } = address;
  return [
    ...validateIp(`${field}.ip`, ip),
    ...(hostname === '' ? [] : invalidErrors(`${field}.hostname`, hostname, checkLabel(hostname))),
    ...(nodeName === undefined ? [] : invalidErrors(`${field}.nodeName`, nodeName, checkSubdomain(nodeName))),
    // What is no address is said twice by the server too.
    ...validateEndpointIp(`${field}.ip`, ip, options.allowLoopback),
  ];
}

function validateSubsetPort(field: string, port: EndpointsPort, isNameRequired: boolean): FieldError[] {
  const name = port.name ?? '';
  const nameErrors =
    name === ''
      ? isNameRequired
        ? [requiredError(`${field}.name`)]
        : []
      : invalidErrors(`${field}.name`, name, checkLabel(name));
  return [
    ...nameErrors,
    ...invalidErrors(`${field}.port`, port.port, checkPortNumber(port.port)),
    ...validateProtocol(`${field}.protocol`, port.protocol),
    ...validateAppProtocol(`${field}.appProtocol`, port.appProtocol),
  ];
}
