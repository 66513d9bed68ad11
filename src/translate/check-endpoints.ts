// Tells the owners of slices, Endpoints and external names which of their addresses are not dialled, and why.
import type { Endpoints, EndpointSlice, Service } from '../kube/index.ts';
import type { ObjectRef, Problem } from '../model/index.ts';
import { refuseAddress, refuseExternalName } from '../std/endpoint-address.ts';
import { quoteValue } from './problems.ts';
import type { ServiceObjects } from './resolve-upstream.ts';
import { readServiceSettings } from './service-annotations.ts';
import { checkSliceAnnotations } from './service-policies.ts';
import { membersOf, textOf } from './shape.ts';

/** Problems of the objects behind one Service. */
export function checkEndpoints(objects: ServiceObjects, allowLoopback: boolean): Problem[] {
  return [...readServiceSettings(objects.service).problems, ...checkAddresses(objects, allowLoopback)];
}

function checkAddresses(objects: ServiceObjects, allowLoopback: boolean): Problem[] {
  const { service, slices, endpoints } = objects;
  if (service?.spec?.type === 'ExternalName') return checkExternalName(service, allowLoopback);
  if (slices.length > 0) return slices.flatMap((slice) => checkSlice(slice, allowLoopback));
  return endpoints === undefined ? [] : checkSubsets(endpoints, allowLoopback);
}

function checkExternalName(service: Service, allowLoopback: boolean): Problem[] {
  const name = textOf(service.spec.externalName);
  const refused = refuseExternalName(name.replace(/\.$/, ''), allowLoopback);
  if (refused === null) return [];
  const message = `external name ${quoteValue(name)} ${refused} and is not dialled`;
  return [invalid(service, 'spec.externalName', message)];
}

function checkSlice(slice: EndpointSlice, allowLoopback: boolean): Problem[] {
  if (slice.addressType === 'FQDN') {
    return [invalid(slice, 'addressType', 'address type "FQDN" is not supported, wanted "IPv4" or "IPv6"')];
  }
  const ofAddresses = membersOf(slice.endpoints).flatMap(([index, { addresses }]) =>
    checkAddress(slice, `endpoints[${index}].addresses[0]`, addresses?.[0], allowLoopback),
  );
  return [...checkSliceAnnotations(slice), ...ofAddresses];
}

function checkSubsets(endpoints: Endpoints, allowLoopback: boolean): Problem[] {
  return membersOf(endpoints.subsets).flatMap(([index, { addresses }]) =>
    membersOf(addresses).flatMap(([place, { ip }]) =>
      checkAddress(endpoints, `subsets[${index}].addresses[${place}].ip`, ip, allowLoopback),
    ),
  );
}

type EndpointOwner = Service | EndpointSlice | Endpoints;

function checkAddress(
  owner: EndpointOwner,
  field: string,
  address: unknown,
  allowLoopback: boolean,
): Problem[] {
  const refused = refuseAddress(textOf(address), allowLoopback);
  if (refused === null) return [];
  return [
    invalid(owner, field, `endpoint address ${quoteValue(textOf(address))} ${refused} and is not dialled`),
  ];
}

function invalid(owner: EndpointOwner, field: string, message: string): Problem {
  const object: ObjectRef = {
    kind: owner.kind,
    namespace: textOf(owner.metadata.namespace),
    name: owner.metadata.name,
  };
  return { code: 'InvalidEndpoint', severity: 'error', object, field, message };
}
