// Columns of what traffic is routed by: Ingress, IngressClass, Service, Endpoints, EndpointSlice, NetworkPolicy.
import type { ApiObject } from '../api-object.ts';
import { readList, readNumber, readObject, readText, readValue } from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { renderAddresses, renderFirst, renderLabels, renderSelectorCell } from './cell-text.ts';
import { ageColumn, ageOf, column, nameColumn, wideColumn } from './columns.ts';

const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';
const maxHosts = 3;

export const ingressPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Class', 'Name of the IngressClass that says which controller fulfils the Ingress.'),
    column('Hosts', 'Hosts of the rules; an asterisk stands for every host.'),
    column('Address', 'Addresses at which the Ingress is reached.'),
    column('Ports', 'Ports on which the Ingress listens.'),
    ageColumn,
  ],
  cells: (ingress, nowMs) => {
    const className = readValue(ingress, 'spec', 'ingressClassName');
    return [
      ingress.metadata.name,
      typeof className === 'string' ? className : '<none>',
      renderHosts(readList(ingress, 'spec', 'rules')),
      renderAddresses(readList(ingress, 'status', 'loadBalancer', 'ingress')),
      readList(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80',
      ageOf(ingress, nowMs),
    ];
  },
};

/** How many more there are is counted in rules, whether they name a host or not, as in kube. */
function renderHosts(rules: readonly unknown[]): string {
  const hosts: string[] = [];
  let isCut = false;
  for (const rule of rules) {
    if (hosts.length === maxHosts) isCut = true;
    const host = readText(rule, 'host');
    if (!isCut && host !== '') hosts.push(host);
  }
  if (hosts.length === 0) return '*';
  return isCut ? `${hosts.join(',')} + ${rules.length - maxHosts} more...` : hosts.join(',');
}

export const ingressClassPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Controller', 'Controller that fulfils Ingresses of the class.'),
    column('Parameters', 'Object with further settings of the class.'),
    ageColumn,
  ],
  cells: (ingressClass, nowMs) => {
    const annotations = readObject(ingressClass, 'metadata', 'annotations');
    const isDefault = readText(annotations, defaultClassAnnotation) === 'true';
    return [
      isDefault ? `${ingressClass.metadata.name} (default)` : ingressClass.metadata.name,
      readText(ingressClass, 'spec', 'controller'),
      renderParameters(readValue(ingressClass, 'spec', 'parameters')),
      ageOf(ingressClass, nowMs),
    ];
  },
};

function renderParameters(parameters: unknown): string {
  if (parameters === undefined || parameters === null) return '<none>';
  const group = readValue(parameters, 'apiGroup');
  const suffix = typeof group === 'string' ? `.${group}` : '';
  return `${readText(parameters, 'kind')}${suffix}/${readText(parameters, 'name')}`;
}

export const servicePrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Type', 'How far the Service is published.'),
    column('Cluster-IP', 'Address of the Service inside of the cluster.'),
    column('External-IP', 'Addresses of the Service outside of the cluster.'),
    column('Port(s)', 'Ports of the Service, with the port of the nodes where it has one.'),
    ageColumn,
    wideColumn('Selector', 'Labels of the pods behind the Service.'),
  ],
  cells: (service, nowMs) => {
    const [clusterIp] = readList(service, 'spec', 'clusterIPs');
    const ports = readList(service, 'spec', 'ports').map(renderServicePort).join(',');
    return [
      service.metadata.name,
      readText(service, 'spec', 'type'),
      typeof clusterIp === 'string' ? clusterIp : '<none>',
      renderExternalIp(service),
      ports === '' ? '<none>' : ports,
      ageOf(service, nowMs),
      renderLabels(readObject(service, 'spec', 'selector')),
    ];
  },
};

function renderServicePort(port: unknown): string {
  const nodePort = readNumber(port, 'nodePort');
  const number = readNumber(port, 'port');
  return `${nodePort > 0 ? `${number}:${nodePort}` : number}/${readText(port, 'protocol')}`;
}

function renderExternalIp(service: ApiObject): string {
  const externalIps = readList(service, 'spec', 'externalIPs').map(String);
  switch (readText(service, 'spec', 'type')) {
    case 'ClusterIP':
    case 'NodePort':
      return externalIps.length > 0 ? externalIps.join(',') : '<none>';
    case 'LoadBalancer': {
      const addresses = renderAddresses(readList(service, 'status', 'loadBalancer', 'ingress'));
      const all = [...(addresses === '' ? [] : [addresses]), ...externalIps];
      return all.length > 0 ? all.join(',') : '<pending>';
    }
    case 'ExternalName':
      return readText(service, 'spec', 'externalName');
    default:
      return '<unknown>';
  }
}

export const endpointsPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Endpoints', 'Addresses and ports behind the Service of this name.'),
    ageColumn,
  ],
  cells: (endpoints, nowMs) => {
    const subsets = readList(endpoints, 'subsets');
    const list = subsets.flatMap(listSubset);
    return [
      endpoints.metadata.name,
      subsets.length === 0 ? '<none>' : renderFirst(list),
      ageOf(endpoints, nowMs),
    ];
  },
};

function listSubset(subset: unknown): string[] {
  const ips = readList(subset, 'addresses').map((address) => readText(address, 'ip'));
  const ports = readList(subset, 'ports');
  if (ports.length === 0) return ips;
  return ports.flatMap((port) => ips.map((ip) => joinHostPort(ip, readNumber(port, 'port'))));
}

function joinHostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export const endpointSlicePrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('AddressType', 'Family of the addresses.'),
    column('Ports', 'Ports of every endpoint of the slice.'),
    column('Endpoints', 'Addresses of the endpoints.'),
    ageColumn,
  ],
  cells: (slice, nowMs) => [
    slice.metadata.name,
    readText(slice, 'addressType'),
    renderFirst(readList(slice, 'ports').map(renderSlicePort)) || '<unset>',
    renderFirst(
      readList(slice, 'endpoints').flatMap((endpoint) => readList(endpoint, 'addresses').map(String)),
    ) || '<unset>',
    ageOf(slice, nowMs),
  ],
};

function renderSlicePort(port: unknown): string {
  const number = readValue(port, 'port');
  if (typeof number === 'number') return String(number);
  const name = readValue(port, 'name');
  return typeof name === 'string' ? name : '*';
}

export const networkPolicyPrinter: TablePrinter = {
  columns: [nameColumn, column('Pod-Selector', 'Pods that the policy is for.'), ageColumn],
  cells: (policy, nowMs) => [
    policy.metadata.name,
    renderSelectorCell(readObject(policy, 'spec', 'podSelector')),
    ageOf(policy, nowMs),
  ],
};
