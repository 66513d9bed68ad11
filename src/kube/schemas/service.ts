// Service: a stable name and address for a set of endpoints.
import {
  atomicList,
  atomicMap,
  boolean,
  field,
  filled,
  int32,
  intOrString,
  mapList,
  pointer,
  required,
  structOf,
  text,
  textOf,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { condition, kindOf } from './meta.ts';

const servicePort: StructSchema = structOf('v1.ServicePort', {
  name: field(1, text, 'Name of the port, unique within the Service; required if there are several.'),
  protocol: field(2, textOf('v1.Protocol'), '`TCP` (default), `UDP` or `SCTP`.', { defaultText: 'TCP' }),
  appProtocol: pointer(6, text, 'What is spoken on the port, e.g. `http`, `https` or `kubernetes.io/h2c`.'),
  port: required(3, int32, 'Port that the Service offers.'),
  targetPort: field(
    4,
    intOrString,
    'Number or name of the port at the endpoints; by default the same as port.',
  ),
  nodePort: field(5, int32, 'Port on every node, for types NodePort and LoadBalancer; chosen if absent.'),
});

const clientIPConfig: StructSchema = structOf('v1.ClientIPConfig', {
  timeoutSeconds: pointer(
    1,
    int32,
    'Seconds for which a client stays with its endpoint, 1 to 86400; by default 10800.',
  ),
});

const sessionAffinityConfig: StructSchema = structOf('v1.SessionAffinityConfig', {
  clientIP: field(1, clientIPConfig, 'Settings of affinity by client address.'),
});

const serviceSpec: StructSchema = structOf('v1.ServiceSpec', {
  ports: field(1, mapList(servicePort, ['port', 'protocol'], 'port'), 'The ports that the Service offers.'),
  selector: field(
    2,
    atomicMap(text),
    'Labels of the pods that are the endpoints; absent when endpoints are written by hand.',
  ),
  clusterIP: field(3, text, 'Virtual address; assigned if absent, `None` for a headless Service.'),
  clusterIPs: field(
    18,
    atomicList(text),
    'All virtual addresses, one for each IP family; the first equals clusterIP.',
  ),
  type: field(
    4,
    textOf('v1.ServiceType'),
    '`ClusterIP` (default), `NodePort`, `LoadBalancer` or `ExternalName`.',
  ),
  externalIPs: field(5, atomicList(text), 'Further addresses at which nodes accept traffic for the Service.'),
  sessionAffinity: field(
    7,
    textOf('v1.ServiceAffinity'),
    '`ClientIP` keeps a client at one endpoint; `None` (default) does not.',
  ),
  loadBalancerIP: field(
    8,
    text,
    'Address wanted from the load balancer; deprecated, and its meaning varies.',
  ),
  loadBalancerSourceRanges: field(
    9,
    atomicList(text),
    'Client ranges (CIDR) that the load balancer lets in.',
  ),
  externalName: field(10, text, 'Host name for which the Service is an alias, for type ExternalName.'),
  externalTrafficPolicy: field(
    11,
    textOf('v1.ServiceExternalTrafficPolicy'),
    '`Cluster` or `Local` (endpoints of the receiving node only) for traffic from outside.',
  ),
  healthCheckNodePort: field(
    12,
    int32,
    'Port at which nodes tell whether they have endpoints, with policy `Local`.',
  ),
  publishNotReadyAddresses: field(13, boolean, 'Treats endpoints as ready although they are not.'),
  sessionAffinityConfig: field(14, sessionAffinityConfig, 'Settings of session affinity.'),
  ipFamilies: field(
    19,
    atomicList(textOf('v1.IPFamily')),
    '`IPv4`, `IPv6` or both, in the order of clusterIPs.',
  ),
  ipFamilyPolicy: pointer(
    17,
    textOf('v1.IPFamilyPolicy'),
    '`SingleStack`, `PreferDualStack` or `RequireDualStack`.',
  ),
  allocateLoadBalancerNodePorts: pointer(
    20,
    boolean,
    'Whether a load balancer gets node ports; true by default.',
  ),
  loadBalancerClass: pointer(
    21,
    text,
    'The implementation that is to provide the load balancer; cannot be changed.',
  ),
  internalTrafficPolicy: pointer(
    22,
    textOf('v1.ServiceInternalTrafficPolicy'),
    '`Cluster` or `Local` (endpoints of the sending node only) for traffic from inside.',
  ),
  trafficDistribution: pointer(23, text, 'Which endpoints to prefer, e.g. `PreferClose`; a hint.'),
});

const portStatus: StructSchema = structOf('v1.PortStatus', {
  port: required(1, int32, 'Port number.'),
  protocol: required(2, textOf('v1.Protocol'), '`TCP`, `UDP` or `SCTP`.'),
  error: pointer(3, text, 'Why the port is not served, as a CamelCase word.'),
});

const loadBalancerIngress: StructSchema = structOf('v1.LoadBalancerIngress', {
  ip: field(1, text, 'Address of the load balancer.'),
  hostname: field(2, text, 'Host name of the load balancer, when it has no fixed address.'),
  ipMode: pointer(
    3,
    textOf('v1.LoadBalancerIPMode'),
    '`VIP` or `Proxy`: how traffic to ip reaches the nodes.',
  ),
  ports: field(4, atomicList(portStatus), 'State of the single ports.'),
});

const loadBalancerStatus: StructSchema = structOf('v1.LoadBalancerStatus', {
  ingress: field(1, atomicList(loadBalancerIngress), 'The points at which the load balancer takes traffic.'),
});

const serviceStatus: StructSchema = structOf('v1.ServiceStatus', {
  loadBalancer: field(1, loadBalancerStatus, 'Where the load balancer is reached, once it is.'),
  conditions: field(2, mapList(condition, ['type'], 'type'), 'Current observations about the Service.'),
});

export const serviceSchema: StructSchema = kindOf('v1.Service', {
  spec: filled(2, serviceSpec, 'What is offered, and by which pods.'),
  status: field(3, serviceStatus, 'What the load balancer reports; written by controllers.'),
});
